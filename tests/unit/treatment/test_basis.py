"""What a plan rests on of an assessment, and what makes one unreadable."""

import copy

import pytest
from tests.unit.treatment.conftest import ASSESSMENT, merged

from treatment.domain import UnreadableAssessment, basis


def test_what_a_plan_does_not_read_is_left_out():
    more = copy.deepcopy(ASSESSMENT) | {"summary": "long", "missing_findings": [1]}
    more["nodules"][0]["line"] = "9"
    found = basis(more)
    assert "summary" not in found
    assert found["nodules"] == [{"id": "a", "likelihood": "PROBABLE", "fat_on_imaging": True}]
    assert basis(found) == found


def test_only_the_headline_keeps_its_sources_and_their_citations():
    flags = {
        "locked": True,
        "headline": {"rule": "RF-01", "title": "t", "urgency": "emergency", "action": "a"},
        "active": [{"rule": "RF-01", "sources": ["A"]}, {"rule": "RF-03", "sources": ["B"]}],
    }
    cited = {"text": "a", "doi": "1", "read": "abstract"}
    changed = merged(
        ASSESSMENT, {"red_flags": flags, "citations": {"A": cited | {"more": 1}, "B": cited}}
    )
    found = basis(changed)
    assert found["red_flags"]["active"] == [{"rule": "RF-01", "sources": ["A"]}]
    assert found["citations"] == {"A": cited}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "plan"}, "not an assessment"),
        ({"likelihood": "SURE"}, "likelihood"),
        ({"red_flags": None}, "red_flags is missing"),
        ({"red_flags": {"locked": "no"}}, "red_flags.locked"),
        ({"red_flags": {"hold": None}}, "red_flags.hold"),
        ({"red_flags": {"screen": None}}, "red_flags.screen"),
        ({"red_flags": {"active": "none"}}, "assessment.active"),
        ({"nodules": [1]}, "assessment.nodules"),
        ({"verdicts": None}, "verdicts is missing"),
        ({"verdicts": {"NE-01": "open"}}, "verdicts.NE-01"),
    ],
)
def test_an_assessment_on_which_no_safe_plan_can_rest_is_refused(changes, says):
    with pytest.raises(UnreadableAssessment, match=says):
        basis(merged(ASSESSMENT, changes))


def test_a_document_of_another_kind_is_refused():
    with pytest.raises(UnreadableAssessment):
        basis([])


def test_words_of_the_wrong_kind_are_left_out():
    flags = {"locks": ["RF-01", 7], "holds": "RF-05", "withheld": {"needle": [1, "RF-05"]}}
    found = basis(merged(ASSESSMENT, {"red_flags": flags, "citations": None}))
    assert found["red_flags"]["locks"] == ["RF-01"]
    assert found["red_flags"]["holds"] == []
    assert found["red_flags"]["withheld"] == {"needle": ["RF-05"], "energy": [], "manual": []}
    assert found["citations"] == {}
    assert (
        basis(merged(ASSESSMENT, {"red_flags": {"withheld": None}}))["red_flags"]["withheld"] == {}
    )
