"""What was lost on the way is seen, and can be sent again."""

from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.faults.chassis.toy import ORDERS, TENANT, Desk, placed
from tests.integration.chassis.road import Road, order
from tests.support.chaos import Faults
from tests.support.servers.databases import NewDatabase

from chassis.envelope import dump_headers, headers
from chassis.messaging.operating.dead_letters import (
    heads,
    marks,
    move_back,
    release,
    republish,
    sent_since,
)
from chassis.messaging.operating.reconciling import reconcile
from chassis.messaging.port import Failed
from chassis.messaging.sending.outgoing import Shelf


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


def test_history_is_forgotten_from_its_beginning_whatever_was_published_again(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.messaging.sending.outgoing.PRUNE_ROWS", 2)
    road.place("chair", revisions=3)
    road.place("table", revisions=2)
    road.travel()
    desk, sent = road.desk, road.desk.outbox.sent
    with desk.database.write() as connection:
        assert republish(connection, desk.outbox, ORDERS, (TENANT, "chair"), 1, 3) == 3
    road.travel()
    assert road.made("chair") == [1, 2, 3]
    with desk.database.write() as connection:
        connection.execute(update(sent).where(sent.c.subject == "table").values(sent_at=1))
        assert Shelf(desk.outbox).prune(connection, before_us=2) == 2
    assert (desk.count(sent, subject="chair"), desk.count(sent, subject="table")) == (3, 0)


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


def test_the_relay_survives_lost_acknowledgements_and_refusals(road: Road) -> None:
    chaotic = Desk(
        road.folder,
        Faults(lose_ack=0.3, drop_prefix=0.3, refuse=0.2, duplicate=0.2, reorder=0.3),
        seed=7,
        url=road.urls["desk"],
    )
    road.relays[0] = chaotic.relay(batch=10)
    for number in range(60):
        road.place(f"chair-{number % 7}", revisions=2)
    road.travel_until(lambda: road.desk.count(road.desk.outbox.outbox) == 0)
    assert road.findings() == []
    chaotic.database.close()
    injected = chaotic.broker.injected  # type: ignore[attr-defined]
    assert min(injected.lost_acks, injected.dropped, injected.refused, injected.duplicates) > 0


def test_the_broker_says_no_and_the_event_stays(tmp_path: Path, new_database: NewDatabase) -> None:
    desk = Desk(tmp_path, Faults(refuse=1.0), url=new_database("desk"))
    desk.place("chair")
    relay = desk.relay()
    assert relay.step() == 0
    assert desk.count(desk.outbox.outbox) == 1
    assert isinstance(desk.broker.publish([order("chair", 1)], 1)[0], Failed)
    relay.close()
    desk.database.close()
