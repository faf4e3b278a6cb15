"""What is sent arrives, each message once and in order."""

from collections.abc import Mapping

from tests.faults.chassis.toy import ORDERS, TENANT, event, placed
from tests.integration.chassis.pipeline import Pipeline
from tests.support.servers.databases import statements

from chassis.messaging.meter import Meter
from chassis.messaging.receiving.inbox import Inbox
from chassis.messaging.sending.outbox import Outbox


def test_an_order_comes_back_as_a_part(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=3)
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3]
    assert pipeline.shop.count(pipeline.shop.effects, subject="chair") == 3
    assert pipeline.findings() == []


def test_many_orders_travel_in_batches(pipeline: Pipeline) -> None:
    subjects = [f"chair-{number}" for number in range(450)]
    pipeline.accepted += pipeline.shop.place_all(subjects)
    pipeline.accepted += pipeline.shop.place_all(subjects)
    pipeline.travel()
    assert pipeline.mill.count(pipeline.mill.effects) == 900
    assert pipeline.findings() == []


def test_the_partitions_of_a_poll_share_a_transaction(pipeline: Pipeline) -> None:
    subjects = [f"chair-{number}" for number in range(20)]
    pipeline.accepted += pipeline.shop.place_all(subjects)
    pipeline.mill_worker.step()
    kept = pipeline.mill_worker.meter = Kept()
    pipeline.relays[0].step()
    pipeline.mill_worker.step()
    assert len(set(pipeline.mill_worker._session.positions.known())) > 1
    assert kept.transactions == [20]
    pipeline.travel()
    assert pipeline.findings() == []


class Kept(Meter):
    """Hears how many messages each transaction applied."""

    def __init__(self) -> None:
        self.transactions: list[int] = []

    def delivered(self, outcomes: Mapping[str, int], seconds: float | None) -> None:
        self.transactions.append(sum(outcomes.values()))


def test_a_repeated_message_changes_nothing(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=2)
    first = pipeline.take_from_outbox("chair", 1)
    pipeline.inject(first, first, first)
    pipeline.travel()
    pipeline.inject(first)
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2]
    assert pipeline.findings() == []


def test_what_comes_too_early_waits_for_its_predecessor(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=5)
    pipeline.place("table")
    orders = [pipeline.take_from_outbox("chair", number) for number in range(1, 6)]
    pipeline.inject(*(orders[index] for index in (4, 2, 1)))
    pipeline.travel()
    assert pipeline.made("chair") == []
    assert pipeline.made("table") == [1]
    assert pipeline.parked() == 3
    pipeline.inject(orders[0])
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3]
    pipeline.inject(orders[3])
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3, 4, 5]
    assert pipeline.parked() == 0
    assert pipeline.findings() == []


def test_more_parked_messages_than_one_transaction_takes_are_applied_too(
    pipeline: Pipeline,
) -> None:
    pipeline.place("chair", revisions=450)
    orders = [pipeline.take_from_outbox("chair", number) for number in range(1, 451)]
    pipeline.inject(*orders[1:])
    pipeline.travel()
    assert pipeline.parked() == 449
    pipeline.inject(orders[0])
    pipeline.travel_until(lambda: pipeline.made("chair") == list(range(1, 451)))
    pipeline.travel()
    assert pipeline.parked() == 0
    assert pipeline.findings() == []


def test_types_nobody_listens_to_move_the_sequence_on(pipeline: Pipeline) -> None:
    with pipeline.shop.database.write() as connection:
        outbox = Outbox(connection, pipeline.shop.outbox)
        outbox.add(placed("chair"))
        outbox.add(event(ORDERS, "order.admired", "chair", 1))
        outbox.add(placed("chair"))
    pipeline.travel()
    assert pipeline.made("chair") == [1, 3]
    assert pipeline.findings() == []


def test_the_inbox_needs_no_more_statements_for_more_messages(pipeline: Pipeline) -> None:
    counts = []
    for size in (10, 180):
        with pipeline.mill.database.write() as connection, statements(connection) as sent:
            inbox = Inbox(connection, pipeline.mill.inbox, ORDERS)
            streams = inbox.lock((TENANT, f"chair-{size}-{number}") for number in range(size))
            inbox.any_parked()
            inbox.waiting(streams, 200)
        counts.append(len(sent))
    assert counts[0] == counts[1]
