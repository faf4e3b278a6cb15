"""What is heard of a case, and what is refused."""

import datetime as dt

import orjson
import pytest

from chassis.envelope import Message
from chassis.messaging.errors import Poison
from diagnosis import events

BODY = {"case_id": "c", "revision": 1, "on": "2026-11-22", "facts": {"patient": {}}, "more": 1}


def message(data: bytes, dataschema: str = "/schemas/case.submitted/1") -> Message:
    return Message(
        topic=events.CASES,
        partition=0,
        offset=0,
        key="clinic:c",
        event_id="01234567-89ab-7def-8123-456789abcdef",
        type=events.SUBMITTED,
        tenant_id="clinic",
        subject="c",
        revision=1,
        sequence=1,
        causation_id=None,
        correlation_id="r",
        traceparent=None,
        time="2026-11-22T00:00:00Z",
        source="/intake",
        dataschema=dataschema,
        data=data,
    )


def test_a_case_is_heard_with_its_date_and_all_its_facts() -> None:
    case = events.submitted_case(message(orjson.dumps(BODY)))
    assert (case.on, case.facts) == (dt.date(2026, 11, 22), {"patient": {}})


@pytest.mark.parametrize(
    "data",
    [
        b"not json",
        b"[]",
        orjson.dumps(BODY | {"case_id": "other"}),
        orjson.dumps(BODY | {"revision": 2}),
        orjson.dumps(BODY | {"on": "yesterday"}),
        orjson.dumps(BODY | {"on": None}),
        orjson.dumps(BODY | {"facts": []}),
    ],
)
def test_what_does_not_say_what_we_need_is_poison(data: bytes) -> None:
    with pytest.raises(Poison) as refused:
        events.submitted_case(message(data))
    assert refused.value.code == "unreadable-event"


def test_a_version_that_is_not_known_is_poison() -> None:
    with pytest.raises(Poison) as refused:
        events.submitted_case(message(orjson.dumps(BODY), "/schemas/case.submitted/2"))
    assert refused.value.code == "unknown-version"


def test_event_ids_follow_from_the_cause_and_the_rule() -> None:
    case = events.submitted_case(message(orjson.dumps(BODY)))
    flags = [events.RaisedFlag(rule, "x", "urgent", "x", locks=True) for rule in ("a", "b", "a")]
    ids = [events.red_flag_raised(case, flag).event_id for flag in flags]
    assert ids[0] == ids[2] != ids[1]
