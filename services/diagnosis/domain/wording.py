"""The sentences that belong to the whole answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from diagnosis.domain.ruleset import RulesInForce
from rules import Evaluation

SIGN_OFF = "clinical sign-off: none yet"
EVIDENCE_NOTE = (
    "There is no validated set of criteria for back mice and no study of how accurate these signs "
    "are, so no percentage is given. The evidence is case series, one small trial and expert "
    "opinion."
)
LIMITS = (
    "This supports a clinician's judgement; it is not a diagnosis.",
    "A nodule is common and often silent: finding one does not end the search.",
    "No red flag found does not exclude serious disease; repeat the screen at every contact.",
)
SETTLE_FIRST = "Settle this first; whatever a nodule may explain waits until then."
AT_ONCE = frozenset({"emergency", "same_day"})
WORDS = {
    "emergency": "Emergency",
    "same_day": "Today",
    "urgent": "Urgent",
    "hold": "Hold",
}


def summary(rules: RulesInForce, document: Mapping[str, Any]) -> str:
    """Say in a few sentences what a clinician reads first, the red flag before all else."""
    flags = document["red_flags"]
    if flags["locked"]:
        return f"{_flag_sentence(flags)} {SETTLE_FIRST}"
    parts = [_flag_sentence(flags), rules.likelihood["says"][document["likelihood"]]]
    provisional = document["provisional"]
    if provisional:
        parts.append(_range(document["likelihood"], provisional))
    if document["competitors"]:
        titles = ", ".join(rules.rules[name].title for name in document["competitors"])
        parts.append(f"Another explanation also fits and comes first: {titles}.")
    return " ".join(part for part in parts if part)


def _flag_sentence(flags: Mapping[str, Any]) -> str:
    headline = flags["headline"]
    screen = flags["screen"]["sentence"]
    if headline is None:
        return f"No red flag found ({screen}); this does not exclude serious disease."
    if headline["urgency"] == "routine":
        found = ", ".join(_noted(flag) for flag in flags["active"])
        return f"No red flag locks or holds treatment ({screen}). Noted: {found}."
    found = f"{WORDS[headline['urgency']]}: {headline['title']} ({headline['rule']})."
    return f"{found} {headline['action']}"


def _noted(flag: Mapping[str, Any]) -> str:
    still = (
        f", still without {' or '.join(flag['withholds'])} treatment" if flag["withholds"] else ""
    )
    return f"{flag['title']} ({flag['rule']}{still})"


def _range(likelihood: str, provisional: Mapping[str, Any]) -> str:
    if likelihood == provisional["lowest"]:
        return (
            f"{likelihood} is provisional: the range is {provisional['lowest']} "
            f"to {provisional['highest']}."
        )
    return f"Still possible: {', '.join(provisional['possible'])}."


def deferring(
    examinations: Iterable[Mapping[str, Any]], flags: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Say of each examination whether it waits: a flag that needs help at once goes first."""
    waits = flags["locked"] and flags["headline"]["urgency"] in AT_ONCE
    return [{**entry, "deferred": waits} for entry in examinations]


def limits(rules: RulesInForce, evaluation: Evaluation) -> list[str]:
    """List what the answer cannot do, for this case."""
    found = list(LIMITS)
    if rules.is_true(evaluation, "RF-16"):
        found.insert(0, "These rules are not made for anyone under 16.")
    return found
