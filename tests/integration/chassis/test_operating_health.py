"""What an operator is told of how a service is."""

from typing import Any

import pytest
from sqlalchemy import update
from tests.faults.chassis.toy import ORDERS, PRODUCED, TENANT
from tests.integration.chassis.operator import Act, leave_letters
from tests.integration.chassis.pipeline import Pipeline
from tests.support.servers.databases import statements

from chassis.messaging.operating.figures import read_figures


def test_a_position_beyond_the_log_is_a_trouble(pipeline: Pipeline, act: Act) -> None:
    pipeline.place("chair")
    pipeline.travel()
    offsets = pipeline.mill.inbox.offsets
    with pipeline.mill.database.write() as connection:
        connection.execute(update(offsets).values(next_offset=99))
    code, (health,) = act("mill", "health", "--json")
    assert code == 1
    assert "offset-out-of-range" in health["troubles"]
    assert health["lag"] == 0


def test_what_waits_for_a_lost_message_is_told_and_what_waits_behind_a_letter_is_not(
    pipeline: Pipeline, act: Act
) -> None:
    leave_letters(pipeline, "table")
    pipeline.place("chair", revisions=3)
    pipeline.take_from_outbox("chair", 2)
    pipeline.travel()
    code, (entry,) = act("mill", "parked", "--older-than", "0s", "--json")
    assert code == 1
    assert (entry["subject"], entry["applied"], entry["first_parked"]) == ("chair", 1, 3)
    assert act("mill", "parked", "--older-than", "1h", "--json") == (0, [])
    assert act("mill", "unfinished")[0] == 2, "this service accepts nothing from outside"


def test_a_survey_tells_what_two_sides_are_compared_by(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "table")
    pipeline.place("chair", revisions=2)
    _, output = act("shop", "survey", "--heads", "--tenant", TENANT)
    heads = {
        tuple(one["key"]): (one["last"], one["sent"]) for one in output if one["kind"] == "head"
    }
    assert heads == {(TENANT, "chair"): (2, 0), (TENANT, "table"): (2, 2)}
    pipeline.travel()
    _, output = act("mill", "survey", "--marks", "--older-than", "0s")
    marks = {tuple(m["key"]): (m["last"], m["blocked"]) for m in output if m["kind"] == "mark"}
    assert marks == {(TENANT, "chair"): (2, 0), (TENANT, "table"): (0, 1)}
    (health,) = (one for one in output if one["kind"] == "health")
    assert (health["speaks"], health["hears"], health["blocked"]) == (PRODUCED, [ORDERS], 1)


def test_health_says_what_needs_somebody(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "chair")
    code, (health,) = act("mill", "health", "--json")
    assert code == 1
    assert health["troubles"] == ["dead-letter-open", "relay-gone", "worker-gone"]
    assert health["dead_letters"] == [
        {"status": "open", "reason_code": "handler-failed", "count": 1}
    ]
    assert "dead-letter-open" in act("mill", "health")[1]


def test_health_counts_the_rows_of_one_tenant_if_asked(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "chair")
    pipeline.place("table", revisions=3)

    def health(name: str, tenant: str) -> Any:
        return act(name, "health", "--tenant", tenant, "--json")[1][0]

    mine, other = health("mill", TENANT), health("mill", "other")
    assert (mine["quarantined"], mine["blocked"]) == (1, 1)
    assert (other["quarantined"], other["blocked"]) == (0, 0)
    assert "dead-letter-open" not in other["troubles"]
    assert health("shop", TENANT)["outbox_pending"] == 3
    assert health("shop", "other")["outbox_pending"] == 0
    assert other["lag"] == mine["lag"], "a log is everybody's"


@pytest.mark.parametrize("words", [("dead-letters", "list"), ("parked", "--older-than", "0s")])
def test_a_list_that_is_cut_says_so(pipeline: Pipeline, act: Act, words: Any) -> None:
    leave_letters(pipeline, "chair", "table")
    for subject in ("bench", "stool"):
        pipeline.place(subject, revisions=3)
        pipeline.take_from_outbox(subject, 2)
    pipeline.travel()
    output = act("mill", *words, "--limit", "1")[1]
    assert "mill: there are more than the 1 shown: --limit" in output
    assert len(act("mill", *words, "--limit", "1", "--json")[1]) == 1
    assert "there are more" not in act("mill", *words, "--limit", "2")[1]


def test_asking_how_things_are_does_not_read_history(pipeline: Pipeline) -> None:
    """What was sent and applied may be millions of rows."""
    pipeline.place("chair", revisions=2)
    pipeline.travel()
    with pipeline.mill.database.read() as connection, statements(connection) as output:
        read_figures(connection, pipeline.mill.outbox, pipeline.mill.inbox, (ORDERS,))
    assert output
    history = (
        pipeline.mill.outbox.sent.name,
        pipeline.mill.outbox.head.name,
        pipeline.mill.inbox.streams.name,
    )
    assert not [one for one in output if any(name in one for name in history)]
