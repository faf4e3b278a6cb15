"""Trees of conditions: children, values, and how far out they reach."""

import pytest
from tests.unit.rules.parcels import rules_with

from rules.language.nodes import Leaf, Quantifier, Use, children, levels, refs, walk

LEAF = {"fact": "fragile", "equals": True}
INNER = {
    "any_of": "scans",
    "matching": "parcel_id",
    "where": {"outer_item": "sealed", "equals": True},
}


def condition(when, over=None):
    return rules_with(when, over).units["rule", "R"][1]


def test_a_walk_visits_the_condition_and_all_inside_once():
    node = condition({"all": [LEAF, {"not": {"rule": "R-0"}}]})
    assert [type(part).__name__ for part in walk(node)] == ["Join", "Leaf", "Not", "Use"]
    assert [type(part) for part in children(node)[1:]] != [Use]
    assert children(children(node)[0]) == ()


def test_the_values_of_a_leaf_are_what_it_reads():
    assert [ref.name for ref in refs(condition(LEAF))] == ["fragile"]
    fall = condition({"fall_points": ["speed", "limit"], "above": 1})
    assert [ref.name for ref in refs(fall)] == ["speed", "limit"]
    assert refs(condition({"rule": "R-0"})) == ()


@pytest.mark.parametrize(
    ("when", "over", "expected"),
    [
        (LEAF, None, set()),
        ({"item": "sealed", "equals": True}, "parcels", {1}),
        ({"any_of": "parcels", "where": {"item": "sealed", "equals": True}}, None, set()),
        (INNER, "parcels", {1}),
    ],
)
def test_a_condition_reaches_the_elements_that_it_reads_or_belongs_to(when, over, expected):
    assert levels(condition(when, over)) == expected


def test_a_quantifier_inside_a_list_knows_its_depth():
    node = condition(INNER, "parcels")
    assert isinstance(node, Quantifier)
    assert (node.level, node.matching) == (2, "parcel_id")
    assert isinstance(node.where, Leaf)
