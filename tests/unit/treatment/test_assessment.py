"""What a plan reads of an assessment, and what makes one unreadable."""

import copy

import msgspec
import pytest
from tests.support.assessed import as_decision
from tests.unit.treatment.conftest import ASSESSMENT, merged

from treatment.judge import AssessmentCompleted

DECISION = as_decision(ASSESSMENT)


def read(decision):
    return msgspec.convert(decision, AssessmentCompleted)


def test_what_a_plan_does_not_read_is_left_out():
    more = copy.deepcopy(DECISION) | {"category": "PROBABLE", "examinations": [1]}
    more["nodules"][0]["line"] = "9"
    assert read(more) == read(DECISION)


def test_what_is_kept_reads_as_what_was_sent():
    found = read(DECISION)
    assert msgspec.json.decode(msgspec.json.encode(found), type=AssessmentCompleted) == found


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"likelihood": "SURE"}, "likelihood"),
        ({"likelihood": None}, "likelihood"),
        ({"locked": "no"}, "locked"),
        ({"hold": None}, "hold"),
        ({"screen": None}, "screen"),
        ({"screen": {"complete": None}}, "complete"),
        ({"nodules": [1]}, "nodules"),
        ({"for_plan": None}, "for_plan"),
        ({"for_plan": {"NE-01": "open"}}, "for_plan"),
        ({"locks": ["RF-01", 7]}, "locks"),
    ],
)
def test_an_assessment_on_which_no_safe_plan_can_rest_is_refused(changes, place):
    with pytest.raises(msgspec.ValidationError, match=place):
        read(merged(DECISION, changes))


def test_what_is_not_said_to_be_released_is_unknown():
    assert read(merged(DECISION, {"withheld": None})).withheld.needle is None
