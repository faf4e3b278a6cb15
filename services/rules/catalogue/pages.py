"""A rule as its readers see it: what it says, on what it rests, how it is tested and used."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rules.catalogue.label import (
    From,
    RestsOn,
    citations,
    dates,
    label,
    readable_definitions,
    readable_version,
)
from rules.catalogue.tally import DecisiveCount, Tally
from rules.language.model import Knowledge, Rule

TESTED: Final = "tested.json"


@dataclass(frozen=True)
class About:
    """What a service says of its rules beside their text.

    Attributes:
        computed_from: For each computed fact, the recorded facts that it rests on.
        tested: What the tests say of each rule and definition; see `tests/knowledge/tested.py`.
        can_decide: The rules that can be decisive at all.
        decisive_means: What *decisive* means, in one sentence.
        sign_off: Who has signed the rules off.
    """

    computed_from: From
    tested: Mapping[str, Any]
    can_decide: frozenset[str]
    decisive_means: str
    sign_off: str


def read_tested(folder: Path) -> Mapping[str, Any]:
    """Read what was written down of the tests, which are not where the service runs."""
    tested: Mapping[str, Any] = json.loads((folder / TESTED).read_text(encoding="utf-8"))
    return tested


def summary(rule: Rule) -> dict[str, Any]:
    """Show a rule in a list: its newest version in short."""
    newest = rule.versions[-1]
    return {
        "id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "in_force": dates(newest),
        "strength": newest.strength,
        "because": newest.because,
        "sources": list(newest.sources),
    }


def page(
    knowledge: Knowledge, rule: Rule, about: About, rests_on: RestsOn | None = None
) -> dict[str, Any]:
    """Show a rule whole: every version, its conditions, what it reads, and its label.

    Args:
        knowledge: the set that holds it.
        rule: the rule.
        about: what the service says of its rules.
        rests_on: what it rests on, if its condition does not say so.
    """
    on = rests_on or RestsOn.of(knowledge, rule)
    computed = [name for name in about.computed_from if name in on.facts]
    return {
        "id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "judged_over": rule.over,
        "sign_off": about.sign_off,
        "versions": [readable_version(knowledge, version) for version in rule.versions],
        "definitions": readable_definitions(knowledge, on.definitions),
        "rules": list(on.rules),
        "facts": sorted(on.facts - set(computed)),
        "computed": {name: sorted(about.computed_from[name]) for name in computed},
        "label": label(knowledge, rule, on, about.computed_from),
        "tests": tests(about.tested, rule.id, on.definitions),
        "file": rule.file,
        "citations": citations(knowledge, rule, on.definitions),
    }


def tests(tested: Mapping[str, Any], rule_id: str, definitions: Iterable[str]) -> dict[str, Any]:
    """Say which cases test a rule, and in which published ones it fires or decides."""
    rules, named = tested["rules"], tested["definitions"]
    entry = rules.get(rule_id, {"cases": {}, "published": {"fires": [], "decides_by_firing": []}})
    cases: Mapping[str, list[str]] = entry["cases"]
    counts = {name: named[name] for name in definitions if name in named}
    return {
        "cases": {"count": sum(map(len, cases.values())), **cases},
        "cases_of_definitions": {"count": sum(counts.values()), **counts},
        "published": entry["published"],
    }


def use(tally: Tally, decisive: DecisiveCount, rule_id: str, about: About) -> dict[str, Any]:
    """Say how often a rule was judged, fired, was unknown and was decisive."""
    return {
        "judged": tally.judged,
        "fired": tally.fired,
        "unknown": tally.unknown,
        "decisive": {
            "over": decisive.over,
            "at_most": decisive.at_most,
            "times": sum(decisive.by_verdict.values()),
            "by_firing": decisive.by_verdict.get(True, 0),
            "by_being_unknown": decisive.by_verdict.get(None, 0),
            "by_not_firing": decisive.by_verdict.get(False, 0),
        },
        "can_be_decisive": rule_id in about.can_decide,
        "decisive_means": about.decisive_means,
    }
