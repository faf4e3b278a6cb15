"""What must hold for every assessment as it is written, over generated cases."""

import collections
import copy
import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from tests.knowledge.generated_cases import RULESET, Facts, cases
from tests.support.assessing import SENTENCES, assess

from diagnosis.judge import RulesInForce
from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.likelihood import answer_for, shown_nodule
from diagnosis.judge.ruleset import NOT_ASSESSABLE
from diagnosis.write.case import Case
from diagnosis.write.reasons import describe_reasons

ON = dt.date(2026, 11, 22)
WRITTEN = 60  # how many generated cases are also written out as whole documents


@pytest.fixture(scope="module")
def rules() -> RulesInForce:
    return RULESET.in_force(ON)


@pytest.fixture(scope="module")
def generated(rules: RulesInForce) -> list[tuple[random.Random, Facts, Evaluated]]:
    return [(chance, facts, evaluate(facts, rules)) for chance, facts in cases(rules)]


def test_the_generator_reaches_every_likelihood(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    reached = collections.Counter(judged.likelihood.answer for _, _, judged in generated)
    assert set(reached) == {*rules.order, NOT_ASSESSABLE}
    assert any(len(judged.likelihood.possible) > 1 for _, _, judged in generated)


def test_the_screen_is_never_complete_with_a_question_open(
    generated: list[tuple[Any, Facts, Evaluated]],
) -> None:
    for _, facts, judged in generated:
        screen = judged.screen
        states = [item.state for item in screen.items]
        answered = sum(state in {"negative", "positive"} for state in states)
        assert screen.answered == answered
        assert screen.complete == (answered == len(states) and "age_years" in facts), facts
        for item in screen.items:
            assert item.state != "negative" or not item.missing, facts


def test_no_red_flag_found_is_said_only_when_all_was_asked_and_none_is_active(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    for _, facts, judged in generated:
        raised = rules.is_true(judged.evaluation, "RF-17")
        assert raised == (judged.screen.complete and not judged.active), facts


def test_who_is_confirmed_is_told_that_the_block_is_why(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    confirmed = [one for one in generated if one[2].likelihood.answer == "CONFIRMED"]
    assert confirmed
    for _, facts, judged in confirmed:
        reasons = describe_reasons(Case(rules, facts, judged, SENTENCES))
        assert "BC-03" in {reason["rule"] for reason in reasons["for"]}, facts


def test_the_nodule_that_is_told_of_has_the_answer_of_the_case(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    listed = [one for one in generated if one[2].likelihood.nodules]
    for _, facts, judged in listed:
        nodules = judged.likelihood.nodules
        shown = shown_nodule(rules, judged.evaluation, judged.likelihood)
        unlisted = facts.get("nodule_count", 0) > len(nodules)
        answer = answer_for(rules, nodules[shown or 0].possible)
        assert answer == judged.likelihood.answer or unlisted, facts


def test_a_written_document_repeats_and_cites_every_source(
    generated: list[tuple[Any, Facts, Evaluated]],
) -> None:
    for _, facts, judged in generated[:WRITTEN]:
        document = assess(facts, RULESET, ON).document
        assert set(_sources(document)) <= set(document["citations"])
        assert document["likelihood"] == judged.likelihood.answer
        again = assess(copy.deepcopy(facts), RULESET, ON).document
        assert orjson.dumps(again) == orjson.dumps(document)


def test_what_a_missing_finding_is_said_to_change_it_changes(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    checked = 0
    for _, facts, _ in generated[:WRITTEN]:
        for finding in assess(facts, RULESET, ON).document["missing_findings"]:
            name = finding["fact"]
            if "[" in name or name in rules.vocabulary.lists or finding["together"]:
                continue
            conclusions = {change["conclusion"] for change in finding["could_change"]}
            assert conclusions <= _changed(rules, facts, name), (name, facts)
            checked += 1
    assert checked


def _changed(rules: RulesInForce, facts: Facts, name: str) -> set[str]:
    """Every conclusion that some answer changes, found by assessing the whole case again."""
    before = _conclusions(evaluate(facts, rules), rules)
    changed: set[str] = set()
    for value in rules.compiled.completions(name, facts):
        after = _conclusions(evaluate({**facts, name: value}, rules), rules)
        changed |= {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return changed


def _conclusions(judged: Evaluated, rules: RulesInForce) -> dict[str, Any]:
    found: dict[str, Any] = {f"red_flag:{entry.id}": entry.effect for entry in judged.active}
    found |= {
        f"differential:{rule.id}": True
        for rule in rules.differentials
        if rules.is_true(judged.evaluation, rule.id)
    }
    return found | {
        "category": judged.category,
        "likelihood": judged.likelihood.answer,
        "possible likelihoods": judged.likelihood.possible,
    }


def _sources(value: Any) -> Iterator[str]:
    inner: Callable[[Any], Iterator[str]] = _sources
    if isinstance(value, dict):
        yield from value.get("sources", ())
        for name, part in value.items():
            if name != "citations":
                yield from inner(part)
    elif isinstance(value, list):
        for part in value:
            yield from inner(part)
