"""The ledger checker: nothing lost, twice or out of order, over all databases and the log."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, select
from tests.support.copies import Copies
from tests.support.log import read_log, read_records
from tests.support.parties import Acknowledged, Party

from chassis.envelope import load_headers
from chassis.messaging.operating.dead_letters import NOBODY
from chassis.messaging.port import TP, Broker
from chassis.messaging.receiving.inbox import StreamKey
from chassis.messaging.sending.outbox import OutboxTables
from chassis.messaging.sending.pending import published_events, waiting_events


@dataclass(frozen=True, slots=True)
class _Entry:
    event_id: str
    type: str
    cause: str | None
    sequence: int
    waiting: bool


_Streams = dict[StreamKey, dict[int, _Entry]]


class Ledger:
    """Reads everything once, then judges; use it when all processes stand still or are dead."""

    def __init__(self, parties: Sequence[Party], broker: Broker) -> None:
        """Read the producing sides of all parties."""
        self._parties = parties
        self._broker = broker
        self._events: dict[str, _Streams] = defaultdict(lambda: defaultdict(dict))
        self._heads: dict[str, dict[StreamKey, int]] = defaultdict(dict)
        self._findings: list[str] = []
        self._twice: list[str] = []
        for party in parties:
            self._read_outbox(party)

    def check(
        self, acknowledged: Iterable[Acknowledged] = (), *, settled: bool = True
    ) -> list[str]:
        """Return every violation of the invariants as a sentence; empty when all is well.

        Args:
            acknowledged: what clients were told.
            settled: whether faults have ended and everything had time to arrive (I7).
        """
        self._findings = self._twice.copy()
        self._check_acknowledged(acknowledged)
        self._check_numbers()
        self._check_tenants()
        for party in self._parties:
            for topic in party.hears:
                self._check_consumer(party, topic, settled=settled)
            self._check_answers(party)
            if settled:
                self._check_outbox_empty(party)
        return self._findings

    def check_log(self, shuffled: Collection[str] = ()) -> list[str]:
        """Return, as sentences, in what the log differs from what was written (I8).

        What was marked as sent is there, nothing is there that nobody wrote, repetitions are alike,
        and each key stays in one partition, in order.

        Args:
            shuffled: subjects whose order in the log was changed by hand.
        """
        copies = Copies(
            {
                (topic, entry.event_id): (stream, entry.sequence)
                for topic, streams in self._events.items()
                for stream, entries in streams.items()
                for entry in entries.values()
            },
            shuffled,
        )
        for record in read_records(self._broker, list(self._events)) if self._events else ():
            copies.look_at(record)
        return copies.findings + [
            f"I8: {(topic, stream, entry.sequence)} was sent and is not in the log"
            for topic, streams in self._events.items()
            for stream, entries in streams.items()
            for entry in entries.values()
            if not entry.waiting and (topic, entry.event_id) not in copies.seen
        ]

    # I1: what was acknowledged is there
    def _check_acknowledged(self, acknowledged: Iterable[Acknowledged]) -> None:
        for sent in acknowledged:
            stream = (sent.tenant_id, sent.subject)
            if sent.sequence not in self._events[sent.topic].get(stream, {}):
                self._find(
                    "I1",
                    f"acknowledged {sent.topic} {stream} #{sent.sequence} is not there",
                )

    # I2, producing side: numbers run from 1 to the head
    def _check_numbers(self) -> None:
        for topic, heads in self._heads.items():
            for stream, head in heads.items():
                numbers = sorted(self._events[topic].get(stream, {}))
                if numbers != list(range(1, head + 1)):
                    self._find("I2", f"{topic} {stream} has events {numbers}, head {head}")

    # I5: a subject has one tenant, everywhere
    def _check_tenants(self) -> None:
        owners: dict[str, set[str]] = defaultdict(set)
        for party in self._parties:
            with party.database.read() as connection:
                for table in _tables_with_tenant(party):
                    rows = connection.execute(select(table.c.subject, table.c.tenant_id).distinct())
                    for subject, tenant in rows:
                        owners[subject].add(tenant)
        owners.pop(NOBODY, None)  # what an operator did to many at once
        for subject, tenants in owners.items():
            if len(tenants - {None}) > 1:
                self._find("I5", f"{subject} belongs to {sorted(tenants)}")

    def _check_consumer(self, party: Party, topic: str, *, settled: bool) -> None:
        side = _ConsumingSide(party, topic)
        wanted = party.hears[topic]
        for stream, entries in self._events[topic].items():
            last, blocked = side.marks.get(stream, (0, 0))
            self._check_applied(
                side,
                stream,
                [e for n, e in sorted(entries.items()) if n <= last and e.type in wanted],
            )
            for number in range(last + 1, max(entries, default=0) + 1):
                self._check_place(side, stream, entries[number])
            if settled and last != max(entries, default=0) and not blocked:
                self._find(
                    "I7", f"{party.name} is at {last} of {max(entries)} for {topic} {stream}"
                )
        if settled:
            self._check_parked(side)

    # I2 and I6, consuming side: each once, in order, one audit row each
    def _check_applied(
        self, side: "_ConsumingSide", stream: StreamKey, entries: Sequence[_Entry]
    ) -> None:
        expected = [entry.event_id for entry in entries]
        types = {e.event_id: e.type for e in self._events[side.topic][stream].values()}
        found = [
            row.cause
            for row in side.audited.get(stream, [])
            if row.cause in types and side.party.applied(row.action, types[row.cause])
        ]
        if found != expected:
            self._find(
                "I2", f"{side.party.name} applied {found} of {side.topic} {stream}, not {expected}"
            )

    # I3: what is not applied is in exactly one place
    def _check_place(self, side: "_ConsumingSide", stream: StreamKey, entry: _Entry) -> None:
        place = (stream, entry.sequence)
        ahead = entry.waiting or place in side.beyond(self._broker)
        places = [ahead, place in side.parked, place in side.dead]
        if sum(places) != 1:
            self._find("I3", f"{side.party.name}: {side.topic} {place} is in {sum(places)} places")

    # I7: parked only behind a dead letter
    def _check_parked(self, side: "_ConsumingSide") -> None:
        for stream, number in sorted(side.parked):
            if not side.marks.get(stream, (0, 0))[1]:
                self._find(
                    "I7",
                    f"{side.party.name}: {side.topic} {stream} #{number} is parked behind nothing",
                )

    # I4: each answer has one cause that was applied, each cause its answer
    def _check_answers(self, party: Party) -> None:
        if not party.answers:
            return
        caused = Counter(entry.cause for entry in self._produced(party) if entry.cause)
        received = [
            entry
            for topic in party.hears
            for stream, entries in self._events[topic].items()
            for entry in entries.values()
        ]
        applied = {
            row.cause
            for topic in party.hears
            for rows in _ConsumingSide(party, topic).audited.values()
            for row in rows
        }
        for entry in received:
            if (
                entry.type in party.answers
                and entry.event_id in applied
                and not caused[entry.event_id]
            ):
                self._find("I4", f"{party.name} applied {entry.event_id} and said nothing")
        for cause in caused.keys() - {entry.event_id for entry in received}:
            self._find("I4", f"{party.name} speaks of {cause}, which nobody said")
        doubled = [
            event
            for event, times in Counter(e.event_id for e in self._produced(party)).items()
            if times > 1
        ]
        if doubled:
            self._find("I4", f"{party.name} gave an id twice: {doubled}")

    # I7: nothing waits to be sent
    def _check_outbox_empty(self, party: Party) -> None:
        waiting = [entry.event_id for entry in self._produced(party) if entry.waiting]
        if waiting:
            self._find("I7", f"the outbox of {party.name} still holds {len(waiting)} events")

    def _find(self, invariant: str, sentence: str) -> None:
        self._findings.append(f"{invariant}: {sentence}")

    def _produced(self, party: Party) -> list[_Entry]:
        if party.outbox is None:
            return []
        with party.database.read() as connection:
            return [entry for _, _, entry in _entries(connection, party.outbox)]

    def _read_outbox(self, party: Party) -> None:
        if party.outbox is None:
            return
        with party.database.read() as connection:
            for topic, stream, entry in _entries(connection, party.outbox):
                if entry.sequence in self._events[topic][stream]:
                    self._twice.append(f"I3: {topic} {stream} #{entry.sequence} was written twice")
                self._events[topic][stream][entry.sequence] = entry
            for row in connection.execute(select(party.outbox.head)):
                self._heads[row.topic][row.tenant_id, row.subject] = row.last_seq


class _ConsumingSide:
    def __init__(self, party: Party, topic: str) -> None:
        if party.inbox is None or party.audit is None:
            raise ValueError(f"{party.name} hears {topic} and has no inbox or no audit table")
        self.party = party
        self.topic = topic
        self._inbox = party.inbox
        self._beyond: set[tuple[StreamKey, int]] | None = None
        with party.database.read() as connection:
            self.marks = self._marks(connection)
            self.parked = self._places(connection, select(*_place(party.inbox.parked)))
            dead = party.inbox.dead
            self.dead = self._places(
                connection, select(*_place(dead)).where(dead.c.status.in_(("open", "retry")))
            )
            self.audited = _audited(connection, party.audit)

    def offsets(self, bus_id: str) -> dict[int, int]:
        table = self._inbox.offsets
        statement = select(table.c.part, table.c.next_offset).where(
            table.c.bus_id == bus_id, table.c.topic == self.topic
        )
        with self.party.database.read() as connection:
            return {row.part: row.next_offset for row in connection.execute(statement)}

    def beyond(self, broker: Broker) -> set[tuple[StreamKey, int]]:
        """Read the log from where the consumer stands to its end; once, and only if need be."""
        if self._beyond is None:
            offsets = self.offsets(broker.incarnation(self.topic))
            start = {TP(self.topic, part): offset for part, offset in offsets.items()}
            self._beyond = set(read_log(broker, self.topic, start))
        return self._beyond

    def _marks(self, connection: Connection) -> dict[StreamKey, tuple[int, int]]:
        streams = self._inbox.streams
        rows = connection.execute(select(streams).where(streams.c.topic == self.topic))
        return {(row.tenant_id, row.subject): (row.last_seq, row.blocked) for row in rows}

    def _places(self, connection: Connection, statement: Any) -> set[tuple[StreamKey, int]]:
        rows = connection.execute(statement)
        return {
            ((tenant, subject), seq) for topic, tenant, subject, seq in rows if topic == self.topic
        }


def _entries(
    connection: Connection, tables: OutboxTables
) -> Iterator[tuple[str, StreamKey, _Entry]]:
    names = ("event_id", "topic", "tenant_id", "subject", "seq", "headers")
    for chosen, waiting in (
        (waiting_events(tables, *names), True),
        (published_events(tables, *names), False),
    ):
        for row in connection.execute(chosen):
            named = dict(load_headers(row.headers))
            cause = named.get("ce_causationid")
            kind = (named["ce_type"] or b"").decode()
            entry = _Entry(row.event_id, kind, cause.decode() if cause else None, row.seq, waiting)
            yield row.topic, (row.tenant_id, row.subject), entry


def _place(table: Table) -> list[Any]:
    return [table.c.topic, table.c.tenant_id, table.c.subject, table.c.seq]


def _audited(connection: Connection, audit: Table) -> dict[StreamKey, list[Row[Any]]]:
    rows: dict[StreamKey, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        rows[row.tenant_id, row.subject].append(row)
    return rows


def _tables_with_tenant(party: Party) -> list[Table]:
    tables: list[Table] = []
    if party.outbox is not None:
        tables += [party.outbox.head, party.outbox.events]
    if party.inbox is not None:
        tables += [party.inbox.streams, party.inbox.parked, party.inbox.dead]
    return tables if party.audit is None else [*tables, party.audit]
