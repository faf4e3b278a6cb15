"""A contract for each event: its speaker still says it, its hearers still understand it."""

import re

import orjson
import pytest
from tests.contracts.events import golden, publishing

from chassis.messaging.errors import Poison
from diagnosis import events as diagnosis_events
from diagnosis import subscriptions as diagnosis_subscriptions
from diagnosis.judge.ruleset import load_ruleset
from intake import events as intake_events
from intake import subscriptions as intake_subscriptions
from treatment import events as treatment_events
from treatment import subscriptions as treatment_subscriptions
from treatment.judge import load_guidance

CONSUMERS = {
    ("intake", intake_events.result_of): [
        "assessment.completed",
        "plan.recommended",
        "plan.withheld",
        "processing.stopped.diagnosis",
        "processing.stopped.treatment",
    ],
    ("diagnosis", diagnosis_events.submitted_case): ["case.submitted", "case.revised"],
    ("treatment", treatment_events.assessed_case): ["assessment.completed"],
}
RECEIVED = [(name, hear, service) for (service, hear), names in CONSUMERS.items() for name in names]
HEADERS = {
    "ce_id",
    "ce_specversion",
    "ce_type",
    "ce_source",
    "ce_time",
    "ce_subject",
    "ce_dataschema",
    "ce_tenantid",
    "ce_sequence",
    "ce_revision",
    "ce_correlationid",
    "ce_traceparent",
    "content-type",
}


@pytest.fixture(scope="module")
def published():
    made = publishing.everything(load_ruleset(), load_guidance())
    return {name: golden.as_example(event, number) for name, (event, number) in made.items()}


def test_every_event_has_an_example(published):
    assert golden.names() == sorted(published)


@pytest.mark.parametrize("name", golden.names())
def test_a_speaker_says_all_that_its_example_says(published, name):
    promised = golden.example(name)
    assert list(golden.broken_promises(promised["data"], published[name]["data"])) == []
    assert published[name]["headers"].keys() >= promised["headers"].keys()
    assert (published[name]["topic"], published[name]["key"]) == (
        promised["topic"],
        promised["key"],
    )


@pytest.mark.parametrize("name", ["case.submitted", "case.revised", "processing.stopped.intake"])
def test_intake_says_the_same_case_in_the_same_words(published, name):
    assert published[name]["data"] == golden.example(name)["data"]


@pytest.mark.parametrize("name", golden.names())
def test_an_envelope_says_what_routing_and_repair_need(name):
    kept = golden.example(name)
    sent = kept["headers"]
    assert sent.keys() - {"ce_causationid"} == HEADERS
    service = sent["ce_source"].removeprefix("/")
    assert kept["topic"] == f"{service}.case.v1"
    assert sent["ce_dataschema"] == f"/schemas/{sent['ce_type']}/1"
    assert name.startswith(sent["ce_type"])
    assert kept["key"] == f"{sent['ce_tenantid']}:{sent['ce_subject']}"
    assert kept["data"]["case_id"] == sent["ce_subject"]
    assert str(kept["data"]["revision"]) == sent["ce_revision"]
    caused = service != "intake" or "stopped" in name
    assert ("ce_causationid" in sent) == caused


@pytest.mark.parametrize(("name", "hear", "service"), RECEIVED)
def test_a_hearer_understands_the_example(name, hear, service):
    kept = golden.example(name)
    assert understood(hear(golden.as_message(kept))) == case_of(kept)


@pytest.mark.parametrize(("name", "hear", "service"), RECEIVED)
def test_a_hearer_ignores_what_it_does_not_know(name, hear, service):
    kept = golden.example(name)
    kept["data"]["of_tomorrow"] = {"deep": [1]}
    kept["headers"]["ce_oftomorrow"] = "x"
    for document in ("decision", "brief", "plan", "facts"):
        if isinstance(kept["data"].get(document), dict):
            kept["data"][document]["of_tomorrow"] = 1
    assert understood(hear(golden.as_message(kept))) == case_of(kept)


@pytest.mark.parametrize(("name", "hear", "service"), RECEIVED)
def test_a_hearer_refuses_what_lacks_its_subject(name, hear, service):
    for lacking in ("case_id", "revision"):
        kept = golden.example(name)
        del kept["data"][lacking]
        message = golden.as_message(kept)
        with pytest.raises(Poison):
            hear(message)


def case_of(kept):
    """The case and the revision that an example is about."""
    return kept["data"]["case_id"], kept["data"]["revision"]


def understood(received):
    """The case and the revision that a consumer took from a message."""
    message = getattr(received, "message", received)
    return getattr(message, "subject", None) or message.case_id, message.revision


def test_each_service_hears_exactly_what_is_contracted():
    subscribed = {
        "intake": intake_subscriptions.subscriptions(lambda: None),
        "diagnosis": diagnosis_subscriptions.subscriptions(None),
        "treatment": treatment_subscriptions.subscriptions(None),
    }
    for (service, _), names in CONSUMERS.items():
        wanted = {
            (golden.example(name)["topic"], golden.example(name)["headers"]["ce_type"])
            for name in names
        }
        consumed = {(topic, kind) for topic, kinds in subscribed[service].items() for kind in kinds}
        assert consumed == wanted, service


@pytest.mark.parametrize("name", golden.names())
def test_no_example_holds_a_reference_a_typed_word_or_a_date_of_a_history(name):
    text = (golden.FOLDER / f"{name}.json").read_text().replace("2026-11-22", "")
    document = golden.example(name)["data"]
    assert "reference" not in document
    assert "BM-01" not in text
    facts = str(document.get("facts", ""))
    assert not re.search(r"\d{4}-\d{2}-\d{2}", facts)
    assert "_on'" not in facts


def test_a_document_is_at_most_64_kib():
    for name in golden.names():
        for kind in ("assessment", "plan"):
            if isinstance(document := golden.example(name)["data"].get(kind), dict):
                assert len(orjson.dumps(document)) <= 64 * 1024


def test_a_lost_field_and_a_changed_type_break_a_promise():
    promised = {"a": 1, "b": [{"c": "x"}, {"d": True}], "facts": {"e": 1}, "f": None}
    assert not list(golden.broken_promises(promised, promised | {"facts": {}, "new": 1}))
    assert list(golden.broken_promises(promised, promised | {"a": "1"})) == [
        "/a is string, it was number"
    ]
    assert list(golden.broken_promises(promised, promised | {"b": [{"c": "x"}]})) == [
        "/b/*/d is gone"
    ]
    assert list(golden.broken_promises(promised, promised | {"a": None})) == [
        "/a is null, it was number"
    ]
    assert list(golden.broken_promises({"outcome": "x"}, {"outcome": "y"})) == [
        "/outcome is y, it was x"
    ]
    assert list(golden.broken_promises(promised, {"a": 1, "b": []})) == [
        "/facts is gone",
        "/f is gone",
    ]
