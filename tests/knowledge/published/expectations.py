"""What a published patient expects of an answer, checked word by word."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]

ORDER = ("UNLIKELY", "INCIDENTAL", "POSSIBLE", "PROBABLE", "CONFIRMED")
MODALITIES = {
    "needle": ("injection", "dry_needling"),
    "energy": ("laser", "tecar", "shockwave"),
    "manual": ("manual_therapy",),
    "surgery": ("surgery",),
    "injection": ("injection",),
}
CLEAR = frozenset({"checked_clear", "not_stated"})
NOT_OFFERED = frozenset({"withheld", "blocked"})


@dataclass(frozen=True)
class Answer:
    """An assessment and the plan made from it."""

    assessment: Document
    plan: Document

    @property
    def flags(self) -> Document:
        return self.assessment["red_flags"]

    @property
    def active(self) -> dict[str, Document]:
        return {flag["rule"]: flag for flag in self.flags["active"]}

    @property
    def undecided(self) -> set[str]:
        return {flag["rule"] for flag in self.flags["undecided"]}

    @property
    def headline(self) -> Document:
        return self.flags["headline"] or {}

    @property
    def possible(self) -> set[str]:
        """All likelihoods that the facts still allow."""
        provisional = self.assessment["provisional"]
        return set(provisional["possible"]) if provisional else {self.assessment["likelihood"]}

    @property
    def differentials(self) -> list[str]:
        ranked = sorted(self.assessment["differentials"], key=lambda one: one["rank"])
        return [one["rule"] for one in ranked]

    @property
    def asked_for(self) -> set[str]:
        """Every word in the names of the facts that the answer names as missing."""
        named = [finding["fact"] for finding in self.assessment["missing_findings"]]
        named += [fact for flag in self.flags["undecided"] for fact in flag["missing"]]
        named += [fact for item in self.flags["screen"]["items"] for fact in item["missing"]]
        named += [fact for one in self.assessment["differentials"] for fact in one["missing"]]
        return {word for name in named for word in re.split(r"[.\[\]]+", name)}

    def offered(self, group: str) -> set[str]:
        statuses = {one["modality"]: one["status"] for one in self.plan["modalities"]}
        return {name for name in MODALITIES[group] if statuses[name] not in NOT_OFFERED}


def complaints(expect: Document, answer: Answer) -> Iterator[str]:
    """Say everything that the answer does not do as expected; an unknown expectation raises."""
    for name, expected in expect.items():
        found = CHECKS[name](answer, expected)
        if found is not None:
            yield f"{name}: expected {expected}, found {found}"


Check: TypeAlias = Callable[[Answer, Any], Any]
"""Returns None when the expectation holds, else what was found."""


def _one_of(value: Callable[[Answer], Any]) -> Check:
    return lambda answer, allowed: None if value(answer) in allowed else value(answer)


def _equal(value: Callable[[Answer], Any]) -> Check:
    return lambda answer, wanted: None if value(answer) == wanted else value(answer)


def _all_in(values: Callable[[Answer], Any]) -> Check:
    return lambda answer, wanted: None if set(wanted) <= set(values(answer)) else values(answer)


def _none_in(values: Callable[[Answer], Any]) -> Check:
    return lambda answer, banned: None if set(banned).isdisjoint(values(answer)) else values(answer)


def _any_in(values: Callable[[Answer], Any]) -> Check:
    return lambda answer, wanted: values(answer) if set(wanted).isdisjoint(values(answer)) else None


def _none_above(highest: str, found: set[str]) -> Any:
    allowed = set(ORDER[: ORDER.index(highest) + 1]) | {"NOT-ASSESSABLE"}
    return None if found <= allowed else found


def _likelihood_at_most(answer: Answer, highest: str) -> Any:
    return _none_above(highest, {answer.assessment["likelihood"]})


def _range_at_most(answer: Answer, highest: str) -> Any:
    return _none_above(highest, answer.possible)


def _flag_urgency(answer: Answer, wanted: Mapping[str, str]) -> Any:
    found = {rule: answer.active.get(rule, {}).get("urgency") for rule in wanted}
    return None if found == wanted else found


def _not_offered(answer: Answer, groups: list[str]) -> Any:
    return set().union(*(answer.offered(group) for group in groups)) or None


def _offered(answer: Answer, groups: list[str]) -> Any:
    missing = [group for group in groups if not answer.offered(group)]
    statuses = {
        one["modality"]: (one["status"], one["because"]) for one in answer.plan["modalities"]
    }
    return statuses if missing else None


def _imaging_named(answer: Answer, words: list[str]) -> Any:
    texts = [f"{one['title']} {one['examination']}" for one in answer.assessment["examinations"]]
    texts += [flag["action"] for flag in answer.flags["active"]]
    return None if any(word in text for text in texts for word in words) else texts


def _open_contraindications(answer: Answer) -> list[str]:
    injection = next(one for one in answer.plan["modalities"] if one["modality"] == "injection")
    return [one["rule"] for one in injection["contraindications"] if one["state"] not in CLEAR]


def _outcome(answer: Answer) -> Any:
    outcome = answer.plan["outcome_of_care"]
    return outcome and outcome["result"]


def _concluded(answer: Answer) -> list[str]:
    return [one["rule"] for one in answer.assessment["differentials"] if one["state"] == "listed"]


CHECKS: Mapping[str, Check] = {
    "category": _one_of(lambda a: a.assessment["category"]),
    "likelihood": _one_of(lambda a: a.assessment["likelihood"]),
    "likelihood_at_most": _likelihood_at_most,
    "range_at_most": _range_at_most,
    "range_contains": _all_in(lambda a: a.possible),
    "range_excludes": _none_in(lambda a: a.possible),
    "red_flags": _all_in(lambda a: a.active),
    "red_flags_any": _any_in(lambda a: a.active),
    "red_flags_undecided": _all_in(lambda a: a.undecided),
    "red_flags_considered": _all_in(lambda a: a.undecided | set(a.active)),
    "red_flags_inactive": _none_in(lambda a: a.active),
    "headline": _one_of(lambda a: a.headline.get("rule")),
    "urgency": _one_of(lambda a: a.headline.get("urgency")),
    "flag_urgency": _flag_urgency,
    "flags_that_lock": _equal(lambda a: a.flags["locks"]),
    "locked": _equal(lambda a: a.flags["locked"]),
    "hold": _equal(lambda a: a.flags["hold"]),
    "differentials_first": _equal(lambda a: a.differentials[:1] and a.differentials[0]),
    "differentials_top_three": _all_in(lambda a: a.differentials[:3]),
    "differentials_not_concluded": _none_in(_concluded),
    "examinations": _all_in(lambda a: [one["rule"] for one in a.assessment["examinations"]]),
    "imaging_named": _imaging_named,
    "proposes_block": _equal(lambda a: a.assessment["proposals"]["diagnostic_block"]),
    "missing": _all_in(lambda a: a.asked_for),
    "not_offered": _not_offered,
    "offered": _offered,
    "step": _one_of(lambda a: a.plan["step"]["code"]),
    "contraindications_open": _all_in(_open_contraindications),
    "outcome_of_care": _one_of(_outcome),
}
