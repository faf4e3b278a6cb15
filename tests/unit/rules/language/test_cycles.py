"""Rules that wait for each other are refused."""

import pytest
from tests.unit.rules.parcels import definition, knowledge, rule

from rules import KnowledgeError


def refused(*rules, **changes) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        knowledge(*rules, **changes)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_rules_that_wait_for_each_other_are_refused():
    problems = refused(
        rule("R-1", {"defined": "late"}),
        rule("R-2", {"not": {"rule": "R-1"}}),
        definitions=[definition("late", {"all": [{"rule": "R-2"}]})],
    )
    assert len(problems) == 1
    assert problems[0].startswith("these need each other's verdict: ")
    assert set(problems[0].rpartition(": ")[2].rstrip(".").split(" -> ")) == {"R-1", "R-2", "late"}
