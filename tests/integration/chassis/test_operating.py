"""An operator's hands on one service: each act is one tenant's, audited, and in small pieces."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.faults.chassis.toy import ORDERS, PARTS, TENANT, Service
from tests.integration.chassis.road import Road
from tests.servers.databases import statements

from chassis.messaging import operations
from chassis.messaging.broker import Outgoing
from chassis.messaging.figures import read_figures
from chassis.messaging.operating.command import operate
from chassis.messaging.operating.desk import Desk
from chassis.messaging.operations import Tables
from chassis.storage.offsets import LogReplaced

WHO = ("--by", "ann", "--why", "a test of hands")
MINE = ("--tenant", TENANT, *WHO)

Act = Callable[..., tuple[int, Any]]


@pytest.fixture
def act(road: Road, capsys: pytest.CaptureFixture[str]) -> Act:
    """Runs a command of one of the two services; returns its exit code and what it printed."""

    def acting(name: str, *words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = operate("toy", lambda: _desk(road, name), words)
        said = capsys.readouterr()
        if "--json" not in words and words[0] != "survey":
            return code, said.out + said.err
        return code, [json.loads(line) for line in said.out.splitlines()]

    return acting


def _desk(road: Road, name: str) -> Desk:
    service: Service = getattr(road, name)
    speaks, hears = (ORDERS, PARTS) if name == "desk" else (PARTS, ORDERS)
    tables = Tables(service.database, service.outbox, service.inbox, service.audit)
    return Desk(name, tables, lambda: service.log, speaks, (hears,), service.run_dir, lambda: None)


def _audited(service: Service, action: str) -> list[tuple[str, str, str, str]]:
    audit = service.audit.c
    columns = (audit.tenant_id, audit.subject, audit.actor, audit.cause)
    with service.database.read() as connection:
        chosen = select(*columns).where(audit.action == action).order_by(audit.id)
        return [tuple(row) for row in connection.execute(chosen)]


def _break(road: Road, *subjects: str) -> None:
    """Leaves one open dead letter for each subject."""
    for subject in subjects:
        road.place(subject, revisions=2)
    road.mill.break_for("raise", subjects)
    road.travel_until(lambda: road.dead(status="open") == len(subjects))
    road.mill.fix("raise")


def test_dead_letters_are_listed_shown_and_redriven(road: Road, act: Act) -> None:
    _break(road, "chair", "table")
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
    road.travel_until(lambda: road.made("chair") == road.made("table") == [1, 2])
    assert sorted(row[:3] for row in _audited(road.mill, "message.redriven")) == [
        (TENANT, "chair", "ann"),
        (TENANT, "table", "ann"),
    ]
    assert act("mill", "dead-letters", "redrive", *MINE)[0] == 1, "nothing is left to redrive"
    assert road.findings() == []


def test_the_body_of_a_dead_letter_is_shown_only_to_who_says_why(road: Road, act: Act) -> None:
    _break(road, "chair")
    code, said = act("mill", "dead-letters", "show", "--id", "1", "--body")
    assert (code, "--by and --why" in said) == (2, True)
    assert _audited(road.mill, "message.read") == []

    code, (shown,) = act("mill", "dead-letters", "show", "--id", "1", "--body", *WHO, "--json")
    assert shown["body"] == {"subject": "chair"}
    ((tenant, subject, actor, cause),) = _audited(road.mill, "message.read")
    assert (tenant, subject, actor) == (TENANT, "chair", "ann")
    assert cause == f"{shown['headers']['ce_id']}: a test of hands"


def test_nobody_touches_the_letters_of_another_tenant(road: Road, act: Act) -> None:
    _break(road, "chair")
    other = ("--tenant", "other", *WHO)
    assert act("mill", "dead-letters", "list", "--tenant", "other", "--json") == (0, [])
    assert act("mill", "dead-letters", "show", "--id", "1", "--tenant", "other")[0] == 1
    assert act("mill", "dead-letters", "redrive", "--id", "1", *other)[0] == 1
    code, said = act("mill", "dead-letters", "skip", "--id", "1", *other)
    assert (code, "there is no open dead letter 1" in said) == (1, True)
    assert road.dead(status="open") == 1
    assert _audited(road.mill, "message.redriven") == []


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
    with pytest.raises(SystemExit) as end:
        act("mill", *words)
    assert end.value.code == 2


def test_a_skipped_letter_lets_its_subject_go_on(road: Road, act: Act) -> None:
    _break(road, "chair")
    assert act("mill", "dead-letters", "skip", "--id", "1", *MINE)[0] == 0
    road.travel_until(lambda: road.made("chair") == [2])
    assert act("mill", "dead-letters", "skip", "--id", "1", *MINE)[0] == 1
    assert act("mill", "dead-letters", "list", "--status", "skipped", "--json")[1][0]["id"] == 1


def test_a_letter_without_a_subject_can_be_skipped_by_who_speaks_for_all(
    road: Road, act: Act
) -> None:
    road.inject(Outgoing(ORDERS, b"nobody", [("x", b"\xff")], b"\x00\xfe"))
    road.travel()
    _, (shown,) = act("mill", "dead-letters", "show", "--id", "1", "--body", *WHO, "--json")
    assert (shown["headers"], shown["body"]) == ({"x": "\\xff"}, {"base64": "AP4="})
    assert act("mill", "dead-letters", "skip", "--id", "1", *MINE)[0] == 1
    assert act("mill", "dead-letters", "skip", "--id", "1", "--all-tenants", *WHO)[0] == 0
    assert [row[:2] for row in _audited(road.mill, "message.skipped")] == [("*", "*")]
    assert road.findings() == []


def test_what_killed_its_process_is_tried_only_once_more(road: Road, act: Act) -> None:
    _break(road, "chair")
    dead = road.mill.inbox.dead
    with road.mill.database.write() as connection:
        connection.execute(update(dead).values(reason_code="process-died"))
    act("mill", "dead-letters", "redrive", *MINE)
    road.mill.break_for("raise", ["chair"])
    road.travel_until(lambda: road.dead(status="open") == 1)
    assert road.dead(attempts=6) == 1, "claimed once, not five times"


def test_many_letters_are_redriven_in_small_transactions(
    road: Road, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(road, *(f"stool-{number}" for number in range(5)))
    monkeypatch.setattr(operations.Operator._each, "__kwdefaults__", {"at_once": 2})
    batches: list[int] = []
    redrive = operations.Operator._redrive

    def counted(self: Any, connection: Any, ids: Any) -> int:
        batches.append(len(ids))
        return redrive(self, connection, ids)

    monkeypatch.setattr(operations.Operator, "_redrive", counted)
    assert act("mill", "dead-letters", "redrive", *MINE, "--json") == (0, [{"redriven": 5}])
    assert batches == [2, 2, 1]


def test_what_was_sent_lately_is_published_again(road: Road, act: Act) -> None:
    for subject in ("chair", "table"):
        road.place(subject, revisions=2)
    road.travel()
    assert act("desk", "republish", "--since", "1h", "--tenant", "other", *WHO)[0] == 1
    assert act("desk", "republish", "--since", "1h", *MINE, "--json") == (0, [{"republished": 4}])
    ((tenant, subject, _, cause),) = _audited(road.desk, "events.republished")
    assert (tenant, subject, cause) == (TENANT, "*", f"{ORDERS}, 4 events: a test of hands")
    road.travel()
    assert road.made("chair") == road.made("table") == [1, 2]
    assert act("desk", "republish", "--since", "2999-01-01T00:00:00Z", *MINE)[0] == 1
    assert road.findings() == []


def test_events_of_one_subject_and_of_a_list_are_published_again(
    road: Road, act: Act, tmp_path: Path
) -> None:
    road.place("chair", revisions=3)
    road.travel()
    words = ("republish", "--subject", "chair", "--from", "2", *MINE, "--json")
    assert act("desk", *words) == (0, [{"republished": 2}])
    road.travel()
    spans = tmp_path / "spans"
    span = {"tenant_id": TENANT, "subject": "chair", "first": 1, "last": 1}
    spans.write_text(json.dumps(span) + "\n")
    assert act("desk", "republish", "--spans", str(spans), *MINE, "--json")[1] == [
        {"republished": 1}
    ]
    assert len(_audited(road.desk, "events.republished")) == 2
    spans.write_text(json.dumps(span | {"tenant_id": "other"}))
    assert act("desk", "republish", "--spans", str(spans), *MINE)[0] == 2
    spans.write_text("{}")
    assert act("desk", "republish", "--spans", str(spans), *MINE)[0] == 2
    road.travel()
    assert road.findings() == []


def test_a_republished_event_waits_from_now_on(road: Road, act: Act) -> None:
    road.place("chair")
    road.travel()
    sent = road.desk.outbox.sent
    with road.desk.database.write() as connection:
        connection.execute(update(sent).values(created_at=1))
    act("desk", "republish", "--subject", "chair", *MINE)
    _, (health,) = act("desk", "health", "--json")
    assert health["outbox_pending"] == 1
    assert health["outbox_oldest_age_seconds"] < 60


def test_a_held_event_is_listed_and_released(road: Road, act: Act) -> None:
    road.place("chair")
    outbox = road.desk.outbox.outbox
    with road.desk.database.write() as connection:
        connection.execute(update(outbox).values(hold=1, failures=5))
    _, (health,) = act("desk", "health", "--json")
    assert "held-row" in health["troubles"]
    assert (health["outbox_held"], health["outbox_oldest_age_seconds"]) == (1, 0.0)
    _, (row,) = act("desk", "held", "--json")
    assert (row["subject"], row["failures"]) == ("chair", 5)
    number = ("--id", str(row["id"]))
    assert act("desk", "release", *number, "--tenant", "other", *WHO)[0] == 1
    assert act("desk", "release", *number, *MINE)[0] == 0
    assert [row[:3] for row in _audited(road.desk, "event.released")] == [(TENANT, "chair", "ann")]
    road.travel()
    assert road.made("chair") == [1]


def test_after_a_log_was_replaced_everything_is_read_from_its_beginning(
    road: Road, act: Act
) -> None:
    road.place("chair", revisions=2)
    road.travel()
    offsets = road.mill.inbox.offsets
    with road.mill.database.write() as connection:
        connection.execute(update(offsets).values(bus_id="another"))
    with pytest.raises(LogReplaced):
        road.mill.worker().step()
    code, (health,) = act("mill", "health", "--json")
    assert (code, "log-replaced" in health["troubles"]) == (1, True)

    assert act("mill", "reset-offsets", "--topic", PARTS, "--all-tenants", *WHO)[0] == 2
    code, rows = act("mill", "reset-offsets", "--topic", ORDERS, "--all-tenants", *WHO, "--json")
    assert (code, [row["position"] for row in rows]) == (0, [0, 0, 0, 0])
    ((tenant, subject, _, cause),) = _audited(road.mill, "offsets.reset")
    assert (tenant, subject) == ("*", "*")
    assert cause.startswith(f"{ORDERS} to ")
    road.mill_worker.close()
    road.mill_worker = road.mill.worker()
    road.place("chair")
    road.travel()
    assert road.made("chair") == [1, 2, 3]
    assert road.findings() == []


def test_a_position_beyond_the_log_is_a_trouble(road: Road, act: Act) -> None:
    road.place("chair")
    road.travel()
    offsets = road.mill.inbox.offsets
    with road.mill.database.write() as connection:
        connection.execute(update(offsets).values(next_offset=99))
    code, (health,) = act("mill", "health", "--json")
    assert code == 1
    assert "offset-out-of-range" in health["troubles"]
    assert health["lag"] == 0


def test_what_waits_for_a_lost_message_is_told_and_what_waits_behind_a_letter_is_not(
    road: Road, act: Act
) -> None:
    _break(road, "table")
    road.place("chair", revisions=3)
    road.take_from_outbox("chair", 2)
    road.travel()
    code, (entry,) = act("mill", "parked", "--older-than", "0s", "--json")
    assert code == 1
    assert (entry["subject"], entry["applied"], entry["first_parked"]) == ("chair", 1, 3)
    assert act("mill", "parked", "--older-than", "1h", "--json") == (0, [])
    assert act("mill", "unfinished")[0] == 2, "this service accepts nothing from outside"


def test_a_survey_tells_what_two_sides_are_compared_by(road: Road, act: Act) -> None:
    _break(road, "table")
    road.place("chair", revisions=2)
    _, told = act("desk", "survey", "--heads", "--tenant", TENANT)
    heads = {tuple(one["key"]): (one["last"], one["sent"]) for one in told if one["kind"] == "head"}
    assert heads == {(TENANT, "chair"): (2, 0), (TENANT, "table"): (2, 2)}
    road.travel()
    _, told = act("mill", "survey", "--marks", "--older-than", "0s")
    marks = {tuple(m["key"]): (m["last"], m["blocked"]) for m in told if m["kind"] == "mark"}
    assert marks == {(TENANT, "chair"): (2, 0), (TENANT, "table"): (0, 1)}
    (health,) = (one for one in told if one["kind"] == "health")
    assert (health["speaks"], health["hears"], health["blocked"]) == (PARTS, [ORDERS], 1)


def test_health_says_what_needs_somebody(road: Road, act: Act) -> None:
    _break(road, "chair")
    code, (health,) = act("mill", "health", "--json")
    assert code == 1
    assert health["troubles"] == ["dead-letter-open", "relay-gone", "worker-gone"]
    assert health["dead_letters"] == [
        {"status": "open", "reason_code": "handler-failed", "count": 1}
    ]
    assert "dead-letter-open" in act("mill", "health")[1]


def test_health_counts_the_rows_of_one_tenant_if_asked(road: Road, act: Act) -> None:
    _break(road, "chair")
    road.place("table", revisions=3)

    def health(name: str, tenant: str) -> Any:
        return act(name, "health", "--tenant", tenant, "--json")[1][0]

    mine, other = health("mill", TENANT), health("mill", "other")
    assert (mine["quarantined"], mine["blocked"]) == (1, 1)
    assert (other["quarantined"], other["blocked"]) == (0, 0)
    assert "dead-letter-open" not in other["troubles"]
    assert health("desk", TENANT)["outbox_pending"] == 3
    assert health("desk", "other")["outbox_pending"] == 0
    assert other["lag"] == mine["lag"], "a log is everybody's"


@pytest.mark.parametrize("words", [("dead-letters", "list"), ("parked", "--older-than", "0s")])
def test_a_list_that_is_cut_says_so(road: Road, act: Act, words: Any) -> None:
    _break(road, "chair", "table")
    for subject in ("bench", "stool"):
        road.place(subject, revisions=3)
        road.take_from_outbox(subject, 2)
    road.travel()
    said = act("mill", *words, "--limit", "1")[1]
    assert "mill: there are more than the 1 shown: --limit" in said
    assert len(act("mill", *words, "--limit", "1", "--json")[1]) == 1
    assert "there are more" not in act("mill", *words, "--limit", "2")[1]


def test_asking_how_things_are_does_not_read_history(road: Road) -> None:
    """What was sent and applied may be millions of rows."""
    road.place("chair", revisions=2)
    road.travel()
    with road.mill.database.read() as connection, statements(connection) as said:
        read_figures(connection, road.mill.outbox, road.mill.inbox, (ORDERS,))
    assert said
    history = (road.mill.outbox.sent.name, road.mill.inbox.streams.name)
    assert not [one for one in said if any(name in one for name in history)]


def test_words_that_are_no_moment_are_refused_with_an_example(
    act: Act, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        act("desk", "republish", "--since", "noon", *MINE)
    assert "a span such as 2h" in capsys.readouterr().err
