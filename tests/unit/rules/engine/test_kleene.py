"""The laws of Kleene's three-valued logic, on codes and on compiled conditions."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.parcels import judged, rules_with
from tests.unit.rules.worlds import FACTS, conditions

from rules.engine.kleene import (
    CODE,
    FROM_WORD,
    NOT,
    VERDICT,
    WORD,
    counted,
    fall_percent,
    fall_points,
)

VERDICTS = (True, False, None)
PAIRS = list(itertools.product(VERDICTS, VERDICTS))


def verdict(when, facts):
    return rules_with(when).evaluate(facts).verdict("R")


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_and_is_false_with_any_false_and_true_only_with_both_true(left, right):
    expected = False if False in (left, right) else None if None in (left, right) else True
    assert VERDICT[CODE[left] & CODE[right]] is expected


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_or_is_true_with_any_true_and_false_only_with_both_false(left, right):
    expected = True if True in (left, right) else None if None in (left, right) else False
    assert VERDICT[CODE[left] | CODE[right]] is expected


def test_not_leaves_unknown_unknown():
    assert [VERDICT[NOT[CODE[verdict]]] for verdict in VERDICTS] == [False, True, None]
    assert [FROM_WORD[WORD[verdict]] for verdict in VERDICTS] == list(VERDICTS)


def test_asking_whether_a_fact_is_known_is_never_unknown():
    asked = {"fact": "fragile", "known": True}
    assert judged(asked, {}) is False
    assert judged(asked, {"fragile": False}) is True
    assert judged({"fact": "fragile", "known": False}, {}) is True
    assert judged({"fact": "scans", "known": True}, {}) is True
    assert judged({"fact": "scans", "known": False}, {}) is False
    assert judged({"fact": "parcels", "known": True}, {}) is False
    assert judged({"fact": "parcels", "known": True}, {"parcels": []}) is True


def test_a_count_knows_its_bounds():
    asked = {
        "count": [
            {"fact": name, "equals": True} for name in ("fragile", "insured", "papers.invoice")
        ]
    }
    facts = {"fragile": True, "insured": False}
    assert judged({**asked, "at_least": 1}, facts) is True
    assert judged({**asked, "at_least": 2}, facts) is None
    assert judged({**asked, "at_least": 3}, facts) is False
    assert judged({**asked, "at_most": 2}, facts) is True
    assert judged({**asked, "at_most": 1}, facts) is None
    assert judged({**asked, "at_most": 0}, facts) is False
    assert judged({**asked, "exactly": 1}, facts) is None
    assert judged({**asked, "exactly": 0}, facts) is False
    assert judged({**asked, "exactly": 3}, facts) is False
    assert judged({**asked, "exactly": 1}, {**facts, "papers.invoice": False}) is True
    assert VERDICT[counted(2, 2, "exactly", 2)] is True


def test_a_fall_is_computed_and_a_percentage_of_zero_is_unknown():
    assert fall_percent(8, 4) == 50
    assert fall_percent(7, 4.9) == 30
    assert fall_percent(4, 6) == -50
    assert fall_percent(3, 2) == 33.333333333
    assert fall_percent(0, 0) is None
    assert fall_percent(None, 4) is None
    assert fall_percent(4, None) is None
    assert fall_points(7, 4.9) == 2.1
    assert fall_points(None, 1) is None
    assert fall_points(1, None) is None


PART = conditions(depth=1)


@settings(deadline=None, max_examples=60)
@given(a=PART, b=PART, facts=FACTS)
def test_order_does_not_matter(a, b, facts):
    assert verdict({"all": [a, b]}, facts) is verdict({"all": [b, a]}, facts)
    assert verdict({"any": [a, b]}, facts) is verdict({"any": [b, a]}, facts)


@settings(deadline=None, max_examples=60)
@given(a=PART, b=PART, c=PART, facts=FACTS)
def test_grouping_does_not_matter(a, b, c, facts):
    for join in ("all", "any"):
        left = {join: [{join: [a, b]}, c]}
        right = {join: [a, {join: [b, c]}]}
        assert verdict(left, facts) is verdict(right, facts)


@settings(deadline=None, max_examples=60)
@given(a=PART, b=PART, facts=FACTS)
def test_de_morgan_holds(a, b, facts):
    assert verdict({"not": {"all": [a, b]}}, facts) is verdict(
        {"any": [{"not": a}, {"not": b}]}, facts
    )
    assert verdict({"not": {"any": [a, b]}}, facts) is verdict(
        {"all": [{"not": a}, {"not": b}]}, facts
    )


@settings(deadline=None, max_examples=60)
@given(a=PART, b=PART, facts=FACTS)
def test_absorption_idempotence_and_double_negation_hold(a, b, facts):
    plain = verdict(a, facts)
    assert verdict({"all": [a, {"any": [a, b]}]}, facts) is plain
    assert verdict({"any": [a, {"all": [a, b]}]}, facts) is plain
    assert verdict({"all": [a, a]}, facts) is plain
    assert verdict({"not": {"not": a}}, facts) is plain


@settings(deadline=None, max_examples=60)
@given(a=PART, b=PART, c=PART, facts=FACTS)
def test_and_distributes_over_or(a, b, c, facts):
    joined = {"all": [a, {"any": [b, c]}]}
    spread = {"any": [{"all": [a, b]}, {"all": [a, c]}]}
    assert verdict(joined, facts) is verdict(spread, facts)


LEARNT = st.sampled_from(
    [
        *(("distance_km", number) for number in (0, 10, 30)),
        *((name, number) for name in ("speed", "limit") for number in (0, 10)),
        *((name, answer) for name in ("fragile", "insured") for answer in (True, False)),
        *(("colour", code) for code in ("red", "grey")),
    ]
)


@settings(deadline=None, max_examples=60)
@given(when=conditions(known=False, depth=2), facts=FACTS, learnt=LEARNT)
def test_learning_an_unknown_fact_never_flips_a_known_verdict(when, facts, learnt):
    name, value = learnt
    unknown = {key: known for key, known in facts.items() if key != name}
    before = verdict(when, unknown)
    if before is not None:
        assert verdict(when, {**unknown, name: value}) is before


@settings(deadline=None, max_examples=60)
@given(when=conditions(known=False, depth=2), facts=FACTS)
def test_learning_what_an_element_is_like_never_flips_a_known_verdict(when, facts):
    vague = {**facts, "parcels": [{"id": "a"}]}
    exact = {**facts, "parcels": [{"id": "a", "weight_kg": 30, "sealed": True, "marks.up": False}]}
    before = verdict(when, vague)
    if before is not None:
        assert verdict(when, exact) is before
