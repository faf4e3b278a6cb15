"""What must hold for every case, whatever was recorded: rules.md 5, over generated cases."""

import collections
import copy
import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from tests.knowledge.generated_cases import RULESET, Facts, cases, contradictory

from diagnosis.domain import RulesInForce, assess
from diagnosis.domain.assessment import Evaluated, evaluate
from diagnosis.domain.ruleset import CATEGORY_LOCKED, NOT_ASSESSABLE

ON = dt.date(2026, 11, 22)
LARGEST_DOCUMENT = 64 * 1024
WRITTEN = 60  # how many generated cases are also written out as whole documents

# Events and results act only when they are recorded, so what stays open without them may differ;
# the same is true of competing explanations and of signs that act only when recorded.
ACTS_WHEN_RECORDED = {"lowest_power_mrc", "size_short_mm", "certainty"}
# The minimal case is PROBABLE without it, so a missing cough impulse cannot keep UNLIKELY open;
# recorded, it locks treatment (RF-12), and the screen asks for it (item 11).
COUGH = "cough_impulse_or_reducible"

POSITIVE_ANSWERS: list[tuple[str, Any]] = [
    ("bladder_change", "new_under_14_days"),
    ("saddle_sensation", "altered"),
    ("leg_weakness", "progressive"),
    ("new_signs_outside_legs.gait_change", True),
    ("fever", True),
    ("systemic_illness", True),
    ("bloodstream_infection", True),
    ("cancer_history", "current"),
    ("weight_loss", True),
    ("injury", "major"),
    ("bruise_over_spine", "present"),
    ("osteoporosis", True),
    ("corticosteroid_use", "long_term"),
    ("pulsatile_abdominal_mass", True),
    ("collapse", True),
    ("urinary_symptom", True),
    ("pain_map.flank", True),
    ("flank_mass", True),
    ("focal_spinous_tenderness", True),
    ("unplanned_return_within_7_days", True),
]
NEGATIVE = (None, False, "none", "normal")


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


