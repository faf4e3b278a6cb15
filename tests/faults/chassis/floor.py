"""The toy services as processes, and what a fault test asks of them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from tests.faults.chassis import toy
from tests.faults.chassis.toy import ORDERS, Mill, Shop
from tests.support.ledger import Ledger
from tests.support.parties import Acknowledged
from tests.support.processes import Process, Processes, processes
from tests.support.waiting import eventually

from chassis.storage.database import Unavailable


class Floor:
    """Starts and kills processes of the toy, places orders, judges the ledger."""

    def __init__(self, folder: Path, started: Processes) -> None:
        self.folder = folder
        self.started = started
        self.shop, self.mill = Shop(folder), Mill(folder)
        self.accepted: list[Acknowledged] = []

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator["Floor"]:
        with processes(folder) as started:
            yield cls(folder, started)

    def run(
        self, role: str, service: str, *, faults: dict[str, float] | None = None, **environment: str
    ) -> Process:
        """Start one process of one service."""
        if faults:
            environment["TOY_FAULTS"] = json.dumps(faults)
        arguments = [toy.__file__, str(self.folder), role, service]
        path = {"PYTHONPATH": "services:."}
        return self.started.start(f"{role}-{service}", arguments, **(path | environment))

    def place(self, subjects: Sequence[str], revisions: int = 1) -> None:
        """Accept orders, many in one transaction."""
        for _ in range(revisions):
            self.accepted += self.shop.place_all(subjects)

    def made(self, subject: str) -> list[int]:
        """Return which sequence numbers of a subject the mill has applied."""
        effects = self.mill.effects.c
        with self.mill.database.read() as connection:
            chosen = select(effects.sequence).where(effects.subject == subject)
            return sorted(connection.execute(chosen).scalars())

    def until(self, condition: Callable[[], object], what: str, within: float = 30.0) -> None:
        """Wait for a condition; a database that is busy is asked again."""

        def asked() -> object:
            try:
                return condition()
            except Unavailable:
                return False

        eventually(asked, within=within, what=what)

    def settle(self, *, within: float = 30.0) -> None:
        """Wait until the ledger finds nothing; then nothing was lost, doubled or reordered."""
        self.until(self._arrived, "arriving", within)
        try:
            self.until(lambda: not self.findings(), "a clean ledger", within)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.findings()}") from None

    def findings(self, *, settled: bool = True) -> list[str]:
        """Return what is wrong."""
        ledger = Ledger([self.shop.party(), self.mill.party()], self.shop.log)
        return ledger.check(self.accepted, settled=settled)

    def logged(self) -> int:
        """Return how many records the topic of orders holds, however often each."""
        broker = self.shop.log
        consumer = broker.consumer("counter", [ORDERS], {})
        consumer.poll(0)
        ends = consumer.end_offsets()
        consumer.close()
        return sum(ends.values())

    def _arrived(self) -> bool:
        """Whether every order has become a part that the shop has noted; cheap to ask."""
        return (
            self.shop.count(self.shop.effects) == len(self.accepted)
            and self.shop.count(self.shop.outbox.pending) == 0
            and self.mill.count(self.mill.outbox.pending) == 0
        )
