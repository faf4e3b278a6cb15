"""The running product as a fault test sees it: clients, processes that die, and a ledger."""

import contextlib
import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import FromClause, Table, func, select
from tests.faults.product.freezing import frozen, go_on, locks_nobody_out
from tests.faults.product.promises import Asking
from tests.support.ledger import Ledger
from tests.support.outbox import published, waiting
from tests.support.parties import Party
from tests.support.processes import moves
from tests.system.product import Product, eventually
from tests.system.sites import EMBEDDED, Site

import diagnosis.models
import intake.events
import intake.models
import treatment.models
from chassis.messaging.brokers import open_broker
from chassis.messaging.port import Broker, BrokerUnavailable
from chassis.storage.database import Database, Unavailable

SERVICES = ("intake", "diagnosis", "treatment")
CASES, ASSESSMENTS, PLANS = (f"{name}.case.v1" for name in SERVICES)
STOPPED = "processing.stopped"
ACCEPTED = frozenset(intake.events.ACCEPTED)
PLANNED = frozenset({"plan.recommended", "plan.withheld"})
_MODELS: Mapping[str, Any] = {
    "intake": intake.models,
    "diagnosis": diagnosis.models,
    "treatment": treatment.models,
}
_HEARS = {
    "intake": {
        ASSESSMENTS: frozenset({"assessment.completed", STOPPED}),
        PLANS: PLANNED | {STOPPED},
    },
    "diagnosis": {CASES: ACCEPTED},
    "treatment": {ASSESSMENTS: frozenset({"assessment.completed"})},
}
_ANSWERS = {"diagnosis": ACCEPTED, "treatment": frozenset({"assessment.completed"})}
_SET_ASIDE = frozenset({STOPPED, "assessment.stopped", "plan.stopped"})
SHORT_S = 10.0
REACHED_WITHIN_S = 60.0
LOOK_AGAIN_S = 0.2
BUSY = (Unavailable, BrokerUnavailable, TimeoutError)
"""What databases and brokers say that come to it later."""


