"""PATCH and follow-ups: a new revision each time, never in place, never over another's head."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis import clock
from intake.routes import examples

BODY = examples.CASE


@pytest.fixture
def case_id(intake):
    return intake.post(BODY).json["case_id"]


def recorded(intake, case_id):
    return intake.get(f"/v1/cases/{case_id}").json["case"]


def test_a_correction_is_a_new_revision_that_travels_the_road_again(intake, case_id):
    answer = intake.patch(case_id, examples.PATCH, 1)
    assert (answer.status_code, answer.headers["ETag"]) == (202, '"2"')
    first, second = intake.outgoing()
    assert (second["seq"], second["data"]["revision"]) == (2, 2)
    assert second["data"]["contact"] == "correction"
    assert second["data"]["facts"]["examination"]["power"] == "normal"
    assert second["data"]["facts"]["patient"] == first["data"]["facts"]["patient"]


@pytest.mark.parametrize(
    "patch",
    [{}, {"pain": {}}, {"pain": {"pain_nrs_now": 6}}, {"reference": BODY["reference"]}],
    ids=["empty", "an empty section", "the same finding again", "the same reference"],
)
def test_a_patch_that_changes_nothing_makes_no_revision(intake, case_id, patch):
    before = intake.get(f"/v1/cases/{case_id}").json
    answer = intake.patch(case_id, patch, 1)
    assert answer.status_code == 200
    assert answer.headers["ETag"].startswith('"1.submitted.json.')
    assert answer.json == before
    assert len(intake.outgoing()) == 1
    assert intake.count("revisions") == 1
    assert intake.count("audit") == 1


def test_a_patch_that_changes_nothing_still_needs_the_current_revision(intake, case_id):
    assert intake.patch(case_id, {}, 7).status_code == 412


def test_others_are_denied_only_where_nothing_is_recorded(intake, case_id):
    intake.patch(case_id, {"comorbidity": {"implants": {"pacemaker": True}}}, 1)
    intake.patch(case_id, {"comorbidity": {"implants": {"icd": None, "others": False}}}, 2)
    implants = recorded(intake, case_id)["comorbidity"]["implants"]
    assert implants == {"pacemaker": True, "stimulator": False, "metal_at_site": False}


def test_null_makes_a_finding_unknown_again(intake, case_id):
    intake.patch(case_id, {"pain": {"pain_nrs_now": None}}, 1)
    assert "pain" not in recorded(intake, case_id)


def test_nodules_are_replaced_whole(intake, case_id):
    intake.patch(case_id, {"nodules": [{"id": "b"}]}, 1)
    assert recorded(intake, case_id)["nodules"] == [{"id": "b"}]


def test_lists_that_only_grow_cannot_be_patched(intake, case_id):
    answer = intake.patch(case_id, {"blocks": [], "contacts": [], "treatments_given": None}, 1)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == {
        "/blocks",
        "/contacts",
        "/treatments_given",
    }
    assert intake.count("revisions") == 1


def test_a_change_without_sight_of_the_case_is_refused(intake, case_id):
    answer = intake.patch(case_id, examples.PATCH, None)
    assert (answer.status_code, answer.json["type"]) == (428, "/problems/revision-required")
    answer = intake.patch(case_id, examples.PATCH, 7)
    assert (answer.status_code, answer.json["type"]) == (412, "/problems/stale-revision")
    assert answer.headers["ETag"] == '"1"'


def test_of_parallel_changes_exactly_one_wins_and_the_sequence_has_no_gap(intake, case_id):
    def change(number):
        client = intake.client.application.test_client()
        sent = intake.headers(**{"If-Match": '"1"'})
        body = {"pain": {"pain_nrs_now": number}}
        return client.patch(f"/v1/cases/{case_id}", json=body, headers=sent).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(change, range(8)))
    assert statuses == [202, *[412] * 7]
    assert [event["seq"] for event in intake.outgoing()] == [1, 2]


def test_a_correction_that_contradicts_what_is_recorded_is_refused(intake, case_id):
    answer = intake.patch(case_id, {"nodule_examination": {"nodule_present": "none"}}, 1)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/contradictory-findings")
    assert intake.count("revisions") == 1


def test_a_follow_up_appends_and_keeps_the_first_scores(intake, case_id):
    answer = intake.follow_up(case_id, examples.FOLLOW_UP, 1)
    assert (answer.status_code, answer.headers["ETag"]) == (202, '"2"')
    body = recorded(intake, case_id)
    today = clock.today().isoformat()
    assert body["contacts"] == [
        {"happened_on": today, "kind": "first", "pain_nrs_now": 6},
        {"happened_on": today, "kind": "follow_up", "pain_nrs_now": 2, "worse_or_new_sign": False},
    ]
    assert body["pain"]["pain_nrs_now"] == 2
    assert body["red_flags"] == {"fever": False}
    assert intake.outgoing()[1]["data"]["contact"] == "follow_up"


def test_a_repeated_follow_up_is_answered_again_though_its_etag_is_stale(intake, case_id):
    first = intake.follow_up(case_id, examples.FOLLOW_UP, 1, key="f")
    again = intake.follow_up(case_id, examples.FOLLOW_UP, 1, key="f")
    assert (again.status_code, again.data) == (202, first.data)
    assert len(recorded(intake, case_id)["contacts"]) == 2


def test_what_is_wrong_in_a_follow_up_is_named_where_it_was_sent(intake, case_id):
    body = {
        "contact": {"happened_on": "2999-01-01"},
        "blocks": [{"nodule_id": "a"}, {"nodule_id": "nobody"}],
        "findings": {"patient": {"sex_at_birth": "male", "pregnancy_status": "yes"}},
    }
    answer = intake.follow_up(case_id, body, 1)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == {
        "/contact/happened_on",
        "/blocks/1/nodule_id",
        "/findings/patient/pregnancy_status",
    }


def test_a_case_of_another_clinic_does_not_exist(intake, case_id):
    match = {"If-Match": '"1"', "tenant": "other"}
    assert intake.get(f"/v1/cases/{case_id}", tenant="other").status_code == 404
    assert intake.get(f"/v1/cases/{case_id}/revisions", tenant="other").status_code == 404
    assert intake.patch(case_id, examples.PATCH, 1, tenant="other").status_code == 404
    path = f"/v1/cases/{case_id}/follow-ups"
    assert intake.post(examples.FOLLOW_UP, path=path, **match).status_code == 404
    assert intake.get("/v1/cases", tenant="other").json == {"cases": []}
