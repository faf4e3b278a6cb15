"""Two neutral services made of the chassis alone: a shop takes orders, a mill makes the parts.

Run as a program it is one process of one of them: `toy.py FOLDER ROLE SERVICE`, or
`toy.py FOLDER place KEY`.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
)
from tests.support.chaos import ChaosBroker, Faults
from tests.support.parties import Acknowledged, Party

from chassis.clock import derived_id, new_id, now, now_us
from chassis.envelope import Event, Message
from chassis.messaging.brokers import open_broker
from chassis.messaging.errors import Poison
from chassis.messaging.port import Broker, TopicSpec
from chassis.messaging.process import run_until_stopped
from chassis.messaging.receiving.admission import Breaker
from chassis.messaging.receiving.inbox import inbox_tables
from chassis.messaging.receiving.worker import Worker
from chassis.messaging.sending.outbox import Outbox, outbox_tables
from chassis.messaging.sending.relay import Relay
from chassis.storage.audit import Audit, AuditRow, audit_table
from chassis.storage.crash import crash_point
from chassis.storage.database import Database
from chassis.storage.idempotency import IdempotencyKeys, Stored, idempotency_table

ORDERS, PRODUCED = "shop.order.v1", "mill.part.v1"
TENANT = "acme"


class Service:
    """What both have: a database with an effect table, the chassis' tables, a broker."""

    name = ""
    hears = ""
    handled = frozenset[str]()
    answers = frozenset[str]()

    def __init__(
        self, folder: Path, faults: Faults | None = None, seed: int = 0, url: str | None = None
    ) -> None:
        self.folder = folder
        self.calls: list[int] = []
        self.run_dir = folder / self.name
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.metadata = MetaData()
        self.outbox = outbox_tables(self.metadata)
        self.inbox = inbox_tables(self.metadata)
        self.audit = audit_table(self.metadata)
        self.keys = idempotency_table(self.metadata)
        self.effects = _effects_table(self.metadata)
        self.database = Database.open(url or f"sqlite:///{self.run_dir}/{self.name}.db")
        self._migrate()
        self.log = open_broker(f"local://{folder}/log")
        self.log.ensure_topics([TopicSpec(ORDERS), TopicSpec(PRODUCED)])
        self.broker: Broker = ChaosBroker(self.log, faults, seed) if faults else self.log

    def _migrate(self) -> None:
        with self.database.read() as connection:
            if inspect(connection).has_table("effect"):
                return
        with self.database.write() as connection:
            self.metadata.create_all(connection)

    def relay(self, **options: int) -> Relay:
        return Relay(self.database, self.outbox, self.broker, self.run_dir, **options)

    def worker(self, *, breaker: Breaker | None = None, retry_us: int = 50_000) -> Worker:
        subscriptions = {self.hears: dict.fromkeys(self.handled, self.apply)}
        return Worker(
            self.database,
            self.inbox,
            self.broker,
            self.name,
            subscriptions,
            self.stopped,
            self.run_dir,
            breaker=breaker,
            retry_us=retry_us,
        )

    def apply(self, connection: Connection, messages: Sequence[Message]) -> None:
        self.calls.append(len(messages))
        for message in messages:
            self._bug(message)
        rows = [_effect(message) for message in messages]
        connection.execute(insert(self.effects), rows)
        Audit(connection, self.audit).add_all(
            [_audit_row(self.name, message) for message in messages]
        )
        Outbox(connection, self.outbox).add_all([self.answer(m) for m in messages if self.answers])

    def answer(self, message: Message) -> Event:
        return event(PRODUCED, "part.made", message.subject, message.revision, cause=message)

    def stopped(self, connection: Connection, message: Message, code: str) -> None:
        made = event(
            PRODUCED,
            "work.stopped",
            message.subject,
            message.revision,
            cause=message,
            data={"code": code},
        )
        if self.answers:
            Outbox(connection, self.outbox).add(made)

    def _bug(self, message: Message) -> None:
        if message.data == b"not json":
            message.json()
        if not message.dataschema.endswith("/1"):
            raise Poison("unknown-version", "the version of the body is not known")
        for kind, act in _BUGS.items():
            path = self.run_dir / f"bug-{kind}"
            if path.exists() and message.subject in path.read_text(encoding="utf-8").split():
                if kind == "freeze":
                    path.unlink()  # once is enough
                act()

    def break_for(self, kind: str, subjects: Sequence[str]) -> None:
        (self.run_dir / f"bug-{kind}").write_text(" ".join(subjects), encoding="utf-8")

    def broken(self, kind: str) -> bool:
        return (self.run_dir / f"bug-{kind}").exists()

    def fix(self, kind: str) -> None:
        (self.run_dir / f"bug-{kind}").unlink()

    def party(self) -> Party:
        return Party(
            name=self.name,
            database=self.database,
            outbox=self.outbox,
            inbox=self.inbox,
            audit=self.audit,
            hears={self.hears: self.handled},
            answers=self.answers,
        )

    def count(self, table: FromClause, **where: object) -> int:
        chosen = [table.c[name] == value for name, value in where.items()]
        with self.database.read() as connection:
            return connection.execute(
                select(func.count()).select_from(table).where(*chosen)
            ).scalar_one()


