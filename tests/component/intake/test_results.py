"""What is current is the newest revision's or nobody's; an answer's tag names its bytes."""

import msgspec
import orjson
import pytest
from tests.support.results import assessment_brief

from intake import events
from intake.routes import examples
from intake.schemas import answers
from intake.schemas.vocabulary import VocabularyDocument

BOTH = pytest.mark.parametrize("kind", ["assessment", "plan"])
NOT_YET = {"assessment": "not-yet-assessed", "plan": "not-yet-planned"}
TEXT = {"Accept": "text/plain"}


@pytest.fixture
def case_id(intake):
    return intake.post(examples.CASE).json["case_id"]


def decide(intake, case_id, *revisions):
    for revision in revisions:
        intake.peer.assesses(case_id, revision)
        intake.peer.plans(case_id, revision)
    intake.consume()


@BOTH
def test_the_newest_revision_answers_with_decision_brief_and_the_full_document(
    intake, case_id, kind
):
    decide(intake, case_id, 1)
    answer = intake.get(f"/v1/cases/{case_id}/{kind}")
    assert answer.status_code == 200
    assert (answer.json["kind"], answer.json["brief"]["kind"]) == (kind, kind)
    assert answer.json["links"][f"{kind}_document"] == f"/v1/cases/{case_id}/revisions/1/{kind}"
    assert answer.headers["ETag"].startswith('"1.planned.json.')


@BOTH
def test_an_older_result_is_never_served_as_the_present_one(intake, case_id, kind):
    decide(intake, case_id, 1)
    intake.patch(case_id, {"pain": {"pain_nrs_now": 1}}, 1)
    answer = intake.get(f"/v1/cases/{case_id}/{kind}")
    assert (answer.status_code, answer.json["type"]) == (404, f"/problems/{NOT_YET[kind]}")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["revision"] == 2
    assert answer.json["older"] == f"/v1/cases/{case_id}/revisions/1/{kind}"


@BOTH
def test_without_any_result_there_is_no_older_one_either(intake, case_id, kind):
    answer = intake.get(f"/v1/cases/{case_id}/{kind}")
    assert (answer.status_code, answer.json["revision"]) == (404, 1)
    assert "older" not in answer.json


def test_the_older_document_is_the_newest_that_there_is(intake, case_id):
    for revision in (1, 2, 3):
        intake.patch(case_id, {"pain": {"pain_nrs_now": revision}}, revision)
    decide(intake, case_id, 1, 2)
    older = intake.get(f"/v1/cases/{case_id}/plan").json["older"]
    assert older == f"/v1/cases/{case_id}/revisions/2/plan"


def test_an_assessment_is_there_while_its_plan_is_on_its_way(intake, case_id):
    intake.peer.assesses(case_id)
    intake.consume()
    assert intake.get(f"/v1/cases/{case_id}/assessment").status_code == 200
    assert intake.get(f"/v1/cases/{case_id}/plan").json["type"] == "/problems/not-yet-planned"


@BOTH
def test_a_revision_that_was_set_aside_is_a_conflict(intake, case_id, kind):
    intake.peer.stops(events.ASSESSMENTS, case_id)
    intake.consume()
    answer = intake.get(f"/v1/cases/{case_id}/{kind}")
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/processing-stopped")
    assert answer.json["stopped"] == {"by": "diagnosis", "reason_code": "rule-broken"}
    assert "Retry-After" not in answer.headers


def test_a_stop_before_the_plan_leaves_the_assessment(intake, case_id):
    intake.peer.assesses(case_id)
    intake.peer.stops(events.PLANS, case_id)
    intake.consume()
    assert intake.get(f"/v1/cases/{case_id}/assessment").status_code == 200
    assert intake.get(f"/v1/cases/{case_id}/plan").status_code == 409


@BOTH
def test_an_unknown_or_foreign_case_is_not_found(intake, case_id, kind):
    decide(intake, case_id, 1)
    for path, tenant in ((f"nobody/{kind}", "clinic"), (f"{case_id}/{kind}", "other")):
        answer = intake.get(f"/v1/cases/{path}", tenant=tenant)
        assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")


def test_the_screen_of_a_case_is_text(intake, case_id):
    decide(intake, case_id, 1)
    answer = intake.get(f"/v1/cases/{case_id}", **TEXT)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("BACK PAIN: WHAT TO DO")
    assert answer.text == intake.get(f"/v1/cases/{case_id}/plan", **TEXT).text
    assert answer.text.count("\n") <= 40
    assert "LATER" in intake.get(f"/v1/cases/{case_id}/assessment", **TEXT).text


def test_the_screen_names_an_older_result_and_does_not_show_it(intake, case_id):
    decide(intake, case_id, 1)
    intake.patch(case_id, {"pain": {"pain_nrs_now": 1}}, 1)
    text = intake.get(f"/v1/cases/{case_id}", **TEXT).text
    assert text.startswith("BACK PAIN: NO RESULT YET")
    assert f"/v1/cases/{case_id}/revisions/1\n" in text
    older = intake.get(f"/v1/cases/{case_id}/revisions/1", **TEXT).text
    assert older.startswith("NOT THE NEWEST: REVISION 1 OF 2")


