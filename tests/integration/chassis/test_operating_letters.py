"""Operators on dead letters: each act is one tenant's, audited, in small pieces."""

from typing import Any

import pytest
from sqlalchemy import update
from tests.faults.chassis.toy import ORDERS, TENANT
from tests.integration.chassis.operator import MINE, WHO, Act, audited, leave_letters
from tests.integration.chassis.pipeline import Pipeline

from chassis.messaging.operating import operations
from chassis.messaging.port import Outgoing


def test_dead_letters_are_listed_shown_and_redriven(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "chair", "table")
    code, found = act("mill", "dead-letters", "list", "--json")
    assert code == 0
    assert {entry["subject"]: entry["sequence"] for entry in found} == {"chair": 1, "table": 1}
    assert act("mill", "dead-letters", "list", "--subject", "chair", "--json")[1] == [
        entry for entry in found if entry["subject"] == "chair"
    ]

    code, (shown,) = act("mill", "dead-letters", "show", "--id", str(found[0]["id"]), "--json")
    assert shown["headers"]["ce_type"] == "order.placed"
    assert "then redrive" in shown["what_to_do"]
    assert shown["reason"] == "ZeroDivisionError at toy.py:" + shown["reason"].rpartition(":")[2]
    assert "body" not in shown

    assert act("mill", "dead-letters", "redrive", *MINE, "--json") == (0, [{"redriven": 2}])
    pipeline.travel_until(lambda: pipeline.made("chair") == pipeline.made("table") == [1, 2])
    assert sorted(row[:3] for row in audited(pipeline.mill, "message.redriven")) == [
        (TENANT, "chair", "ann"),
        (TENANT, "table", "ann"),
    ]
    assert act("mill", "dead-letters", "redrive", *MINE)[0] == 1, "nothing is left to redrive"
    assert pipeline.findings() == []


def test_the_body_of_a_dead_letter_is_shown_only_to_who_says_why(
    pipeline: Pipeline, act: Act
) -> None:
    leave_letters(pipeline, "chair")
    code, output = act("mill", "dead-letters", "show", "--id", "1", "--body")
    assert (code, "--by and --why" in output) == (2, True)
    assert audited(pipeline.mill, "message.read") == []

    code, (shown,) = act("mill", "dead-letters", "show", "--id", "1", "--body", *WHO, "--json")
    assert shown["body"] == {"subject": "chair"}
    ((tenant, subject, actor, cause),) = audited(pipeline.mill, "message.read")
    assert (tenant, subject, actor) == (TENANT, "chair", "ann")
    assert cause == f"{shown['headers']['ce_id']}: a test"


def test_nobody_touches_the_letters_of_another_tenant(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "chair")
    other = ("--tenant", "other", *WHO)
    assert act("mill", "dead-letters", "list", "--tenant", "other", "--json") == (0, [])
    assert act("mill", "dead-letters", "show", "--id", "1", "--tenant", "other")[0] == 1
    assert act("mill", "dead-letters", "redrive", "--id", "1", *other)[0] == 1
    code, output = act("mill", "dead-letters", "skip", "--id", "1", *other)
    assert (code, "there is no open dead letter 1" in output) == (1, True)
    assert pipeline.dead(status="open") == 1
    assert audited(pipeline.mill, "message.redriven") == []


@pytest.mark.parametrize(
    "words",
    [
        ("dead-letters", "redrive", *WHO),
        ("dead-letters", "redrive", "--tenant", TENANT, "--by", "ann"),
        ("dead-letters", "redrive", "--tenant", TENANT, "--by", "ann", "--why", " "),
        ("dead-letters", "skip", "--id", "1", "--tenant", TENANT, "--all-tenants", *WHO),
        ("republish", "--since", "yesterday", *MINE),
        ("reset-offsets", "--topic", ORDERS, *WHO),
    ],
)
def test_who_does_not_say_of_whom_by_whom_and_why_does_nothing(act: Act, words: Any) -> None:
    assert act("mill", *words)[0] == 2


def test_a_skipped_letter_lets_its_subject_go_on(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "chair")
    assert act("mill", "dead-letters", "skip", "--id", "1", *MINE)[0] == 0
    pipeline.travel_until(lambda: pipeline.made("chair") == [2])
    assert act("mill", "dead-letters", "skip", "--id", "1", *MINE)[0] == 1
    assert act("mill", "dead-letters", "list", "--status", "skipped", "--json")[1][0]["id"] == 1


def test_a_letter_without_a_subject_can_be_skipped_by_who_speaks_for_all(
    pipeline: Pipeline, act: Act
) -> None:
    pipeline.inject(Outgoing(ORDERS, b"nobody", [("x", b"\xff")], b"\x00\xfe"))
    pipeline.travel()
    _, (shown,) = act("mill", "dead-letters", "show", "--id", "1", "--body", *WHO, "--json")
    assert (shown["headers"], shown["body"]) == ({"x": "\\xff"}, {"base64": "AP4="})
    assert act("mill", "dead-letters", "skip", "--id", "1", *MINE)[0] == 1
    assert act("mill", "dead-letters", "skip", "--id", "1", "--all-tenants", *WHO)[0] == 0
    assert [row[:2] for row in audited(pipeline.mill, "message.skipped")] == [("*", "*")]
    assert pipeline.findings() == []


def test_what_killed_its_process_is_tried_only_once_more(pipeline: Pipeline, act: Act) -> None:
    leave_letters(pipeline, "chair")
    dead = pipeline.mill.inbox.dead
    with pipeline.mill.database.write() as connection:
        connection.execute(update(dead).values(reason_code="process-died"))
    act("mill", "dead-letters", "redrive", *MINE)
    pipeline.mill.break_for("raise", ["chair"])
    pipeline.travel_until(lambda: pipeline.dead(status="open") == 1)
    assert pipeline.dead(attempts=6) == 1, "claimed once, not five times"


def test_many_letters_are_redriven_in_small_transactions(
    pipeline: Pipeline, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_letters(pipeline, *(f"stool-{number}" for number in range(5)))
    monkeypatch.setattr(operations.Operator._each, "__kwdefaults__", {"at_once": 2})
    batches: list[int] = []
    redrive = operations.Operator._redrive

    def counted(self: Any, connection: Any, ids: Any) -> int:
        batches.append(len(ids))
        return redrive(self, connection, ids)

    monkeypatch.setattr(operations.Operator, "_redrive", counted)
    assert act("mill", "dead-letters", "redrive", *MINE, "--json") == (0, [{"redriven": 5}])
    assert batches == [2, 2, 1]
