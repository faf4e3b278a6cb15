"""What is heard is read generously, but must say what it is about."""

import orjson
import pytest

from chassis.envelope import Message
from chassis.messaging.errors import Poison
from intake import events


def message(data, kind=events.ASSESSED, topic=events.ASSESSMENTS):
    return Message(
        topic=topic,
        partition=0,
        offset=0,
        key="clinic:case",
        event_id="e",
        type=kind,
        tenant_id="clinic",
        subject="case",
        revision=2,
        sequence=1,
        causation_id=None,
        correlation_id="r",
        traceparent=None,
        time="",
        source="/diagnosis",
        dataschema="/schemas/any/1",
        data=data if isinstance(data, bytes) else orjson.dumps(data),
    )


ABOUT = {"case_id": "case", "revision": 2}


def test_a_document_is_kept_with_its_spelling():
    note = events.heard(message(ABOUT | {"assessment": {"b": 1.50, "a": "é"}, "new": 1}))
    assert note.document == '{"b":1.5,"a":"é"}'.encode()
    assert (note.kind, note.revision, note.cause, note.outcome) == ("assessment", 2, "e", None)


@pytest.mark.parametrize(("kind", "outcome"), events.PLANNED.items())
def test_the_outcome_of_a_plan_is_in_its_name(kind, outcome):
    note = events.heard(message(ABOUT | {"plan": {"step": None}}, kind, events.PLANS))
    assert (note.kind, note.outcome) == ("plan", outcome)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        [],
        {},
        {"assessment": {}},
        ABOUT,
        ABOUT | {"assessment": []},
        ABOUT | {"assessment": {}, "case_id": "another"},
        ABOUT | {"assessment": {}, "revision": 3},
    ],
)
def test_what_does_not_say_what_it_is_about_is_never_applied(data):
    with pytest.raises(Poison) as refused:
        events.heard(message(data))
    assert refused.value.code == "unreadable-event"


def test_a_stop_needs_a_reason():
    with pytest.raises(Poison):
        events.heard(message(ABOUT, events.STOPPED))
    note = events.heard(message(ABOUT | {"reason_code": "x"}, events.STOPPED))
    assert (note.kind, note.stopped_by, note.reason_code) == ("assessment", "diagnosis", "x")


def test_our_own_trouble_is_told_once_for_one_cause():
    first, again = (events.processing_stopped(message(ABOUT), "code") for _ in range(2))
    assert first.event_id == again.event_id
    assert (first.topic, first.type, first.causation_id) == (events.SPOKEN, events.STOPPED, "e")
    assert orjson.loads(first.data) == ABOUT | {"reason_code": "code"}
