"""Operators on events and positions: what was sent is sent again, what is held let go."""

import json
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.faults.chassis.toy import ORDERS, PRODUCED, TENANT
from tests.integration.chassis.operator import MINE, WHO, Act, audited
from tests.integration.chassis.pipeline import Pipeline

from chassis.messaging.receiving.offsets import LogReplaced


def test_what_was_sent_lately_is_published_again(pipeline: Pipeline, act: Act) -> None:
    for subject in ("chair", "table"):
        pipeline.place(subject, revisions=2)
    pipeline.travel()
    assert act("shop", "republish", "--since", "1h", "--tenant", "other", *WHO)[0] == 1
    assert act("shop", "republish", "--since", "1h", *MINE, "--json") == (0, [{"republished": 4}])
    ((tenant, subject, _, cause),) = audited(pipeline.shop, "events.republished")
    assert (tenant, subject, cause) == (TENANT, "*", f"{ORDERS}, 4 events: a test")
    pipeline.travel()
    assert pipeline.made("chair") == pipeline.made("table") == [1, 2]
    assert act("shop", "republish", "--since", "2999-01-01T00:00:00Z", *MINE)[0] == 1
    assert pipeline.findings() == []


def test_events_of_one_subject_and_of_a_list_are_published_again(
    pipeline: Pipeline, act: Act, tmp_path: Path
) -> None:
    pipeline.place("chair", revisions=3)
    pipeline.travel()
    words = ("republish", "--subject", "chair", "--from", "2", *MINE, "--json")
    assert act("shop", *words) == (0, [{"republished": 2}])
    pipeline.travel()
    spans = tmp_path / "spans"
    span = {"tenant_id": TENANT, "subject": "chair", "first": 1, "last": 1}
    spans.write_text(json.dumps(span) + "\n")
    assert act("shop", "republish", "--spans", str(spans), *MINE, "--json")[1] == [
        {"republished": 1}
    ]
    assert len(audited(pipeline.shop, "events.republished")) == 2
    spans.write_text(json.dumps(span | {"tenant_id": "other"}))
    assert act("shop", "republish", "--spans", str(spans), *MINE)[0] == 2
    spans.write_text("{}")
    assert act("shop", "republish", "--spans", str(spans), *MINE)[0] == 2
    pipeline.travel()
    assert pipeline.findings() == []


def test_a_republished_event_waits_from_now_on(pipeline: Pipeline, act: Act) -> None:
    pipeline.place("chair")
    pipeline.travel()
    events = pipeline.shop.outbox.events
    with pipeline.shop.database.write() as connection:
        connection.execute(update(events).values(created_at=1))
    act("shop", "republish", "--subject", "chair", *MINE)
    _, (health,) = act("shop", "health", "--json")
    assert health["outbox_pending"] == 1
    assert health["outbox_oldest_age_seconds"] < 60


def test_a_held_event_is_listed_and_released(pipeline: Pipeline, act: Act) -> None:
    pipeline.place("chair")
    pending = pipeline.shop.outbox.pending
    with pipeline.shop.database.write() as connection:
        connection.execute(update(pending).values(hold=1, failures=5))
    _, (health,) = act("shop", "health", "--json")
    assert "held-row" in health["troubles"]
    assert (health["outbox_held"], health["outbox_oldest_age_seconds"]) == (1, 0.0)
    _, (row,) = act("shop", "held", "--json")
    assert (row["subject"], row["failures"]) == ("chair", 5)
    number = ("--id", str(row["id"]))
    assert act("shop", "release", *number, "--tenant", "other", *WHO)[0] == 1
    assert act("shop", "release", *number, *MINE)[0] == 0
    assert [row[:3] for row in audited(pipeline.shop, "event.released")] == [
        (TENANT, "chair", "ann")
    ]
    pipeline.travel()
    assert pipeline.made("chair") == [1]


def test_after_a_log_was_replaced_everything_is_read_from_its_beginning(
    pipeline: Pipeline, act: Act
) -> None:
    pipeline.place("chair", revisions=2)
    pipeline.travel()
    offsets = pipeline.mill.inbox.offsets
    with pipeline.mill.database.write() as connection:
        connection.execute(update(offsets).values(bus_id="another"))
    with pytest.raises(LogReplaced):
        pipeline.mill.worker().step()
    code, (health,) = act("mill", "health", "--json")
    assert (code, "log-replaced" in health["troubles"]) == (1, True)

    assert act("mill", "reset-offsets", "--topic", PRODUCED, "--all-tenants", *WHO)[0] == 2
    code, rows = act("mill", "reset-offsets", "--topic", ORDERS, "--all-tenants", *WHO, "--json")
    assert (code, [row["position"] for row in rows]) == (0, [0, 0, 0, 0])
    ((tenant, subject, _, cause),) = audited(pipeline.mill, "offsets.reset")
    assert (tenant, subject) == ("*", "*")
    assert cause.startswith(f"{ORDERS} to ")
    pipeline.mill_worker.close()
    pipeline.mill_worker = pipeline.mill.worker()
    pipeline.place("chair")
    pipeline.travel()
    assert pipeline.made("chair") == [1, 2, 3]
    assert pipeline.findings() == []


def test_words_that_are_no_moment_are_refused_with_an_example(
    act: Act,
) -> None:
    code, output = act("shop", "republish", "--since", "noon", *MINE)
    assert (code, "a span such as 2h" in output) == (2, True)
