"""The worker: results are noted, shown unchanged, and wake the clients that wait."""

import threading
import time

import orjson
import pytest
from tests.support.results import DIAGNOSIS, TREATMENT, assessment

from chassis import clock
from intake import events
from intake.routes import examples

ODD = {"notices": ["é ü"], "z": 1, "a": 1.50}


@pytest.fixture
def case_id(intake):
    return intake.post(examples.CASE).json["case_id"]


def shown(intake, case_id):
    return intake.get(f"/v1/cases/{case_id}").json


def test_a_case_advances_with_each_result(intake, case_id):
    assert shown(intake, case_id)["progress"]["state"] == "submitted"
    intake.peer.assesses(case_id)
    intake.consume()
    case = shown(intake, case_id)
    assert case["progress"]["state"] == "assessed"
    assert case["brief"]["kind"] == "assessment"
    intake.peer.plans(case_id)
    intake.consume()
    case = shown(intake, case_id)
    assert (case["progress"]["state"], case["progress"]["outcome"]) == ("planned", "recommended")
    assert case["brief"]["kind"] == "plan"


def test_lists_show_the_few_words_of_the_brief_that_stands(intake, case_id):
    intake.peer.assesses(case_id)
    intake.consume()
    words = {"urgency": "routine", "category": "PROBABLE"}
    words["likely"] = "A painful back mouse is probable."
    (entry,) = intake.get("/v1/cases").json["cases"]
    assert entry["summary"] == words | {"action": DIAGNOSIS["do"]["text"]}
    intake.peer.plans(case_id)
    intake.consume()
    (entry,) = intake.get(f"/v1/cases/{case_id}/revisions").json["revisions"]
    assert entry["summary"] == words | {"action": TREATMENT["do"]["text"]}


def test_decisions_and_briefs_are_served_byte_for_byte(intake, case_id):
    assessed, planned = intake.peer.assesses(case_id, **ODD), intake.peer.plans(case_id, **ODD)
    intake.consume()
    text = intake.get(f"/v1/cases/{case_id}").data
    assert b'"assessment":' + orjson.dumps(assessed["decision"]) in text
    assert b'"plan":' + orjson.dumps(planned["decision"]) in text
    assert b'"brief":' + orjson.dumps(planned["brief"]) in text
    assert orjson.dumps(assessed["brief"]) in intake.get(f"/v1/cases/{case_id}/assessment").data


def test_a_plan_that_comes_before_its_assessment_settles_the_case_all_the_same(intake, case_id):
    intake.peer.plans(case_id, kind="plan.withheld")
    intake.consume()
    progress = shown(intake, case_id)["progress"]
    assert (progress["state"], progress["outcome"]) == ("planned", "withheld")
    intake.peer.assesses(case_id)
    intake.consume()
    assert shown(intake, case_id)["progress"]["state"] == "planned"


def test_a_late_result_of_an_older_revision_replaces_nothing(intake, case_id):
    intake.patch(case_id, examples.PATCH, 1)
    intake.peer.assesses(case_id, 2, sign_off="new")
    intake.peer.plans(case_id, 2, sign_off="new")
    intake.peer.assesses(case_id, 1, sign_off="old")
    intake.consume()
    case = shown(intake, case_id)
    assert case["brief"]["sign_off"] == "new"
    states = [(entry["revision"], entry["progress"]["state"]) for entry in case["revisions"]]
    assert states == [(2, "planned"), (1, "assessed")]


@pytest.mark.parametrize(
    ("topic", "waiting"), [(events.ASSESSMENTS, "assessment"), (events.PLANS, "plan")]
)
def test_a_stop_is_shown_with_who_and_why_until_the_result_comes(intake, case_id, topic, waiting):
    intake.peer.stops(topic, case_id)
    intake.consume()
    progress = shown(intake, case_id)["progress"]
    assert (progress["state"], progress["waiting_for"]) == ("stopped", waiting)
    assert progress["stopped"] == {"by": topic.partition(".")[0], "reason_code": "rule-broken"}
    intake.peer.assesses(case_id)
    intake.peer.plans(case_id)
    intake.consume()
    assert shown(intake, case_id)["progress"]["state"] == "planned"


def test_a_stop_never_replaces_a_decision(intake, case_id):
    intake.peer.plans(case_id, sign_off="done")
    intake.peer.stops(events.PLANS, case_id)
    intake.consume()
    assert shown(intake, case_id)["brief"]["sign_off"] == "done"


def test_an_unreadable_event_stops_its_case_only_and_the_stop_is_published(intake, case_id):
    other = intake.post(examples.CASE).json["case_id"]
    data = {"case_id": case_id, "revision": 1, "decision": {}, "brief": "not a brief"}
    intake.peer.publishes(events.ASSESSMENTS, events.ASSESSED, case_id, data)
    intake.peer.assesses(other)
    intake.consume()
    progress = shown(intake, case_id)["progress"]
    assert progress["stopped"] == {"by": "intake", "reason_code": "unreadable-event"}
    assert shown(intake, other)["progress"]["state"] == "assessed"
    stops = [event for event in intake.outgoing() if event["data"].get("reason_code")]
    assert [(event["subject"], event["seq"]) for event in stops] == [(case_id, 2)]


