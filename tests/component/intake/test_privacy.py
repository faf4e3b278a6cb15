"""Who the patient is, and what people typed, is neither in events nor in logs."""

import io
import logging

import orjson
import pytest

from chassis import logs
from intake import events
from intake.routes import examples
from intake.schemas import VOCABULARY

PERSON = "Zebedee Quux"  # stands in for whatever a person may type
TYPED = [(fact.home, fact.written) for fact in VOCABULARY.facts.values() if fact.type == "text"]
TYPED_IN_LISTS = [
    (name, field.written)
    for name, entry in VOCABULARY.lists.items()
    for field in entry.fields.values()
    if field.type == "text"
]
DATED = "2026-03-04"


@pytest.fixture
def written():
    stream = io.StringIO()
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    logs.configure("intake", "json", stream)
    yield stream
    root.handlers[:], root.level = kept[0], kept[1]


def telling_body():
    body = orjson.loads(orjson.dumps(examples.CASE)) | {"reference": f"{PERSON} 1"}
    for home, name in TYPED:
        body.setdefault(home, {})[name] = f"{PERSON} in {name}"
    for home, name in TYPED_IN_LISTS:
        body[home] = [{name: f"{PERSON} in {name}"}]
    body["labs"] = [{"test": "crp", "performed_on": DATED, "value": 3}]
    return body


def test_free_text_is_meant_to_stay():
    assert TYPED
    assert TYPED_IN_LISTS
    texts = [fact for fact in VOCABULARY.facts.values() if fact.type == "text"]
    assert all(fact.stays == "intake" for fact in texts)


def test_no_name_no_typed_word_and_no_date_of_a_history_leaves_in_an_event(intake):
    case_id = intake.post(telling_body()).json["case_id"]
    follow_up = {
        "contact": {"happened_on": DATED, "pain_nrs_now": 1},
        "findings": {"decisions": {"notes": f"{PERSON} again"}},
    }
    assert intake.follow_up(case_id, follow_up, 1).status_code == 202
    intake.patch(case_id, {"reference": f"{PERSON} 2"}, 2)
    published = intake.outgoing()
    assert len(published) == 3
    for event in published:
        text = event["headers"].encode() + event["payload"]
        assert b"Zebedee" not in text
        assert b"Quux" not in text
        assert DATED.encode() not in text
        days = event["data"]["facts"]["labs"][0]["performed_days_ago"]
        assert isinstance(days, int)
        assert days > 0


def test_what_was_typed_can_be_read_back_by_the_clinic_alone(intake):
    case_id = intake.post(telling_body()).json["case_id"]
    shown = intake.get(f"/v1/cases/{case_id}").json
    assert shown["reference"] == f"{PERSON} 1"
    assert shown["case"]["decisions"]["notes"] == f"{PERSON} in notes"


def test_no_log_line_holds_what_was_typed(intake, written):
    intake.post(telling_body())
    intake.post({"reference": f"\x00{PERSON}", "patient": {"sex_at_birth": PERSON}, PERSON: PERSON})
    intake.get(f"/v1/cases?reference={PERSON}")
    case_id = intake.get("/v1/cases").json["cases"][0]["case_id"]
    data = {"case_id": case_id, "revision": 1, "decision": {}, "brief": PERSON}
    intake.peer.publishes(events.ASSESSMENTS, events.ASSESSED, case_id, data)
    intake.consume()
    assert written.getvalue().count("\n") >= 5
    assert "Zebedee" not in written.getvalue()
    assert "Quux" not in written.getvalue()