class Shop(Service):
    """Takes orders, and notes the parts that were made."""

    name = "shop"
    hears = PRODUCED
    handled = frozenset({"part.made"})

    def place(self, subject: str, revisions: int = 1) -> list[Acknowledged]:
        """Accept revisions of one order; returns what a client would be told."""
        with self.database.write() as connection:
            numbers = [self._accept(connection, subject) for _ in range(revisions)]
        return [Acknowledged(ORDERS, TENANT, subject, number) for number in numbers]

    def place_all(self, subjects: Sequence[str]) -> list[Acknowledged]:
        """Accept many orders in one transaction."""
        with self.database.write() as connection:
            Outbox(connection, self.outbox).add_all([placed(subject) for subject in subjects])
            numbers = [self._newest(connection, subject) for subject in subjects]
        return [
            Acknowledged(ORDERS, TENANT, *placed_one)
            for placed_one in zip(subjects, numbers, strict=True)
        ]

    def place_once(self, key: str) -> bytes:
        """Accept a command with an idempotency key, as a door would."""
        with self.database.write() as connection:
            keys = IdempotencyKeys(connection, self.keys)
            known = keys.claim(TENANT, "client", key, "hash")
            if known is not None:
                return known.response
            crash_point("toy.before_insert")
            subject = new_id()
            self._accept(connection, subject)
            crash_point("toy.after_insert")
            stored = Stored(202, json.dumps({"subject": subject}).encode(), "{}")
            keys.store(TENANT, "client", key, stored)
        crash_point("toy.before_answer")
        return stored.response

    def _accept(self, connection: Connection, subject: str) -> int:
        Outbox(connection, self.outbox).add(placed(subject))
        return self._newest(connection, subject)

    def _newest(self, connection: Connection, subject: str) -> int:
        head = self.outbox.head.c
        chosen = select(head.last_seq).where(head.topic == ORDERS, head.subject == subject)
        return connection.execute(chosen).scalar_one()


class Mill(Service):
    """Makes a part of each order."""

    name = "mill"
    hears = ORDERS
    handled = frozenset({"order.placed"})
    answers = frozenset({"order.placed"})


SERVICES: dict[str, type[Service]] = {"shop": Shop, "mill": Mill}


def event(
    topic: str,
    kind: str,
    subject: str,
    revision: int,
    *,
    cause: Message | None = None,
    data: object = None,
    version: int = 1,
) -> Event:
    return Event(
        topic=topic,
        type=kind,
        tenant_id=TENANT,
        subject=subject,
        revision=revision,
        data=json.dumps(data if data is not None else {"subject": subject}).encode(),
        source="/toy",
        dataschema=f"toy/{kind}/{version}",
        event_id=derived_id(cause.event_id, kind, "0") if cause else new_id(),
        correlation_id=cause.correlation_id if cause else "request",
        causation_id=cause.event_id if cause else None,
        occurred_at=now().isoformat(),
    )


def placed(subject: str, revision: int = 1) -> Event:
    return event(ORDERS, "order.placed", subject, revision)


def _effects_table(metadata: MetaData) -> Table:
    """A second effect of the same message violates the key: doing it twice cannot go unseen."""
    return Table(
        "effect",
        metadata,
        Column("cause", Text, primary_key=True),
        Column("subject", Text, nullable=False),
        Column("sequence", Integer, nullable=False),
    )


def _effect(message: Message) -> dict[str, object]:
    return {"cause": message.event_id, "subject": message.subject, "sequence": message.sequence}


def _audit_row(actor: str, message: Message) -> AuditRow:
    return AuditRow(
        tenant_id=message.tenant_id,
        subject=message.subject,
        revision=message.revision,
        action=message.type,
        actor=actor,
        cause=message.event_id,
        at=now_us(),
    )


def _raise() -> None:
    raise ZeroDivisionError


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _freeze() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


_BUGS: dict[str, Callable[[], None]] = {"raise": _raise, "die": _die, "freeze": _freeze}


class NoLock:
    """A lock that anybody has at any time."""

    held = True

    def __init__(self, database: Database) -> None:
        self.read, self.write = database.read, database.write

    def take(self) -> bool:
        return True

    def release(self) -> None:
        """Nothing to give back."""


class Unlocked:
    """A relay that does not mind that another one works: the lock is for efficiency only."""

    def __init__(self, database: Database, relay: Relay) -> None:
        relay._turn = NoLock(database)
        self._relay = relay
        self.ticked_at = relay.ticked_at
        self.note = relay.note

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._relay.step() or stop.wait(0.005)


def main(folder: Path, role: str, what: str) -> int:
    faults = Faults(**json.loads(os.environ.get("TOY_FAULTS", "{}")))
    if role == "place":
        sys.stdout.buffer.write(Shop(folder).place_once(what) + b"\n")
        return 0
    service = SERVICES[what](folder, faults, seed=os.getpid())
    runners = {
        "relay": lambda: [service.relay()],
        "unlocked": lambda: [Unlocked(service.database, service.relay(batch=20))],
        "worker": lambda: [service.worker()],
        "both": lambda: [service.relay(), service.worker()],
    }
    return run_until_stopped(runners[role](), service.run_dir)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