def test_an_event_of_an_unknown_case_or_another_clinic_is_set_aside(intake, case_id):
    data = assessment(case_id)
    intake.peer.publishes(events.ASSESSMENTS, events.ASSESSED, case_id, data, tenant_id="other")
    intake.consume()
    assert intake.count("results") == 0
    assert intake.count("dead_letter") == 1
    assert shown(intake, case_id)["progress"]["state"] == "submitted"


def test_fields_and_events_that_nobody_announced_are_ignored(intake, case_id):
    intake.peer.publishes(events.ASSESSMENTS, "red-flag.raised", case_id, {"anything": True})
    intake.peer.assesses(case_id, of_tomorrow={"deep": [1]})
    intake.consume()
    assert shown(intake, case_id)["progress"]["state"] == "assessed"
    assert intake.count("dead_letter") == 0


def test_each_note_leaves_a_line_in_the_audit(intake, case_id):
    intake.peer.assesses(case_id)
    intake.peer.plans(case_id)
    intake.consume()
    with intake.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT action, actor FROM audit ORDER BY id")
        assert [tuple(row) for row in rows] == [
            ("case.submitted", "desk"),
            ("assessment.noted", "intake"),
            ("plan.noted", "intake"),
        ]


def submit_and_wait(intake, answers, wait=20, key=""):
    client = intake.client.application.test_client()
    own = {"Idempotency-Key": key or clock.new_id(), "Prefer": f"wait={wait}"}
    answers.append(client.post("/v1/cases", json=examples.CASE, headers=intake.headers(**own)))


def submitted(intake, count):
    deadline = time.monotonic() + 10
    while intake.count("cases") < count:
        assert time.monotonic() < deadline
    with intake.database.read() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT case_id FROM cases")]


def waiting(waiters, count):
    deadline = time.monotonic() + 10
    while sum(map(len, list(waiters._waiting.values()))) < count:
        assert time.monotonic() < deadline


def test_a_waiting_client_gets_the_whole_case_as_soon_as_the_plan_is_there(intake, running):
    answers = []
    client = threading.Thread(target=submit_and_wait, args=(intake, answers))
    with running(intake.worker):
        client.start()
        (case_id,) = submitted(intake, 1)
        intake.peer.assesses(case_id)
        intake.peer.plans(case_id)
        began = time.monotonic()
        client.join(10)
    assert time.monotonic() - began < 5
    (answer,) = answers
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20")
    assert answer.json["brief"]["kind"] == "plan"
    assert answer.headers["Location"] == f"/v1/cases/{case_id}"


def test_a_waiting_client_learns_of_a_stop(intake, running):
    answers = []
    client = threading.Thread(target=submit_and_wait, args=(intake, answers))
    with running(intake.worker):
        client.start()
        (case_id,) = submitted(intake, 1)
        intake.peer.stops(events.ASSESSMENTS, case_id)
        client.join(10)
    assert answers[0].status_code == 200
    assert answers[0].json["progress"]["state"] == "stopped"


def test_a_replay_with_wait_waits_for_the_same_revision(intake, running):
    first, again = [], []
    submit_and_wait(intake, first, wait=0, key="k")
    client = threading.Thread(target=submit_and_wait, args=(intake, again, 20, "k"))
    with running(intake.worker):
        client.start()
        (case_id,) = submitted(intake, 1)
        intake.peer.assesses(case_id)
        intake.peer.plans(case_id)
        client.join(10)
    assert first[0].status_code == 202
    assert (again[0].status_code, again[0].json["case_id"]) == (200, first[0].json["case_id"])


def test_a_client_that_waits_in_vain_gets_its_202_when_the_time_is_over(intake):
    answers = []
    submit_and_wait(intake, answers, wait=1)
    assert (answers[0].status_code, answers[0].headers["Preference-Applied"]) == (202, "wait=1")


def test_when_too_many_wait_the_next_gets_its_202_at_once(make, running):
    intake = make(waiting_limit=2)
    answers = []
    first = [threading.Thread(target=submit_and_wait, args=(intake, answers)) for _ in range(2)]
    for client in first:
        client.start()
    cases = submitted(intake, 2)
    waiting(intake.waiters, 2)
    began = time.monotonic()
    late = []
    submit_and_wait(intake, late, wait=20, key="late")
    assert time.monotonic() - began < 5
    assert late[0].status_code == 202
    assert "Preference-Applied" not in late[0].headers
    assert intake.get("/v1/cases").status_code == 200
    with running(intake.worker):
        for case_id in cases:
            intake.peer.plans(case_id)
        for client in first:
            client.join(10)
    assert [answer.status_code for answer in answers] == [200, 200]
