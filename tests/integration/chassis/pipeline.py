"""Two services with relays, workers and a log between them, driven by hand."""

from pathlib import Path

from sqlalchemy import select
from tests.faults.chassis.toy import ORDERS, TENANT, Mill, Shop, event
from tests.support.ledger import Ledger
from tests.support.parties import Acknowledged
from tests.support.servers.databases import NewDatabase
from tests.support.waiting import eventually

from chassis.envelope import headers, load_headers
from chassis.messaging.port import Ok, Outgoing
from chassis.messaging.sending.pending import PendingEvents, waiting_events


class Pipeline:
    """Both services, driven by hand."""

    def __init__(self, folder: Path, new_database: NewDatabase) -> None:
        self.folder = folder
        self.urls = {name: new_database(name) for name in ("shop", "mill")}
        self.shop = Shop(folder, url=self.urls["shop"])
        self.mill = Mill(folder, url=self.urls["mill"])
        self.relays = [self.shop.relay(), self.mill.relay()]
        self.mill_worker, self.shop_worker = self.mill.worker(), self.shop.worker()
        self.accepted: list[Acknowledged] = []

    def place(self, subject: str, revisions: int = 1) -> None:
        self.accepted += self.shop.place(subject, revisions)

    def travel(self) -> None:
        """Go on until nothing moves any more."""
        while (
            sum(relay.step() for relay in self.relays)
            + self.mill_worker.step()
            + self.shop_worker.step()
        ):
            pass

    def travel_until(self, condition: object) -> None:
        """Go on until something is so, with what only comes with time."""
        eventually(lambda: self.travel() or condition())  # type: ignore[operator]
        self.travel()

    def findings(self, *, settled: bool = True) -> list[str]:
        ledger = Ledger([self.shop.party(), self.mill.party()], self.shop.log)
        return ledger.check(self.accepted, settled=settled)

    def dead(self, **where: object) -> int:
        return self.mill.count(self.mill.inbox.dead, **where)

    def parked(self) -> int:
        return self.mill.count(self.mill.inbox.parked)

    def made(self, subject: str) -> list[int]:
        effects = self.mill.effects.c
        with self.mill.database.read() as connection:
            chosen = select(effects.sequence).where(effects.subject == subject)
            return sorted(connection.execute(chosen).scalars())

    def take_from_outbox(self, subject: str, sequence: int) -> Outgoing:
        """Remove an event from the outbox, as if it had been published, and hand it over."""
        tables = self.shop.outbox
        with self.shop.database.write() as connection:
            events = tables.events.c
            mine = (events.subject == subject, events.seq == sequence)
            row = connection.execute(waiting_events(tables).where(*mine)).one()
            PendingEvents(tables).mark_sent(connection, [row.id], 1)
        return Outgoing(
            ORDERS, f"{TENANT}:{subject}".encode(), load_headers(row.headers), row.payload
        )

    def inject(self, *records: Outgoing) -> None:
        results = self.shop.log.publish(records, 5)
        assert all(isinstance(result, Ok) for result in results)

    def close(self) -> None:
        for used in (*self.relays, self.mill_worker, self.shop_worker):
            used.close()
        for service in (self.shop, self.mill):
            service.database.close()


def order(subject: str, sequence: int, **options: object) -> Outgoing:
    data = options.pop("data", None)
    made = event(ORDERS, str(options.pop("kind", "order.placed")), subject, 1, **options)  # type: ignore[arg-type]
    value = data if isinstance(data, bytes) else made.data
    return Outgoing(ORDERS, f"{TENANT}:{subject}".encode(), headers(made, sequence), value)
