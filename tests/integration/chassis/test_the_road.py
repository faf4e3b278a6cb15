"""Relay, log, worker and tables together, in one process and step by step."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.faults.chassis.toy import ORDERS, TENANT, Desk, Mill, event, placed

from chassis.envelope import dump_headers, headers, load_headers
from chassis.messaging.admission import Breaker
from chassis.messaging.broker import Failed, Ok, Outgoing
from chassis.messaging.dead_letters import (
    NoSuchDeadLetter,
    Who,
    heads,
    marks,
    move_back,
    reconcile,
    redrive,
    release,
    republish,
    sent_since,
    skip,
)
from chassis.messaging.partitioner import partition_of
from chassis.storage.inbox import Inbox
from chassis.storage.offsets import LogReplaced
from chassis.storage.outbox import Outbox
from chassis.testing.chaos import Faults
from chassis.testing.ledger import Acknowledged, Ledger
from chassis.testing.waiting import eventually

# found with the partitioner: they share one partition of four
SAME_PARTITION = [
    subject
    for subject in ("chair", *(f"stool-{number}" for number in range(40)))
    if partition_of(f"{TENANT}:{subject}".encode(), 4)
    == partition_of(f"{TENANT}:chair".encode(), 4)
][:3]


class Road:
    """Both services, driven by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk, self.mill = Desk(folder), Mill(folder)
        self.relays = [self.desk.relay(), self.mill.relay()]
        self.mill_worker, self.desk_worker = self.mill.worker(), self.desk.worker()
        self.told: list[Acknowledged] = []

    def place(self, subject: str, revisions: int = 1) -> None:
        self.told += self.desk.place(subject, revisions)

    def travel(self) -> None:
        """Go on until nothing moves any more."""
        while (
            sum(relay.step() for relay in self.relays)
            + self.mill_worker.step()
            + self.desk_worker.step()
        ):
            pass

    def travel_until(self, condition: object) -> None:
        """Go on until something is so, with what only comes with time."""
        eventually(lambda: self.travel() or condition())  # type: ignore[operator]
        self.travel()

    def findings(self, *, settled: bool = True) -> list[str]:
        ledger = Ledger([self.desk.party(), self.mill.party()], self.desk.log)
        return ledger.check(self.told, settled=settled)

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
        outbox, sent = self.desk.outbox.outbox, self.desk.outbox.sent
        with self.desk.database.write() as connection:
            mine = (outbox.c.subject == subject, outbox.c.seq == sequence)
            row = connection.execute(select(outbox).where(*mine)).one()
            names = [column.name for column in sent.c if column.name != "sent_at"]
            connection.execute(
                sent.insert(), {name: row._mapping[name] for name in names} | {"sent_at": 1}
            )
            connection.execute(outbox.delete().where(*mine))
        return Outgoing(
            ORDERS, f"{TENANT}:{subject}".encode(), load_headers(row.headers), row.payload
        )

    def inject(self, *records: Outgoing) -> None:
        results = self.desk.log.publish(records, 5)
        assert all(isinstance(result, Ok) for result in results)

    def close(self) -> None:
        self.mill_worker.close()
        self.desk_worker.close()


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    made = Road(tmp_path)
    yield made
    made.close()


def order(subject: str, sequence: int, **options: object) -> Outgoing:
    data = options.pop("data", None)
    made = event(ORDERS, str(options.pop("kind", "order.placed")), subject, 1, **options)  # type: ignore[arg-type]
    value = data if isinstance(data, bytes) else made.data
    return Outgoing(ORDERS, f"{TENANT}:{subject}".encode(), headers(made, sequence), value)


def test_an_order_comes_back_as_a_part(road: Road) -> None:
    road.place("chair", revisions=3)
    road.travel()
    assert road.made("chair") == [1, 2, 3]
    assert road.desk.count(road.desk.effects, subject="chair") == 3
    assert road.findings() == []


def test_many_orders_travel_in_batches(road: Road) -> None:
    subjects = [f"chair-{number}" for number in range(450)]
    road.told += road.desk.place_all(subjects)
    road.told += road.desk.place_all(subjects)
    road.travel()
    assert road.mill.count(road.mill.effects) == 900
    assert road.findings() == []


def test_a_repeated_message_changes_nothing(road: Road) -> None:
    road.place("chair", revisions=2)
    first = road.take_from_outbox("chair", 1)
    road.inject(first, first, first)
    road.travel()
    road.inject(first)
    road.travel()
    assert road.made("chair") == [1, 2]
    assert road.findings() == []