def test_there_is_exactly_one_likelihood_and_one_category(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    for _, facts, judged in generated:
        found = judged.likelihood
        assert found.answer in {*rules.order, NOT_ASSESSABLE}
        assert judged.category == (CATEGORY_LOCKED if judged.locked else found.answer), facts
        if len(found.possible) == 1:
            assert found.answer == found.possible[0], facts
        else:
            allowed = {NOT_ASSESSABLE, found.possible[-1]}
            assert found.answer in allowed, facts


def test_a_provisional_answer_is_the_lowest_that_is_possible_and_at_least_possible(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    for _, facts, judged in generated:
        possible = judged.likelihood.possible
        all_enough = all(rules.height[one] >= rules.height["POSSIBLE"] for one in possible)
        if len(possible) > 1:
            expected = possible[-1] if all_enough else NOT_ASSESSABLE
            assert judged.likelihood.answer == expected, facts


def test_removing_information_never_narrows_and_never_settles(
    rules: RulesInForce, generated: list[tuple[random.Random, Facts, Evaluated]]
) -> None:
    for chance, facts, judged in generated:
        before = set(judged.likelihood.possible)
        for path, poorer in _removals(facts, chance):
            if path.endswith(COUGH):
                continue
            after = set(evaluate(poorer, rules).likelihood.possible)
            assert not after < before, (path, facts)
            assert len(before) == 1 or len(after) > 1, (path, facts)


def test_removing_a_finding_keeps_everything_possible_that_was(
    rules: RulesInForce, generated: list[tuple[random.Random, Facts, Evaluated]]
) -> None:
    competitors = {name for rule in rules.competitors for name in rules.compiled.facts_of(rule)}
    for chance, facts, judged in generated:
        for path, poorer in _removals(facts, chance):
            field = path.rpartition(".")[2] if "]" in path else path
            lists = ("investigations", "labs", "blocks", "contacts")
            if field in {COUGH, *ACTS_WHEN_RECORDED, *competitors} or path.startswith(lists):
                continue
            after = set(evaluate(poorer, rules).likelihood.possible)
            assert set(judged.likelihood.possible) <= after, (path, facts)


def test_adding_a_red_flag_never_shortens_the_warnings(
    rules: RulesInForce, generated: list[tuple[random.Random, Facts, Evaluated]]
) -> None:
    for chance, facts, judged in generated:
        name, value = chance.choice(POSITIVE_ANSWERS)
        if facts.get(name) not in NEGATIVE:
            continue
        richer = {**facts, name: value}
        if contradictory(rules, richer):
            continue
        after = evaluate(richer, rules)
        assert _ids(judged.active) <= _ids(after.active), (name, facts)
        assert _ids(judged.active, "lock") <= _ids(after.active, "lock"), (name, facts)


def test_the_order_of_elements_and_fields_changes_nothing(
    rules: RulesInForce, generated: list[tuple[random.Random, Facts, Evaluated]]
) -> None:
    for chance, facts, judged in generated:
        after = evaluate(_shuffled(facts, chance), rules)
        assert after.likelihood.possible == judged.likelihood.possible, facts
        assert after.category == judged.category, facts
        assert [e.id for e in after.active] == [e.id for e in judged.active], facts
        states = [[item["state"] for item in e.screen["items"]] for e in (judged, after)]
        assert states[0] == states[1], facts


def test_the_screen_is_never_complete_with_a_question_open(
    generated: list[tuple[Any, Facts, Evaluated]],
) -> None:
    for _, facts, judged in generated:
        screen = judged.screen
        states = [item["state"] for item in screen["items"]]
        answered = sum(state in {"negative", "positive"} for state in states)
        assert screen["answered"] == answered
        assert screen["complete"] == (answered == len(states) and "age_years" in facts), facts
        for item in screen["items"]:
            assert item["state"] != "negative" or not item["missing"], facts


def test_no_red_flag_found_is_said_only_when_all_was_asked_and_none_is_active(
    rules: RulesInForce, generated: list[tuple[Any, Facts, Evaluated]]
) -> None:
    for _, facts, judged in generated:
        said = rules.is_true(judged.evaluation, "RF-17")
        assert said == (judged.screen["complete"] and not judged.active), facts


def test_a_written_document_fits_into_an_event_and_cites_every_source(
    generated: list[tuple[Any, Facts, Evaluated]],
) -> None:
    for _, facts, judged in generated[:WRITTEN]:
        document = assess(facts, RULESET, ON).document
        assert len(orjson.dumps(document)) <= LARGEST_DOCUMENT
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
            told = {change["conclusion"] for change in finding["could_change"]}
            assert told <= _changed(rules, facts, name), (name, facts)
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


def _removals(facts: Facts, chance: random.Random) -> Iterator[tuple[str, Facts]]:
    """A few single pieces of information, each taken away alone."""
    # without a count the list is the whole statement: taking the count away says something else
    paths = [name for name in facts if not isinstance(facts[name], list) and name != "nodule_count"]
    paths += [name for name in ("investigations", "labs", "contacts") if name in facts]
    for owner in ("nodules", "investigations", "blocks"):
        for at, element in enumerate(facts.get(owner, ())):
            paths += [f"{owner}[{at}].{field}" for field in element if field != "id"]
    for path in chance.sample(paths, min(4, len(paths))):
        yield path, _without(facts, path)


def _without(facts: Facts, path: str) -> Facts:
    poorer = copy.deepcopy(facts)
    owner, bracket, rest = path.partition("[")
    if not bracket:
        del poorer[owner]
        return poorer
    at, _, field = rest.partition("].")
    del poorer[owner][int(at)][field]
    return poorer


def _shuffled(facts: Facts, chance: random.Random) -> Facts:
    mixed = _mixed(facts, chance)
    for name, value in mixed.items():
        if isinstance(value, list):
            elements = [_mixed(element, chance) for element in value]
            chance.shuffle(elements)
            mixed[name] = elements
    return mixed


def _mixed(table: Facts, chance: random.Random) -> Facts:
    names = list(table)
    chance.shuffle(names)
    return {name: table[name] for name in names}


def _ids(active: list[Any], effect: str | None = None) -> set[str]:
    return {entry.id for entry in active if effect in {None, entry.effect}}


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
