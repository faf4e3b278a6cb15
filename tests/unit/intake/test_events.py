"""Events of others are read generously, but must name their case and carry what is read."""

import orjson
import pytest
from tests.support.results import assessment, assessment_brief, plan, plan_brief

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


def test_decision_and_brief_are_kept_byte_for_byte():
    decision = '{"b": 1.50,  "a":"é"}'
    brief = orjson.dumps(assessment_brief(2) | {"of_tomorrow": 1}).decode()
    data = f'{{"case_id":"case","revision":2,"decision":{decision},"brief":{brief},"facts":{{}}}}'
    result = events.result_of(message(data.encode()))
    assert (result.decision, result.brief) == (decision.encode(), brief.encode())
    assert (result.kind, result.revision, result.cause, result.outcome) == (
        *("assessment", 2, "e"),
        None,
    )


@pytest.mark.parametrize(("kind", "outcome"), events.PLANNED.items())
def test_the_outcome_of_a_plan_is_in_its_name(kind, outcome):
    result = events.result_of(message(plan("case", 2), kind, events.PLANS))
    assert (result.kind, result.outcome) == ("plan", outcome)


def test_the_headline_of_a_locked_case_has_an_action_and_no_likelihood():
    action = {"do": {"text": "Call."}, "who": "You.", "when": "Now.", "urgency": "emergency"}
    brief = {"likely": None, "action": action}
    result = events.result_of(message(assessment("case", 2, **brief)))
    assert orjson.loads(result.headline) == {
        "action": "Call.",
        "urgency": "emergency",
        "category": None,
        "likely": None,
    }


GOOD = assessment("case", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        [],
        {},
        ABOUT,
        GOOD | {"case_id": "another"},
        GOOD | {"revision": 3},
        GOOD | {"decision": []},
        GOOD | {"decision": None},
        GOOD | {"brief": []},
        GOOD | {"brief": plan_brief(2)},
        GOOD | {"brief": assessment_brief(1)},
        GOOD | {"brief": assessment_brief(2, sign_off=None)},
        GOOD | {"brief": assessment_brief(2, action=None)},
        orjson.dumps(GOOD).replace(b"woman", b"w\xffman"),
        b'{"case_id":"case","revision":2,"facts":' + b"[" * 5000,
    ],
)
def test_what_lacks_what_is_read_here_is_never_applied(data):
    with pytest.raises(Poison) as refused:
        events.result_of(message(data))
    assert refused.value.code == "unreadable-event"


def test_a_stop_needs_a_reason():
    with pytest.raises(Poison):
        events.result_of(message(ABOUT, events.STOPPED))
    result = events.result_of(message(ABOUT | {"reason_code": "x"}, events.STOPPED))
    assert (result.kind, result.stopped_by, result.reason_code) == ("assessment", "diagnosis", "x")


def test_our_own_stop_is_published_once_for_one_cause():
    first, again = (events.processing_stopped(message(ABOUT), "code") for _ in range(2))
    assert first.event_id == again.event_id
    assert (first.topic, first.type, first.causation_id) == (events.TOPIC, events.STOPPED, "e")
    assert orjson.loads(first.data) == ABOUT | {"reason_code": "code"}