def test_what_comes_too_early_waits_for_its_predecessor(road: Road) -> None:
    road.place("chair", revisions=5)
    road.place("table")
    orders = [road.take_from_outbox("chair", number) for number in range(1, 6)]
    road.inject(*(orders[index] for index in (4, 2, 1)))
    road.travel()
    assert road.made("chair") == []
    assert road.made("table") == [1]
    assert road.parked() == 3
    road.inject(orders[0])
    road.travel()
    assert road.made("chair") == [1, 2, 3]
    road.inject(orders[3])
    road.travel()
    assert road.made("chair") == [1, 2, 3, 4, 5]
    assert road.parked() == 0
    assert road.findings() == []


def test_more_parked_messages_than_one_transaction_takes_are_applied_too(road: Road) -> None:
    road.place("chair", revisions=450)
    orders = [road.take_from_outbox("chair", number) for number in range(1, 451)]
    road.inject(*orders[1:])
    road.travel()
    assert road.parked() == 449
    road.inject(orders[0])
    road.travel_until(lambda: road.made("chair") == list(range(1, 451)))
    road.travel()
    assert road.parked() == 0
    assert road.findings() == []


def test_types_nobody_listens_to_move_the_sequence_on(road: Road) -> None:
    with road.desk.database.write() as connection:
        outbox = Outbox(connection, road.desk.outbox)
        outbox.add(placed("chair"))
        outbox.add(event(ORDERS, "order.admired", "chair", 1))
        outbox.add(placed("chair"))
    road.travel()
    assert road.made("chair") == [1, 3]
    assert road.findings() == []


