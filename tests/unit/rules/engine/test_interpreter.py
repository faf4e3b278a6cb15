"""One condition judged by walking its tree."""

import pytest
from tests.unit.rules.parcels import rules_with

from rules.engine.interpreter import TESTS, Interpreter, compare
from rules.engine.kleene import FALSE, TRUE, UNKNOWN

KNOWN = {"fact": "fragile", "known": True}


def judged(when, facts, **options):
    rules = rules_with(when)
    return Interpreter(rules.units, rules.vocabulary, facts, **options).unit(("rule", "R"))


@pytest.mark.parametrize(
    ("comparison", "meets", "misses"),
    [
        ("equals", 5, 6), ("not_equals", 6, 5), ("at_least", 5, 4), ("above", 6, 5),
        ("at_most", 5, 6), ("below", 4, 5),
    ],
)  # fmt: skip
def test_each_comparison_holds_at_its_boundary_and_not_beyond(comparison, meets, misses):
    assert compare(comparison, meets, 5) == TRUE
    assert compare(comparison, misses, 5) == FALSE
    assert compare(comparison, None, 5) == UNKNOWN


def test_between_includes_both_ends_and_lists_their_members():
    assert [TESTS["between"](value, (2, 4)) for value in (1, 2, 4, 5)] == [False, True, True, False]
    assert (TESTS["in"](1, (1, 2)), TESTS["not_in"](1, (1, 2))) == (True, False)


def test_in_an_open_world_an_unanswered_fact_may_still_become_known():
    assert judged(KNOWN, {}) == FALSE
    assert judged(KNOWN, {}, open_world=True) == UNKNOWN
    assert judged(KNOWN, {"fragile": False}, open_world=True) == TRUE


def test_what_is_decided_elsewhere_is_unknown_until_it_is_given():
    assert judged({"rule": "EXT"}, {}) == UNKNOWN
    assert judged({"rule": "EXT"}, {}, external={"EXT": TRUE}) == TRUE
