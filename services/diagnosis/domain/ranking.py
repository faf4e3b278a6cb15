"""Ranks examinations, and says why each has its place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnosis.domain.ruleset import RulesInForce
from rules import general

Entry = dict[str, Any]

SCREEN = "red_flag_screen"
MOST_NAMED = 6  # more questions are told by their ids alone
BURDEN_SOURCE = "project choice"
_TOGETHER = "Settles no open question alone; may together with other findings."
_QUESTIONS = {"likelihood": "likelihood", "possible likelihoods": "likelihood"}


def ranked(
    rules: RulesInForce, entries: Sequence[Entry], missing: Sequence[Mapping[str, Any]]
) -> list[Entry]:
    """Put examinations in order: safety, then open questions, then burden, then the rule's id.

    Of those that settle nothing alone, what may together with others comes first.

    Args:
        rules: the rules in force.
        entries: the examinations that are due.
        missing: the missing findings as written, with what each could change.
    """
    placed = [_placed(rules, entry, missing) for entry in entries]
    placed.sort(key=lambda entry: (*_order(entry["ranked_by"]), entry["rule"]))
    return [{"rank": place, **entry} for place, entry in enumerate(placed, 1)]


def screen_finds(rules: RulesInForce) -> frozenset[str]:
    """Name the findings that the questions of the screen yield."""
    asked: set[str] = set()
    for item in rules.screen:
        asked |= {*item.get("needs", ()), *(f"nodules[].{f}" for f in item.get("each_nodule", ()))}
        asked |= {name for more in item.get("needs_when", ()) for name in more["needs"]}
    return frozenset(asked)


def _order(by: Mapping[str, Any]) -> tuple[int, int, bool, int]:
    together = not by["together"]
    return by["safety"]["class"], -len(by["questions"]), together, by["burden"]["class"]


def _placed(rules: RulesInForce, entry: Entry, missing: Sequence[Mapping[str, Any]]) -> Entry:
    found = next(one for one in rules.yields if one.examination == entry["examination"])
    finds = screen_finds(rules) if found.examination == SCREEN else found.finds
    findings = list(_yielded(finds, missing))
    asked = {question for finding in findings for question in _questions(finding)}
    questions = sorted({*found.asks, *asked})
    flags = [name for name in questions if name in rules.flag_ids]
    burden = {
        "class": found.burden,
        "words": rules.burdens[found.burden],
        "source": BURDEN_SOURCE,
    }
    by = {
        "safety": _safety(entry, flags, found.safety),
        "questions": questions,
        "together": any(finding["together"] for finding in findings),
        "burden": burden,
    }
    return {**entry, "ranked_by": by, "why_here": _why(rules, by)}


def _yielded(
    finds: frozenset[str], missing: Sequence[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Choose the missing findings that an examination yields."""
    for finding in missing:
        name = general(finding["fact"])
        if name in finds or name.partition(".")[0] in finds:
            yield finding


def _questions(finding: Mapping[str, Any]) -> Iterator[str]:
    """Name the likelihood, red flags and differentials that a finding could change."""
    for change in finding["could_change"]:
        kind, _, rule = change["conclusion"].partition(":")
        if rule or kind in _QUESTIONS:
            yield rule or _QUESTIONS[kind]


def _safety(entry: Entry, flags: Sequence[str], elsewhere: str | None) -> dict[str, Any]:
    """Say whether it is a question of safety: 0 the screen, 1 another one, 2 none to settle here.

    A question that is decided elsewhere is named, and gives the examination no earlier place.
    """
    if entry["examination"] == SCREEN:
        return {"class": 0, "because": "it is the red-flag screen"}
    if flags:
        return {"class": 1, "because": f"it can settle {', '.join(flags)}"}
    if entry["before_treatment"]:
        return {"class": 1, "because": "it comes before anything is applied to a nodule"}
    return {"class": 2, "because": elsewhere}


def _why(rules: RulesInForce, by: Mapping[str, Any]) -> str:
    """Put the reasons for a place into a sentence."""
    safety, questions, burden = by["safety"]["because"], by["questions"], by["burden"]
    first = f"Safety: {safety}." if safety else "No question of safety."
    few = len(questions) <= MOST_NAMED
    named = ", ".join(_named(rules, name) if few else name for name in questions)
    count = f"{len(questions)} open question{'' if len(questions) == 1 else 's'}"
    alone = _TOGETHER if by["together"] else "Settles no open question."
    settles = f"Can settle {count}: {named}." if questions else alone
    return f"{first} {settles} Burden: {burden['words']} ({burden['source']})."


def _named(rules: RulesInForce, question: str) -> str:
    rule = rules.rules.get(question)
    return f"{question} ({rule.title})" if rule else question