def test_one_bad_message_blocks_its_subject_and_nobody_else(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    for subject in ("bench", "chair", "table"):
        road.place(subject, revisions=2)
    road.travel()
    assert (road.made("bench"), road.made("chair"), road.made("table")) == ([1, 2], [], [1, 2])
    assert road.dead(status="retry", subject="chair", seq=1, reason_code="handler-failed") == 1
    assert road.parked() == 1
    assert road.findings(settled=False) == []


def test_a_blocked_subject_is_announced_once_and_cleared_by_the_retry(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair")
    road.travel_until(lambda: road.dead(status="retry", attempts=3))
    assert road.mill.count(road.mill.outbox.sent, subject="chair") == 1
    road.mill.fix("raise")
    road.travel_until(lambda: road.made("chair") == [1])
    assert road.dead(status="done") == 1
    assert road.mill.count(road.mill.outbox.sent, subject="chair") == 2
    assert road.findings() == []


def test_after_five_attempts_only_a_redrive_helps(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair", revisions=2)
    road.travel_until(lambda: road.dead(status="open"))
    road.mill.fix("raise")
    road.travel()
    assert road.made("chair") == []
    with road.mill.database.write() as connection:
        assert redrive(connection, road.mill.inbox, subject="chair") == 1
    road.travel_until(lambda: road.made("chair") == [1, 2])
    assert road.findings() == []


def test_a_duplicate_of_the_quarantined_message_is_not_left_behind(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair")
    first = road.take_from_outbox("chair", 1)
    road.inject(first)
    road.travel()
    road.inject(first)
    road.travel()
    assert road.parked() == 0
    road.mill.fix("raise")
    road.travel_until(lambda: road.made("chair") == [1])
    assert road.findings() == []


def test_a_skipped_message_lets_its_subject_go_on(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair", revisions=1)
    road.travel()
    road.mill.fix("raise")
    with road.mill.database.write() as connection:
        dead = connection.execute(select(road.mill.inbox.dead.c.id)).scalar_one()
        skip(connection, road.mill.inbox, road.mill.audit, dead, Who("ada", "ordered by mistake"))
    road.place("chair", revisions=2)
    road.travel()
    assert road.made("chair") == [2, 3]
    assert road.mill.count(road.mill.audit, action="message.skipped", actor="ada") == 1
    with road.mill.database.write() as connection, pytest.raises(NoSuchDeadLetter):
        skip(connection, road.mill.inbox, road.mill.audit, dead, Who("ada", "again"))


def test_a_skip_sets_the_parked_messages_free(road: Road) -> None:
    road.mill.break_for("raise", ["chair"])
    road.place("chair", revisions=3)
    road.travel()
    road.mill.fix("raise")
    with road.mill.database.write() as connection:
        dead = connection.execute(select(road.mill.inbox.dead.c.id)).scalar_one()
        skip(connection, road.mill.inbox, road.mill.audit, dead, Who("ada", "ordered by mistake"))
    road.travel_until(lambda: road.made("chair") == [2, 3])
    assert road.parked() == 0


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (Outgoing(ORDERS, b"acme:chair", [], b"\xff\x00"), "unreadable-headers"),
        (Outgoing(ORDERS, None, [("ce_id", None)], b"{}"), "unreadable-headers"),
        (Outgoing(ORDERS, b"acme:chair", [("ce_id", b"\xff")], b"{}"), "unreadable-headers"),
        (order("chair", 1, data=b"not json"), "body-not-json"),
        (order("chair", 1, version=2), "unknown-version"),
    ],
    ids=["no headers", "null header", "not text", "not JSON", "unknown version"],
)
def test_a_poisonous_record_becomes_one_dead_letter(
    road: Road, record: Outgoing, code: str
) -> None:
    road.inject(record)
    road.place("table")
    road.travel()
    assert road.dead() == 1
    assert road.dead(status="open", reason_code=code) == 1
    assert road.made("table") == [1]


def test_a_key_that_contradicts_the_headers_is_refused(road: Road) -> None:
    honest = order("chair", 1)
    road.inject(Outgoing(ORDERS, b"other:chair", honest.headers, honest.value))
    road.travel()
    assert road.dead(reason_code="unreadable-headers") == 1
    assert road.made("chair") == []


def test_a_sequence_number_used_twice_stops_the_subject(road: Road) -> None:
    road.place("chair")
    road.travel()
    road.inject(order("chair", 1))
    road.inject(order("chair", 2))
    road.travel()
    assert road.dead(reason_code="sequence-reused", status="open") == 1
    assert road.made("chair") == [1]
    assert road.parked() == 1, "what follows waits, and is not taken for the quarantined message"


def test_a_lost_event_parks_its_subject_is_seen_and_heals(road: Road) -> None:
    for subject in ("chair", "table"):
        road.place(subject, revisions=3)
    road.take_from_outbox("chair", 2)
    road.travel()
    assert (road.made("chair"), road.made("table"), road.parked()) == ([1], [1, 2, 3], 1)
    assert any(finding.startswith("I3") for finding in road.findings())
    with road.desk.database.read() as there, road.mill.database.read() as here:
        found = reconcile(
            heads(there, road.desk.outbox, ORDERS), marks(here, road.mill.inbox, ORDERS)
        )
    assert [(lost.subject, lost.head, lost.last, lost.kind) for lost in found] == [
        ("chair", 3, 1, "missing")
    ]
    with road.desk.database.write() as connection:
        assert republish(connection, road.desk.outbox, ORDERS, (TENANT, "chair"), 2, 3) == 2
    road.travel()
    assert road.made("chair") == [1, 2, 3]
    assert road.findings() == []


def test_everything_may_be_published_again(road: Road) -> None:
    road.place("chair", revisions=3)
    road.travel()
    with road.desk.database.write() as connection:
        found = sent_since(connection, road.desk.outbox, ORDERS, 0)
        assert len(move_back(connection, road.desk.outbox, found)) == 3
    road.travel()
    assert road.made("chair") == [1, 2, 3]
    assert road.findings() == []


def test_an_event_that_the_broker_never_takes_holds_only_its_own_subject(road: Road) -> None:
    for subject in ("chair", "table"):
        road.place(subject, revisions=2)
    huge = b"x" * 850_000
    with road.desk.database.write() as connection:
        outbox = road.desk.outbox.outbox
        big = update(outbox).where(outbox.c.subject == "chair", outbox.c.seq == 1)
        text = dump_headers([("ce_id", b"x" * 300_000)])
        connection.execute(big.values(payload=huge, headers=text))
    for _ in range(6):
        road.travel()
    held = road.desk.outbox.outbox
    assert road.desk.count(held, subject="chair", hold=1) == 1
    assert road.desk.count(held, subject="chair") == 2, "its subject waits with it"
    assert road.made("table") == [1, 2]
    with road.desk.database.write() as connection:
        row = connection.execute(select(held.c.id).where(held.c.hold == 1)).scalar_one()
        connection.execute(update(held).where(held.c.id == row).values(payload=b"{}"))
        made = headers(placed("chair"), 1)
        connection.execute(update(held).where(held.c.id == row).values(headers=dump_headers(made)))
        assert release(connection, road.desk.outbox, row)
    road.travel()
    assert road.made("chair") == [1, 2]


def test_when_everything_fails_the_circuit_opens_and_nothing_more_is_buried(tmp_path: Path) -> None:
    road = Road(tmp_path)
    subjects = [f"chair-{number}" for number in range(40)]
    road.mill_worker = road.mill.worker(breaker=Breaker(in_a_row=5))
    road.mill.break_for("raise", subjects)
    for subject in subjects:
        road.told += road.desk.place_all([subject])
        road.relays[0].step()
        road.mill_worker.step()
    assert road.mill_worker.circuit_open
    assert road.dead() <= 5
    road.mill_worker.close()
    road.mill.fix("raise")
    road.mill_worker = road.mill.worker()
    road.travel_until(lambda: road.mill.count(road.mill.effects) == 40)
    assert road.findings() == []
    road.close()


def test_a_zombie_finds_its_offset_moved_and_reads_on_from_there(road: Road) -> None:
    road.place("chair")
    road.travel()
    zombie = road.mill_worker
    session = zombie._session
    assert session is not None
    road.place("chair", revisions=2)
    road.relays[0].step()
    part = next(tp for tp, position in session.positions.known().items() if position)
    with road.mill.database.write() as connection:
        assert session.positions.offsets(connection, ORDERS).advance(part.partition, 1, 2)
    road.travel()
    assert part not in session.positions.known() or session.positions.current(part) == 2
    road.travel()
    assert session.positions.current(part) == 3
    assert road.made("chair") == [1], "the record that the other one has taken is not taken again"


def test_offsets_of_another_log_are_never_used(road: Road) -> None:
    road.place("chair")
    road.travel()
    with road.mill.database.write() as connection:
        connection.execute(update(road.mill.inbox.offsets).values(bus_id="another"))
    with pytest.raises(LogReplaced):
        road.mill.worker().step()


def test_an_unclean_stop_puts_what_was_there_on_probation(road: Road) -> None:
    road.place("chair", revisions=2)
    road.travel()
    session = road.mill_worker._session
    assert session is not None
    session.consumer.close()  # as if it had been killed: nothing is written down
    road.mill_worker._session = None
    for subject in SAME_PARTITION:
        road.place(subject)
    road.mill.calls.clear()
    road.travel()
    assert road.mill.calls == [1, 1, 1], "one at a time"
    for subject in SAME_PARTITION:
        road.place(subject)
    road.travel()
    assert road.mill.calls == [1, 1, 1, 3], "what has come since is not suspected"
    assert road.mill.count(road.mill.inbox.attempts) == 0
    assert road.made("chair") == [1, 2, 3, 4]


def test_a_clean_stop_needs_no_probation(road: Road) -> None:
    road.place("chair", revisions=2)
    road.travel()
    road.mill_worker.close()
    for subject in SAME_PARTITION:
        road.place(subject)
    road.mill.calls.clear()
    road.travel()
    assert sum(road.mill.calls) == 3
    assert max(road.mill.calls) > 1  # on probation each would come alone


def test_the_relay_survives_lost_acknowledgements_and_refusals(tmp_path: Path) -> None:
    road = Road(tmp_path)
    chaotic = Desk(
        tmp_path,
        Faults(lose_ack=0.3, drop_prefix=0.3, refuse=0.2, duplicate=0.2, reorder=0.3),
        seed=7,
    )
    road.relays[0] = chaotic.relay(batch=10)
    for number in range(60):
        road.place(f"chair-{number % 7}", revisions=2)
    road.travel_until(lambda: road.desk.count(road.desk.outbox.outbox) == 0)
    assert road.findings() == []
    injected = chaotic.broker.injected  # type: ignore[attr-defined]
    assert min(injected.lost_acks, injected.dropped, injected.refused, injected.duplicates) > 0
    road.close()


def test_the_inbox_needs_no_more_statements_for_more_messages(road: Road) -> None:
    counts = []
    for size in (10, 180):
        seen: list[str] = []
        with road.mill.database.write() as connection:
            connection.connection.driver_connection.set_trace_callback(seen.append)  # type: ignore[union-attr]
            inbox = Inbox(connection, road.mill.inbox, ORDERS)
            streams = inbox.lock((TENANT, f"chair-{size}-{number}") for number in range(size))
            inbox.any_parked()
            inbox.waiting(streams, 200)
            connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_broker_says_no_and_the_event_stays(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Faults(refuse=1.0))
    desk.place("chair")
    relay = desk.relay()
    assert relay.step() == 0
    assert desk.count(desk.outbox.outbox) == 1
    assert isinstance(desk.broker.publish([order("chair", 1)], 1)[0], Failed)
