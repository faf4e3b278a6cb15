"""The sentences that belong to the whole answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from diagnosis.judge.questions import AT_ONCE
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.write.case import Case
from rules.language.sentences import Sentences

LIMITS = ("limits.supports", "limits.silent", "limits.no_flag")


def summary(rules: RulesInForce, sentences: Sentences, document: Mapping[str, Any]) -> str:
    """Say in a few sentences what a clinician reads first, the red flag before all else."""
    flags = document["red_flags"]
    first = _flag_sentence(sentences, flags)
    if flags["locked"]:
        return f"{first} {sentences.text('summary.settle_first')}"
    parts = [first, rules.likelihood["says"][document["likelihood"]]]
    provisional = document["provisional"]
    if provisional:
        parts.append(_range(sentences, document["likelihood"], provisional))
    if document["competitors"]:
        titles = ", ".join(rules.rules[name].title for name in document["competitors"])
        parts.append(sentences.text("summary.competitors", titles=titles))
    return " ".join(part for part in parts if part)


def _flag_sentence(sentences: Sentences, flags: Mapping[str, Any]) -> str:
    headline = flags["headline"]
    screen = flags["screen"]["sentence"]
    if headline is None:
        return sentences.text("summary.no_flag", screen=screen)
    if headline["urgency"] == "routine":
        noted = ", ".join(_noted(sentences, flag) for flag in flags["active"])
        return sentences.text("summary.noted", screen=screen, noted=noted)
    urgency = sentences.text(f"summary.urgency.{headline['urgency']}")
    return f"{urgency}: {headline['title']} ({headline['rule']}). {headline['action']}"


def _noted(sentences: Sentences, flag: Mapping[str, Any]) -> str:
    still = ""
    if flag["withholds"]:
        still = sentences.text("summary.withholds", kinds=" or ".join(flag["withholds"]))
    return f"{flag['title']} ({flag['rule']}{still})"


def _range(sentences: Sentences, likelihood: str, provisional: Mapping[str, Any]) -> str:
    if likelihood == provisional["lowest"]:
        return sentences.text(
            "summary.range",
            likelihood=likelihood,
            lowest=provisional["lowest"],
            highest=provisional["highest"],
        )
    possible = ", ".join(provisional["possible"])
    return sentences.text("summary.possible", possible=possible)


def deferring(
    examinations: Iterable[Mapping[str, Any]], flags: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Mark whether each examination waits: a flag that needs help at once goes first."""
    waits = flags["locked"] and flags["headline"]["urgency"] in AT_ONCE
    return [{**entry, "deferred": waits} for entry in examinations]


def limits(case: Case) -> list[str]:
    """List what the answer cannot do, for this case."""
    keys = list(LIMITS)
    if case.is_true(case.rules.roles.out_of_age):
        keys.insert(0, "limits.out_of_age")
    return [case.text(key) for key in keys]
