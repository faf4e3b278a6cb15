"""POST /v1/cases: stored once, told once, refused with every reason."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis import clock
from chassis.service.api import build
from chassis.storage.database import Database
from intake.app import SERVICE
from intake.app.api import api
from intake.app.expiry import LIFETIME_US, remove_expired_keys
from intake.models import OUTBOX
from intake.routes import examples

BODY = examples.CASE


def test_an_accepted_case_says_where_it_is_and_how_far(intake):
    answer = intake.post(BODY)
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/cases/{answer.json['case_id']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.json["progress"] == {
        "state": "submitted",
        "outcome": None,
        "waiting_for": "assessment",
        "stopped": None,
    }


def test_a_case_and_its_event_are_stored_together(intake):
    case_id = intake.post(BODY, **{"X-Request-Id": "request-1"}).json["case_id"]
    (event,) = intake.outgoing()
    assert (event["subject"], event["seq"], event["tenant_id"]) == (case_id, 1, "clinic")
    assert event["data"]["facts"]["patient"] == {"age_years": 45, "sex_at_birth": "female"}
    assert intake.count("cases") == intake.count("revisions") == intake.count("audit") == 1
    event_headers = dict(json.loads(event["headers"]))
    assert event_headers["ce_type"] == "case.submitted"
    assert event_headers["ce_correlationid"] == "request-1"
    assert event_headers["ce_revision"] == event_headers["ce_sequence"] == "1"


def test_every_fault_is_told_at_once_with_its_place(intake):
    body = {
        "patient": {"age_years": "47", "colour": "red"},
        "pain": {"pain_nrs_now": 11},
        "nodules": [{"id": "a", "site": "elbow"}],
        "nodule_examination": {"nodule_present": "none"},
    }
    answer = intake.post(body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "/problems/validation-failed"
    assert {fault["pointer"] for fault in answer.json["errors"]} == {
        "/reference",
        "/patient/age_years",
        "/patient/colour",
        "/pain/pain_nrs_now",
        "/nodules/0/site",
        "/nodules",
    }
    assert intake.count("cases") == intake.count("outbox") == intake.count("idempotency_key") == 0


def test_contradicting_answers_are_refused_and_both_places_named(intake):
    body = BODY | {"red_flags": {"fever": False, "max_temp_c": 38.5}}
    answer = intake.post(body)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/contradictory-findings")
    (fault,) = answer.json["errors"]
    assert (fault["pointer"], fault["contradicts"]) == ("/red_flags/fever", "/red_flags/max_temp_c")


def test_a_refused_body_never_comes_back_in_the_answer(intake):
    person = "Mrs Example, born 1979"
    answer = intake.post({"reference": "\x01" + person, "patient": {"age_years": person}})
    assert answer.status_code == 422
    assert person not in answer.text


def test_a_store_needs_an_idempotency_key(intake):
    answer = intake.post(BODY, key=None)
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/idempotency-key-required")


def test_fifty_posts_with_one_key_have_one_effect_and_one_answer(intake):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _post_alone(intake), range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 49
    assert intake.count("cases") == intake.count("outbox") == intake.count("audit") == 1


def _post_alone(intake):
    client = intake.client.application.test_client()
    return client.post("/v1/cases", json=BODY, headers=intake.headers(**{"Idempotency-Key": "k"}))


def test_one_key_with_another_body_is_refused(intake):
    intake.post(BODY, key="k")
    answer = intake.post(BODY | {"reference": "another"}, key="k")
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize("other", [{"tenant": "other"}, {"client": "other"}])
def test_one_key_of_somebody_else_is_another_key(intake, other):
    first = intake.post(BODY, key="k").json["case_id"]
    others = intake.post(BODY, key="k", **other).json["case_id"]
    assert others != first
    assert intake.post(BODY, key="k").json["case_id"] == first
    assert intake.post(BODY, key="k", **other).json["case_id"] == others


def test_a_quoted_key_is_the_same_key(intake):
    first = intake.post(BODY, key="k").json["case_id"]
    assert intake.post(BODY, key='"k"').json["case_id"] == first


def test_a_corrected_body_may_use_the_key_of_a_refused_one(intake):
    assert intake.post(BODY | {"patient": {"age_years": 200}}, key="k").status_code == 422
    assert intake.post(BODY, key="k").status_code == 202


def test_a_key_is_forgotten_after_a_day_and_not_before(intake, monkeypatch):
    first = intake.post(BODY, key="k").json["case_id"]
    remove_expired_keys(intake.database)
    assert intake.post(BODY, key="k").json["case_id"] == first
    now = clock.now_us()
    monkeypatch.setattr(clock, "now_us", lambda: now + LIFETIME_US + 1)
    remove_expired_keys(intake.database)
    assert intake.post(BODY, key="k").json["case_id"] != first


def test_new_work_is_refused_while_too_much_waits(make):
    intake = make(longest_queue=1)
    intake.post(BODY)
    intake.post(BODY)
    waited = make(longest_queue=1)  # looks anew; one that runs looks once a second
    answer = waited.post(BODY)
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/overloaded")
    assert int(answer.headers["Retry-After"]) > 0


def test_one_old_event_that_is_held_does_not_shut_the_door(make):
    intake = make(longest_queue=3)
    for _ in range(6):
        intake.post(BODY)
    outbox = OUTBOX.pending.c
    with intake.database.write() as connection:
        connection.execute(OUTBOX.pending.delete().where(outbox.id.between(2, 5)))
    assert make(longest_queue=3).post(BODY).status_code == 202


def test_new_work_is_refused_when_the_disk_is_nearly_full(make):
    answer = make(least_free_bytes=2**62).post(BODY)
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/overloaded")


def test_a_database_that_is_away_is_a_clear_503(intake, tmp_path):
    away = Database.open(f"sqlite:///{tmp_path}/nowhere/intake.db")
    served = build(SERVICE, intake.settings, away, api(intake.settings, away))
    client = served.test_client()
    sent = intake.headers(**{"Idempotency-Key": "k"})
    answer = client.post("/v1/cases", json=BODY, headers=sent)
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["Retry-After"]) > 0
