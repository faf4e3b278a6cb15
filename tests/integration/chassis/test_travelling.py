"""What is sent arrives, each message once and in order."""

from collections.abc import Mapping

from tests.faults.chassis.toy import ORDERS, TENANT, event, placed
from tests.integration.chassis.road import Road
from tests.support.servers.databases import statements

from chassis.messaging.meter import Meter
from chassis.messaging.receiving.inbox import Inbox
from chassis.messaging.sending.outbox import Outbox


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


def test_the_partitions_of_a_poll_share_a_transaction(road: Road) -> None:
    subjects = [f"chair-{number}" for number in range(20)]
    road.told += road.desk.place_all(subjects)
    road.mill_worker.step()
    kept = road.mill_worker.meter = Kept()
    road.relays[0].step()
    road.mill_worker.step()
    assert len(set(road.mill_worker._session.positions.known())) > 1
    assert kept.transactions == [20]
    road.travel()
    assert road.findings() == []


class Kept(Meter):
    """Hears how many messages each transaction applied."""

    def __init__(self) -> None:
        self.transactions: list[int] = []

    def delivered(self, outcomes: Mapping[str, int], seconds: float | None) -> None:
        self.transactions.append(sum(outcomes.values()))


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


def test_the_inbox_needs_no_more_statements_for_more_messages(road: Road) -> None:
    counts = []
    for size in (10, 180):
        with road.mill.database.write() as connection, statements(connection) as sent:
            inbox = Inbox(connection, road.mill.inbox, ORDERS)
            streams = inbox.lock((TENANT, f"chair-{size}-{number}") for number in range(size))
            inbox.any_parked()
            inbox.waiting(streams, 200)
        counts.append(len(sent))
    assert counts[0] == counts[1]
