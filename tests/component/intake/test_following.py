"""The worker: what is heard of a case is noted, shown unchanged, and wakes who waits."""

import threading
import time

import orjson
import pytest

from chassis import clock
from intake import events
from intake.routes import examples

ODD = {"summary": "é ü", "missing_findings": [], "z": 1, "a": 1.50, "step": {"title": "Wait"}}


@pytest.fixture
def case_id(intake):
    return intake.post(examples.CASE).json["case_id"]


def shown(intake, case_id):
    return intake.get(f"/v1/cases/{case_id}").json


def test_a_case_advances_with_what_is_heard(intake, case_id):
    assert shown(intake, case_id)["progress"]["state"] == "submitted"
    intake.peer.assesses(case_id, category="PROBABLE", likelihood="PROBABLE", summary="Likely.")
    intake.consume()
    assert shown(intake, case_id)["progress"]["state"] == "assessed"
    intake.peer.plans(case_id, step={"title": "Guided injection"}, summary="Offer.")
    intake.consume()
    case = shown(intake, case_id)
    assert (case["progress"]["state"], case["progress"]["outcome"]) == ("planned", "recommended")
    assert case["summary"] == {
        "category": "PROBABLE",
        "likelihood": "PROBABLE",
        "assessment": "Likely.",
        "step": "Guided injection",
        "plan": "Offer.",
    }
    assert intake.get("/v1/cases").json["cases"][0]["summary"] == case["summary"]


def test_documents_are_served_byte_for_byte(intake, case_id):
    assessment, plan = intake.peer.assesses(case_id, **ODD), intake.peer.plans(case_id, **ODD)
    intake.consume()
    text = intake.get(f"/v1/cases/{case_id}").data
    assert b'"assessment":' + orjson.dumps(assessment) in text
    assert b'"plan":' + orjson.dumps(plan) in text


def test_a_plan_heard_before_its_assessment_ends_the_road_all_the_same(intake, case_id):
    intake.peer.plans(case_id, kind="plan.withheld")
    intake.consume()
    progress = shown(intake, case_id)["progress"]
    assert (progress["state"], progress["outcome"]) == ("planned", "withheld")
    intake.peer.assesses(case_id)
    intake.consume()
    assert shown(intake, case_id)["progress"]["state"] == "planned"


def test_a_late_result_of_an_older_revision_replaces_nothing(intake, case_id):
    intake.patch(case_id, examples.PATCH, 1)
    intake.peer.assesses(case_id, 2, summary="new")
    intake.peer.plans(case_id, 2, summary="new")
    intake.peer.assesses(case_id, 1, summary="old")
    intake.consume()
    case = shown(intake, case_id)
    assert case["assessment"]["summary"] == "new"
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


def test_a_stop_never_covers_a_finished_document(intake, case_id):
    intake.peer.plans(case_id, summary="done")
    intake.peer.stops(events.PLANS, case_id)
    intake.consume()
    assert shown(intake, case_id)["plan"]["summary"] == "done"


def test_missing_findings_of_both_documents_are_shown_once_each(intake, case_id):
    changes = {"conclusion": "category", "if": "hard", "to": "POSSIBLE"}
    finding = {"fact": "mobility", "label": "Mobility", "could_change": [changes]}
    intake.peer.assesses(case_id, missing_findings=[finding])
    step = {"conclusion": "step", "if": "hard", "to": "referral"}
    others = [finding | {"could_change": [step]}, {"fact": "inr", "could_change": []}]
    intake.peer.plans(case_id, missing_findings=others)
    intake.consume()
    seen = shown(intake, case_id)
    mobility, inr = seen["missing_findings"]
    assert mobility == {"fact": "mobility", "label": "Mobility", "asked_by": ["assessment", "plan"]}
    assert inr["asked_by"] == ["plan"]
    assert seen["assessment"]["missing_findings"][0]["could_change"] == [changes]
    assert seen["plan"]["missing_findings"][0]["could_change"] == [step]


def test_an_unreadable_event_stops_its_case_only_and_everybody_is_told(intake, case_id):
    other = intake.post(examples.CASE).json["case_id"]
    data = {"case_id": case_id, "revision": 1, "assessment": "not a document"}
    intake.peer.publishes(events.ASSESSMENTS, events.ASSESSED, case_id, data)
    intake.peer.assesses(other)
    intake.consume()
    progress = shown(intake, case_id)["progress"]
    assert progress["stopped"] == {"by": "intake", "reason_code": "unreadable-event"}
    assert shown(intake, other)["progress"]["state"] == "assessed"
    told = [event for event in intake.outgoing() if event["data"].get("reason_code")]
    assert [(event["subject"], event["seq"]) for event in told] == [(case_id, 2)]


def test_an_event_of_an_unknown_case_or_another_clinic_is_set_aside(intake, case_id):
    data = {"case_id": case_id, "revision": 1, "assessment": {}}
    intake.peer.publishes(events.ASSESSMENTS, events.ASSESSED, case_id, data, tenant_id="other")
    intake.consume()
    assert intake.count("documents") == 0
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


def seated(room, count):
    deadline = time.monotonic() + 10
    while sum(map(len, list(room._waiting.values()))) < count:
        assert time.monotonic() < deadline


def test_a_waiting_client_gets_the_whole_case_as_soon_as_the_plan_is_there(intake, running):
    answers = []
    client = threading.Thread(target=submit_and_wait, args=(intake, answers))
    with running(intake.worker):
        client.start()
        (case_id,) = submitted(intake, 1)
        intake.peer.assesses(case_id)
        intake.peer.plans(case_id, summary="Offer.")
        began = time.monotonic()
        client.join(10)
    assert time.monotonic() - began < 5
    (answer,) = answers
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20")
    assert answer.json["plan"]["summary"] == "Offer."
    assert answer.headers["Location"] == f"/v1/cases/{case_id}"


def test_a_waiting_client_is_told_of_a_stop(intake, running):
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


def test_who_waits_in_vain_gets_his_202_when_the_time_is_over(intake):
    answers = []
    submit_and_wait(intake, answers, wait=1)
    assert (answers[0].status_code, answers[0].headers["Preference-Applied"]) == (202, "wait=1")


def test_when_every_seat_is_taken_the_next_gets_his_202_at_once(make, running):
    intake = make(seats=2)
    answers = []
    sitting = [threading.Thread(target=submit_and_wait, args=(intake, answers)) for _ in range(2)]
    for client in sitting:
        client.start()
    cases = submitted(intake, 2)
    seated(intake.waiters, 2)
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
        for client in sitting:
            client.join(10)
    assert [answer.status_code for answer in answers] == [200, 200]