def test_what_the_client_has_is_not_sent_again(intake, case_id):
    path = f"/v1/cases/{case_id}"
    first = intake.get(path)
    again = intake.get(path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert {"Accept", "Accept-Encoding"} <= set(first.headers["Vary"].replace(" ", "").split(","))


def test_other_bytes_have_another_tag(intake, case_id):
    path = f"/v1/cases/{case_id}"
    seen = [intake.get(path), intake.get(path, **TEXT), intake.get(f"{path}?fields=case")]
    intake.peer.plans(case_id)
    intake.consume()
    seen += [intake.get(path), intake.get(path, **TEXT)]
    intake.peer.assesses(case_id)  # late: the state stays `planned`, the bytes do not
    intake.consume()
    seen += [intake.get(path)]
    intake.patch(case_id, {"pain": {"pain_nrs_now": 1}}, 1)
    seen += [intake.get(path), intake.get(f"{path}/revisions/1")]
    assert len({answer.headers["ETag"] for answer in seen}) == len(seen)


def test_any_tag_of_the_newest_revision_will_do_for_a_change(intake, case_id):
    path = f"/v1/cases/{case_id}"
    old = intake.get(path, **TEXT).headers["ETag"]
    decide(intake, case_id, 1)
    changed = intake.client.patch(
        path, json={"pain": {"pain_nrs_now": 1}}, headers=intake.headers(**{"If-Match": old})
    )
    assert changed.status_code == 202
    older = intake.get(f"{path}/revisions/1").headers["ETag"]
    stale = intake.client.patch(
        path, json={"pain": {"pain_nrs_now": 2}}, headers=intake.headers(**{"If-Match": older})
    )
    assert (stale.status_code, stale.json["type"]) == (412, "/problems/stale-revision")
    free = intake.client.patch(
        path, json={"pain": {"pain_nrs_now": 3}}, headers=intake.headers(**{"If-Match": "*"})
    )
    assert free.status_code == 202


def test_a_reader_chooses_sections(intake, case_id):
    decide(intake, case_id, 1)
    shown = intake.get(f"/v1/cases/{case_id}?fields=brief,plan").json
    assert {"brief", "plan", "progress", "links"} <= shown.keys()
    assert not {"assessment", "case", "revisions"} & shown.keys()


@pytest.mark.parametrize("chosen", ["", "brief,", "diagnosis", "brief,brief2", "brief plan"])
def test_a_section_that_there_is_not_is_refused(intake, case_id, chosen):
    answer = intake.get(f"/v1/cases/{case_id}?fields={chosen}")
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/invalid-query")
    assert answer.json["errors"][0]["parameter"] == "fields"


def test_an_answer_is_small_with_decisions_and_briefs_of_the_usual_size(intake, bm01):
    case_id = intake.post(bm01).json["case_id"]
    size = len(orjson.dumps(assessment_brief()))
    padding = {"of_tomorrow": "x" * (4096 - size)}
    intake.peer.assesses(case_id, **padding)
    intake.peer.plans(case_id, **padding)
    intake.consume()
    assert len(intake.get(f"/v1/cases/{case_id}").data) < 15_000


def test_a_submission_is_prepared_as_its_event_would_carry_it(intake, bm01):
    intake.post(bm01)
    (event,) = intake.outgoing()
    body = {name: value for name, value in bm01.items() if name != "reference"}
    sent = {"json": body, "headers": intake.headers()}
    prepared = intake.client.post("/v1/cases:prepare", **sent)
    assert prepared.status_code == 200
    assert prepared.json == {"on": event["data"]["on"], "facts": event["data"]["facts"]}
    assert intake.count("cases") == 1
    assert len(intake.outgoing()) == 1


def test_a_submission_is_prepared_for_the_day_that_it_names(intake):
    body = {"on": "2026-11-20", "labs": [{"test": "crp", "performed_on": "2026-11-10"}]}
    prepared = intake.client.post("/v1/cases:prepare", json=body, headers=intake.headers())
    assert prepared.json["on"] == "2026-11-20"
    assert prepared.json["facts"]["labs"][0]["performed_days_ago"] == 10


def test_what_contradicts_itself_is_not_prepared(intake):
    body = {"red_flags": {"fever": False, "max_temp_c": 38.5}}
    answer = intake.client.post("/v1/cases:prepare", json=body, headers=intake.headers())
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/contradictory-findings")


def test_every_answer_is_as_its_class_describes_it(intake, bm01):
    accepted = intake.post(bm01)
    path = f"/v1/cases/{accepted.json['case_id']}"
    body = {name: value for name, value in bm01.items() if name != "reference"}
    prepared = intake.client.post("/v1/cases:prepare", json=body, headers=intake.headers())
    seen = [(accepted, answers.Accepted), (prepared, answers.Prepared)]
    seen += [(intake.get(path), answers.CaseView), (intake.get("/v1/cases"), answers.CaseList)]
    decide(intake, accepted.json["case_id"], 1)
    seen += [
        (intake.get(path), answers.CaseView),
        (intake.get(f"{path}/revisions/1"), answers.CaseView),
        (intake.get("/v1/cases"), answers.CaseList),
        (intake.get(f"{path}/revisions"), answers.RevisionList),
        (intake.get(f"{path}/assessment"), answers.AssessmentResult),
        (intake.get(f"{path}/plan"), answers.PlanResult),
        (intake.get("/v1/vocabulary"), VocabularyDocument),
    ]
    for answer, shape in seen:
        body = answer.json
        if shape is answers.CaseView:  # what other services describe is read by no class here
            decisions = [body.pop(kind, {}) for kind in ("assessment", "plan", "case")]
            assert all(isinstance(decision, dict) for decision in decisions)
        read = msgspec.json.decode(orjson.dumps(body), type=shape)
        members = {name for name in shape.__struct_fields__ if getattr(read, name) is not None}
        assert members == body.keys()
