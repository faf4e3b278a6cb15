"""Screens are whole, whatever was recorded, and those that are kept are as they were read."""

import datetime as dt
import random
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.knowledge.generated_cases import RULESET, SEED, Facts, cases, coherent
from tests.knowledge.screens import FOLDER, written
from tests.support.care import with_flat_care
from tests.support.screens import as_screen, course, guidance, planned_flat

ON = dt.date(2026, 11, 22)
RULES = RULESET.in_force(ON)
CHANCE, COURSES = 1500, 1500
MOST_BYTES = 8 * 1024
CODES = re.compile(
    r"\b(RF|BC|DD|NE|TX|CI|FU|RFS)-\d|\w+_\w+|[{}…]|\bBLOCKED\b|\bWITHHELD\b|project choice|percent"
    r"|\b(CONFIRMED|PROBABLE|POSSIBLE|INCIDENTAL|UNLIKELY|NOT-ASSESSABLE)\b"
)
COMFORT = re.compile(r"harmless|most back pain settles|nothing stops|none positive", re.IGNORECASE)
ADDRESS = "  /v1/cases/"


def of_a_course(at: int) -> Facts:
    """A visit of the README's patient with answers missing, changed or added."""
    chance = random.Random(f"{SEED}-course-{at}")
    visits = [RULESET.knowledge.vocabulary.flatten(facts) for facts, _ in course()]
    facts: Facts = dict(chance.choice(visits))
    single = [name for name, value in facts.items() if not isinstance(value, list)]
    for name in chance.sample(single, chance.choice([0, 1, 2, 4, 8, 20])):
        del facts[name]
    for name, values in chance.sample(ANSWERS, chance.choice([0, 1, 2, 4, 8])):
        facts[name] = chance.choice(values)
    for name in ("investigations", "blocks", "treatments_given", "contacts"):
        if name in facts and chance.random() < 0.2:
            facts[name] = facts[name][:-1]
    if chance.random() < 0.4:
        facts["nodules"] = [
            facts["nodules"][0] | {"id": f"n{n}", "site": site, "side": chance.choice(SIDES)}
            for n, site in enumerate(chance.sample(SITES, chance.choice([1, 2, 4])))
        ]
    return with_flat_care(coherent(RULES, facts))


KEPT = dict(written())
SIDES = ["left", "right"]
SITES = ["crest_medial", "crest_lateral", "psis", "si_line", "paraspinal"]
ANSWERS: list[tuple[str, list[Any]]] = [
    (name, values)
    for name, fact in guidance().vocabulary.facts.items()
    if not fact.derived
    and fact.home not in {"derived", "care"}
    and (
        values := [True, False]
        if fact.type == "boolean"
        else [value.code for value in fact.values]
        if fact.type == "code"
        else []
    )
] + [
    (name, list(values))
    for name in sorted(RULES.read_names)
    if name in RULES.vocabulary.facts
    and name not in RULES.derived
    and (values := RULES.compiled.completions(name, {}))
]


@pytest.fixture(scope="module")
def shown() -> list[tuple[Any, str]]:
    made = []
    for flat in _facts():
        plan = planned_flat(flat, ON)
        made.append((plan, as_screen(plan)))
    return made


def _facts() -> Iterator[Facts]:
    yield from (facts for _, facts in cases(RULES, CHANCE))
    yield from (of_a_course(at) for at in range(COURSES))


def test_every_screen_fits_and_no_text_of_it_is_cut(shown: list[tuple[Any, str]]) -> None:
    for plan, screen in shown:
        lines = screen[:-1].split("\n")
        assert len(lines) <= 40, screen
        assert max(map(len, lines)) <= 80, screen
        assert "…" not in screen, screen
        read = " ".join(screen.split())
        for text in _texts(plan.brief):
            assert " ".join(text.split()) in read, (text, screen)


def _texts(brief: Any) -> Iterator[str]:
    """The sentences that a screen must show whole."""
    action = brief.action
    yield from (action.do.text, action.who, action.when, *brief.notices)
    yield from (one.text for one in brief.why)
    yield from (text for one in brief.ask_next for text in (one.text, one.could_change))
    yield from (one.name for one in brief.otherwise)
    yield from (one.text for one in brief.look_again)
    sentences = (brief.likely, brief.tell, brief.if_it_fails)
    yield from (one.text for one in sentences if one is not None)
    yield from (text for text in (action.do_not, brief.later) if text)


def test_reasons_of_treatments_stand_whole_beside_them(shown: list[tuple[Any, str]]) -> None:
    for plan, screen in shown:
        for line in plan.brief.treatments:
            for part in textwrap.wrap(line.reason, 38, break_on_hyphens=False):
                assert part in screen, (line, screen)


def test_nobody_reads_a_code_or_an_id(shown: list[tuple[Any, str]]) -> None:
    for _, screen in shown:
        text = "\n".join(line for line in screen.split("\n") if not line.startswith(ADDRESS))
        assert not CODES.search(text), (CODES.search(text), screen)


def test_no_comfort_stands_beside_a_lock_or_a_hold(shown: list[tuple[Any, str]]) -> None:
    seen = 0
    for plan, screen in shown:
        if plan.assessment.locked or plan.assessment.hold:
            seen += 1
            assert not COMFORT.search(screen), screen
            assert "\nSAFE " not in screen, screen
            assert "\nDO NOT " in screen, screen
            assert "\nTELL" in screen, screen
    assert seen


def test_an_emergency_is_said_in_the_first_two_lines_and_nothing_else_is_asked(
    shown: list[tuple[Any, str]],
) -> None:
    seen = 0
    for plan, screen in shown:
        at_once = plan.brief.action.urgency in {"emergency", "same_day"}
        if plan.assessment.locked and at_once:
            seen += 1
            first = " ".join(screen.split("\n")[2:6]).upper()
            assert first.startswith("DO        "), screen
            assert re.search(r"EMERGENCY|TODAY|NOW", first), screen
            for label in ("ASK OR", "LIKELY", "OTHERWISE", "TREATMENT", "LOOK AGAIN"):
                assert f"\n{label}" not in screen, screen
    assert seen


def test_identical_reasons_are_said_once(shown: list[tuple[Any, str]]) -> None:
    for plan, screen in shown:
        lines = [(line.verdict, line.reason) for line in plan.brief.treatments]
        assert len(lines) == len(set(lines)), screen
        assert len({one.text for one in plan.brief.why}) == len(plan.brief.why), screen


def test_decision_and_brief_of_both_services_travel_in_eight_kibibytes(
    shown: list[tuple[Any, str]],
) -> None:
    for plan, _ in shown:
        for pair in ((plan.assessment, plan.assessment_brief), (plan.decision, plan.brief)):
            assert sum(len(msgspec.json.encode(one)) for one in pair) <= MOST_BYTES


@pytest.mark.parametrize("name", list(KEPT))
def test_a_kept_screen_is_as_it_was_read(name: str) -> None:
    assert KEPT[name] == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_kept_screen_is_written() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(KEPT)


@pytest.mark.parametrize(("name", "gaps"), [("readme_patient", 5), ("emergency", 3)])
def test_blocks_of_a_screen_stand_apart(name: str, gaps: int) -> None:
    assert KEPT[name].count("\n\n") >= gaps