@dataclass
class Plant(Asking):
    """One product, what its clients were told, and what its databases hold.

    Attributes:
        crashes: The folder in which processes that are to die leave their marks.
        forged: Names in findings that are lies of a test.
        shuffled: Cases whose order in the log a test has changed.
    """

    crashes: Path
    forged: list[str] = field(default_factory=list)
    shuffled: set[str] = field(default_factory=set)
    seen: Site | None = None

    def __post_init__(self) -> None:
        self.databases = {
            name: Database.open(self.unfaulted_site.database(self.product.data, name))
            for name in SERVICES
        }
        self.log: Broker = open_broker(self.unfaulted_site.log(self.product.data))

    def close(self) -> None:
        """Lets go of what it looked into."""
        for database in self.databases.values():
            database.close()
        self.log.close()

    @property
    def site(self) -> Site:
        return self.product.site

    @property
    def unfaulted_site(self) -> Site:
        """How the test itself looks into databases and log; no fault is in its way."""
        return self.seen or self.site

    # ---------------------------------------------------------------- looks

    def look(self, service: str, role: str, path: str) -> tuple[int, str]:
        """Status and text of what a relay or worker on servers answers on its own port.

        Raises:
            TimeoutError: It does not listen yet; `until` asks again.
        """
        port = self.product.note["ports"][f"{service}-{role}"]
        try:
            answer = urllib3.request("GET", f"http://127.0.0.1:{port}{path}", retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise TimeoutError from error
        return answer.status, answer.data.decode()

    def figure(self, service: str, role: str, name: str) -> float:
        """What it tells of itself to those who watch; it looks itself every few seconds."""
        _, figures = self.look(service, role, "/metrics")
        found = re.search(rf"^{name}(?:{{.*}})? (.+)$", figures, re.MULTILINE)
        assert found, figures
        return float(found[1])

    def pids(self) -> dict[str, list[int]]:
        """Relays and workers of all services, by name."""
        places = itertools.product(SERVICES, self.site.roles)
        return {f"{name} {role}": self.product.pids(name, role) for name, role in places}

    def log_text(self, service: str, role: str = "worker") -> str:
        """What a process of a service has written to its log."""
        path = self.product.data / "logs" / f"{service}-{role}.log"
        return path.read_text(errors="replace")

    # ---------------------------------------------------------------- processes

    @contextmanager
    def armed(self, service: str, point: str) -> Iterator[None]:
        """One process of a service dies at a point within the block; not reaching it fails."""
        marker = self.crashes / point
        marker.unlink(missing_ok=True)
        weapon = self.crashes / f"armed-{service}-{point}"
        weapon.touch()
        yield
        eventually(marker.exists, f"{service} to reach {point}", REACHED_WITHIN_S)
        assert not weapon.exists()
        pid = eventually(marker.read_text, "the name of the dead")
        eventually(lambda: int(pid) not in self.product.processes(), f"{pid} to be gone")

    def frozen(self, service: str, *roles: str) -> "contextlib.AbstractContextManager[None]":
        """Relay and worker of a service, or only these roles, stand still within the block."""
        return frozen(self.product, service, roles or self.site.roles)

    @contextmanager
    def frozen_at(self, service: str, point: str) -> Iterator[int]:
        """Gives a process of a service that stops at a point and goes on after the block."""
        pid = eventually(
            lambda: self._stopped_at(service, point), f"stop at {point}", REACHED_WITHIN_S
        )
        try:
            yield pid
        finally:
            go_on([pid])

    def _stopped_at(self, service: str, point: str) -> int | None:
        """Who stops there, unless another thread of it would keep others out of a file."""
        marker = self.crashes / point
        marker.unlink(missing_ok=True)
        (self.crashes / f"freeze-{service}-{point}").touch()
        self.accepted()
        pid = int(eventually(lambda: marker.exists() and marker.read_text(), f"stop at {point}"))
        # it writes before it stops itself; who is told to go on before that stands for ever
        eventually(lambda: not moves(pid), f"the standstill of {pid}")
        if locks_nobody_out(self.product, service):
            return pid
        go_on([pid])
        return None

    # ---------------------------------------------------------------- databases and log

    @staticmethod
    def tables(service: str) -> Any:
        return _MODELS[service]

    def table(self, service: str, name: str) -> Table:
        found: Table = self.tables(service).METADATA.tables[name]
        return found

    def looked_at(self, service: str, name: str) -> FromClause:
        """A table; or what waits in the outbox (`waiting`), or what left it (`published`)."""
        outbox = {"waiting": waiting, "published": published}
        if name in outbox:
            return outbox[name](self.tables(service).OUTBOX)
        return self.table(service, name)

    def rows(self, service: str, name: str, **where: Any) -> list[Any]:
        table = self.looked_at(service, name)
        chosen = select(table).where(*(table.c[column] == value for column, value in where.items()))
        key = list(table.primary_key.columns) if isinstance(table, Table) else [table.c.id]
        chosen = chosen.order_by(*key)  # Postgres promises no order
        with self.databases[service].read() as connection:
            return list(connection.execute(chosen))

    def count(self, service: str, name: str, **where: Any) -> int:
        table = self.looked_at(service, name)
        chosen = select(func.count()).select_from(table)
        chosen = chosen.where(*(table.c[column] == value for column, value in where.items()))
        with self.databases[service].read() as connection:
            return connection.execute(chosen).scalar_one()

    def findings(self, *, settled: bool = True, lost_log: bool = False) -> list[str]:
        """What the ledger has to say, and whether the log holds all that was sent."""
        ledger = Ledger([self._party(name) for name in SERVICES], self.log)
        found = ledger.check(self.acknowledgements, settled=settled)
        found += [] if lost_log else ledger.check_log(self.shuffled)
        return [finding for finding in found if not any(lie in finding for lie in self.forged)]

    def _party(self, name: str) -> Party:
        models = _MODELS[name]
        return Party(
            name=name,
            database=self.databases[name],
            outbox=models.OUTBOX,
            inbox=models.INBOX,
            audit=models.AUDIT,
            hears=_HEARS[name],
            answers=_ANSWERS.get(name, frozenset()),
            set_aside=_SET_ASIDE,
            troubles=frozenset({STOPPED}) if name == "intake" else frozenset(),
        )

    # ---------------------------------------------------------------- the end

    def settle(self, *, within: float = 30.0, but: int = 0, lost_log: bool = False) -> None:
        """Waits until all promises are kept, except for so many, and judges the ledger."""
        end = time.monotonic() + within
        self.until(lambda: self._kept(but), "every plan", within, self._account)

        def findings() -> list[str]:
            return self.findings(lost_log=lost_log)

        # once it is so, the books need nothing but to be read
        left = max(SHORT_S, end - time.monotonic())
        self.until(lambda: not findings(), "a clean ledger", left, findings)
        self._each_once()

    def is_whole(self) -> bool:
        """Whether it runs, owes nobody anything, and has no letter that somebody must look at."""
        try:
            letters = sum(self.count(name, "dead_letter", status="retry") for name in SERVICES)
            return self.product.is_ready() and self._kept(0) and not letters and not self.findings()
        except (*BUSY, urllib3.exceptions.HTTPError):
            return False

    def until(
        self,
        condition: Callable[[], object],
        what: str,
        within: float = 30.0,
        found: Callable[[], object] = str,
    ) -> None:
        """Waits for a condition; a database or broker that is busy is asked again."""

        def asked() -> object:
            try:
                return condition()
            except BUSY:
                return False

        try:
            eventually(asked, what, within)
        except AssertionError as error:
            raise AssertionError(f"{error}: {found()}") from None

    @staticmethod
    def throughout(seconds: float, condition: Callable[[], object], what: str) -> None:
        """A fault lasts so long, and a condition holds whenever one looks."""
        end = time.monotonic() + seconds
        assert condition(), what
        while time.monotonic() < end:
            time.sleep(LOOK_AGAIN_S)
            assert condition(), what

    def _kept(self, but: int) -> bool:
        finished = self.count("treatment", "plans")
        shown = self.count("intake", "results", kind="plan", stopped_by=None)
        promised = len(set(self.acknowledgements)) - but
        waiting = sum(self.count(name, "outbox_pending") for name in SERVICES)
        return finished == shown == promised and waiting == 0

    def _account(self) -> dict[str, int]:
        waiting = {f"outbox of {name}": self.count(name, "outbox_pending") for name in SERVICES}
        plans = {
            "promised": len(set(self.acknowledgements)),
            "planned": self.count("treatment", "plans"),
        }
        return plans | waiting

    def _each_once(self) -> None:
        """Every revision was told once, assessed once, planned once: counted in the events."""
        for service, kinds in (("intake", ACCEPTED), ("diagnosis", {"assessment.completed"})):
            self._once(service, kinds)
        self._once("treatment", PLANNED)

    def _once(self, service: str, kinds: Any) -> None:
        audit = self.table(service, "audit")
        columns = (audit.c.tenant_id, audit.c.subject, audit.c.revision)
        chosen = select(*columns, func.count()).where(audit.c.action.in_(kinds)).group_by(*columns)
        with self.databases[service].read() as connection:
            often = [tuple(row) for row in connection.execute(chosen) if row[-1] != 1]
        assert often == []


@contextmanager
def plant(
    folder: Path,
    site: Site = EMBEDDED,
    program: tuple[str, ...] = ("-m", "backmice"),
    *,
    seen: Site | None = None,
    **environment: str,
) -> Iterator[Plant]:
    """Gives a running product, and ends it."""
    crashes = folder / "crashes"
    crashes.mkdir(parents=True)
    variables = {"CRASH_DIR": str(crashes)} | environment
    product = Product(folder / "data", site, variables, program=program).start()
    works = Plant(product, crashes, seen=seen)
    try:
        yield works
    finally:
        product.stop()
        works.close()
