"""What must hold for every brief of diagnosis, over generated cases."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.knowledge.generated_cases import RULESET, Facts, cases
from tests.support.assessing import SENTENCES

from diagnosis.judge import Decision, RulesInForce, judge
from diagnosis.write import Brief, brief
from diagnosis.write.flags import FlagWords

ON = dt.date(2026, 11, 22)
MOST_BYTES = 8 * 1024
RULES: RulesInForce = RULESET.in_force(ON)
RULE_ID = re.compile(r"\b(RF|BC|DD|NE|TX|CI|FU|RFS)-\d")
CODE = re.compile(
    r"\w+_\w+|\b(CONFIRMED|PROBABLE|POSSIBLE|INCIDENTAL|UNLIKELY|NOT-ASSESSABLE|OUT-OF-SCOPE)\b"
)
PLACE = re.compile(r"[{}]")
LIMITS = {
    "action.do.text": 130,
    "action.who": 60,
    "action.when": 110,
    "action.do_not": 130,
    "safety.text": 330,
    "likely.text": 130,
    "later": 130,
    "tell.text": 200,
    "sign_off": 100,
    "subject": 40,
}
MOST_OF_WHY = 420
MOST_OF_A_QUESTION = (170, 190)

Judged = tuple[Facts, Decision, Brief]


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    found = []
    for _, facts in cases(RULES):
        decision = judge(facts, RULESET, ON, case_id="0" * 36, revision=1)
        found.append((facts, decision, brief(decision, facts, RULES, SENTENCES)))
    return found


def texts(part: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence and label that people read, by its place."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in {"rules", "rule", "name", "examination", "category", "kind", "versions"}:
                yield from texts(value, f"{name}.{key}".lstrip("."))
            elif key == "name" and "rule" in part:
                yield f"{name}.name", value
    elif isinstance(part, list):
        for value in part:
            yield from texts(value, name)
    elif isinstance(part, str):
        yield name, part


def test_no_text_of_a_brief_has_a_rule_id_a_code_or_a_hole(judged: list[Judged]) -> None:
    for facts, _, screen in judged:
        for place, text in texts(msgspec.to_builtins(screen)):
            if place not in {"action.urgency", "on"}:
                assert not RULE_ID.search(text), (place, text, facts)
                assert not CODE.search(text), (place, text, facts)
                assert not PLACE.search(text), (place, text, facts)
                assert text.strip() == text != "", (place, facts)


def test_decision_and_brief_travel_in_eight_kibibytes(judged: list[Judged]) -> None:
    for facts, decision, screen in judged:
        size = len(msgspec.json.encode(decision)) + len(msgspec.json.encode(screen))
        assert size <= MOST_BYTES, (size, facts)


def test_every_text_has_a_bounded_length(judged: list[Judged]) -> None:
    for facts, _, screen in judged:
        built = msgspec.to_builtins(screen)
        for place, text in texts(built):
            assert len(text) <= LIMITS.get(place, 330), (place, text, facts)
        assert sum(len(sentence.text) for sentence in screen.why) <= MOST_OF_WHY, screen.why
        for question in screen.ask_next:
            lengths = len(question.text), len(question.could_change)
            assert lengths[0] <= MOST_OF_A_QUESTION[0], question
            assert lengths[1] <= MOST_OF_A_QUESTION[1], question


def test_lists_of_a_screen_are_short_and_a_lock_hides_the_likelihood(
    judged: list[Judged],
) -> None:
    for facts, decision, screen in judged:
        assert 1 <= len(screen.why) <= 3, facts
        assert max(len(screen.ask_next), len(screen.otherwise)) <= 3, facts
        assert (screen.likely is None) == decision.locked, facts
        assert screen.later, facts
        assert not screen.treatments, facts
        stops = decision.locked or decision.hold
        assert bool(screen.action.do_not) == stops or not decision.screen.complete, facts


def test_what_stops_treatment_is_the_action_and_rests_on_what_was_recorded(
    judged: list[Judged],
) -> None:
    seen = 0
    for facts, decision, screen in judged:
        if decision.locked or decision.hold:
            assert decision.headline is not None
            assert screen.action.do.rules == (decision.headline.rule,), facts
            assert decision.grounds, facts
            seen += 1
    assert seen


def test_questions_are_ordered_by_safety(judged: list[Judged]) -> None:
    for facts, decision, _ in judged:
        if not decision.screen.complete and decision.questions:
            assert decision.questions[0].examination == "red_flag_screen", facts
        for question in decision.questions:
            locks = any(change.endswith("=lock") for change in question.could_change)
            assert question.could_lock == locks, facts


def test_the_same_case_gives_the_same_bytes(judged: list[Judged]) -> None:
    for facts, decision, screen in judged[:200]:
        again = judge(dict(facts), RULESET, ON, case_id="0" * 36, revision=1)
        assert msgspec.json.encode(again) == msgspec.json.encode(decision)
        kept = msgspec.json.decode(msgspec.json.encode(decision), type=Decision)
        written = brief(kept, facts, RULES, SENTENCES)
        assert msgspec.json.encode(written) == msgspec.json.encode(screen)


def test_every_red_flag_has_its_words() -> None:
    words = FlagWords(RULES, SENTENCES)
    for flag in RULES.flags:
        assert SENTENCES.text(f"{flag.rule.id}.name")
        for at, grade in enumerate(flag.grades):
            wanted = ("do", "who", "when", "why", "do_not", "tell")
            for name in ("safe",) if grade.effect == "note" else wanted:
                assert words.text(flag.rule.id, at, name, findings="x"), (flag.rule.id, at, name)


def test_every_differential_examination_and_likelihood_has_its_words() -> None:
    for rule in RULES.differentials:
        assert SENTENCES.text(f"{rule.id}.name")
        assert SENTENCES.text(f"{rule.id}.settled_by")
    for entry in RULES.yields:
        wanted = ["do", "who", "when", *(["ask"] if entry.finds or entry.asks else [])]
        for name in wanted:
            assert f"examination.{entry.examination}.{name}" in SENTENCES
    for likelihood in (*RULES.order, "NOT-ASSESSABLE"):
        for key in ("likely", "likelihoods", "do"):
            assert f"{key}.{likelihood}" in SENTENCES
    for item in RULES.screen:
        assert f"item.{item['n']}" in SENTENCES
    for section in RULES.vocabulary.sections:
        assert section.name == "derived" or f"section.{section.name}" in SENTENCES
    for entry in RULES.brief_reasons:
        name = entry["code"] if entry["code"] != RULES.roles.competing else "competing"
        assert f"reason.{name}.sentence" in SENTENCES
        assert f"reason.{name}.short" in SENTENCES
