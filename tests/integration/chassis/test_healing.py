"""What was lost on the way is seen, and can be sent again."""

from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.faults.chassis.toy import ORDERS, TENANT, Shop, placed
from tests.integration.chassis.pipeline import Pipeline, order
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
from chassis.messaging.sending.pending import PendingEvents


def test_a_lost_event_parks_its_subject_is_seen_and_heals(pipeline: Pipeline) -> None:
    for subject in ("chair", "table"):
        pipeline.place(subject, revisions=3)
    pipeline.take_from_outbox("chair", 2)
    pipeline.travel()
    assert (pipeline.made("chair"), pipeline.made("table"), pipeline.parked()) == (
        [1],
        [1, 2, 3],
        1,
    )
    assert any(finding.startswith("I3") for finding in pipeline.findings())
    with pipeline.shop.database.read() as there, pipeline.mill.database.read() as here:
        found = reconcile(
            heads(there, pipeline.shop.outbox, ORDERS), marks(here, pipeline.mill.inbox, ORDERS)
        )
    assert [(lost.subject, lost.head, lost.last, lost.kind) for lost in found] == [
        ("chair", 3, 1, "missing")
    ]
    with pipeline.shop.database.write() as connection:
        assert republish(connection, pipeline.shop.outbox, ORDERS, (TENANT, "chair"), 2, 3) == 2
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3]
    assert pipeline.findings() == []


def test_everything_may_be_published_again(pipeline: Pipeline) -> None:
    pipeline.place("chair", revisions=3)
    pipeline.travel()
    with pipeline.shop.database.write() as connection:
        found = sent_since(connection, pipeline.shop.outbox, ORDERS, 0)
        assert len(move_back(connection, pipeline.shop.outbox, found)) == 3
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3]
    assert pipeline.findings() == []


def test_history_is_forgotten_from_its_beginning_whatever_was_published_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.messaging.sending.pending.PRUNE_ROWS", 2)
    pipeline.place("chair", revisions=3)
    pipeline.place("table", revisions=2)
    pipeline.travel()
    shop, sent = pipeline.shop, pipeline.shop.outbox.sent
    with shop.database.write() as connection:
        assert republish(connection, shop.outbox, ORDERS, (TENANT, "chair"), 1, 3) == 3
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3]
    with shop.database.write() as connection:
        connection.execute(update(sent).where(sent.c.subject == "table").values(sent_at=1))
        assert PendingEvents(shop.outbox).prune(connection, before_us=2) == 2
    assert (shop.count(sent, subject="chair"), shop.count(sent, subject="table")) == (3, 0)


def test_an_event_that_the_broker_never_takes_holds_only_its_own_subject(
    pipeline: Pipeline,
) -> None:
    for subject in ("chair", "table"):
        pipeline.place(subject, revisions=2)
    huge = b"x" * 850_000
    with pipeline.shop.database.write() as connection:
        outbox = pipeline.shop.outbox.outbox
        big = update(outbox).where(outbox.c.subject == "chair", outbox.c.seq == 1)
        text = dump_headers([("ce_id", b"x" * 300_000)])
        connection.execute(big.values(payload=huge, headers=text))
    for _ in range(6):
        pipeline.travel()
    held = pipeline.shop.outbox.outbox
    assert pipeline.shop.count(held, subject="chair", hold=1) == 1
    assert pipeline.shop.count(held, subject="chair") == 2, "its subject waits with it"
    assert pipeline.made("table") == [1, 2]
    with pipeline.shop.database.write() as connection:
        row = connection.execute(select(held.c.id).where(held.c.hold == 1)).scalar_one()
        connection.execute(update(held).where(held.c.id == row).values(payload=b"{}"))
        made = headers(placed("chair"), 1)
        connection.execute(update(held).where(held.c.id == row).values(headers=dump_headers(made)))
        assert release(connection, pipeline.shop.outbox, row)
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2]


def test_the_relay_survives_lost_acknowledgements_and_refusals(pipeline: Pipeline) -> None:
    chaotic = Shop(
        pipeline.folder,
        Faults(lose_ack=0.3, drop_prefix=0.3, refuse=0.2, duplicate=0.2, reorder=0.3),
        seed=7,
        url=pipeline.urls["shop"],
    )
    pipeline.relays[0] = chaotic.relay(batch=10)
    for number in range(60):
        pipeline.place(f"chair-{number % 7}", revisions=2)
    pipeline.travel_until(lambda: pipeline.shop.count(pipeline.shop.outbox.outbox) == 0)
    assert pipeline.findings() == []
    chaotic.database.close()
    injected = chaotic.broker.injected  # type: ignore[attr-defined]
    assert min(injected.lost_acks, injected.dropped, injected.refused, injected.duplicates) > 0


def test_the_broker_says_no_and_the_event_stays(tmp_path: Path, new_database: NewDatabase) -> None:
    shop = Shop(tmp_path, Faults(refuse=1.0), url=new_database("shop"))
    shop.place("chair")
    relay = shop.relay()
    assert relay.step() == 0
    assert shop.count(shop.outbox.outbox) == 1
    assert isinstance(shop.broker.publish([order("chair", 1)], 1)[0], Failed)
    relay.close()
    shop.database.close()
