"""Cases made by chance over the vocabulary, seeded, so that a failure can be repeated."""

import os
import random
from collections.abc import Iterator
from typing import Any

from tests.support.care import with_flat_care

from diagnosis.judge import RulesInForce, load_ruleset
from diagnosis.judge.ruleset import Ruleset
from rules import Fact, ListFact

Facts = dict[str, Any]

RULESET: Ruleset = load_ruleset()
NUMBER = 2000  # for documents; what must hold for every case is in properties/
SEED = int(os.environ.get("PROPERTY_SEED", "20261122"))
LONGEST = {"nodules": 3, "investigations": 3, "labs": 2, "blocks": 2, "contacts": 2}
TYPICAL: Facts = {
    "certainty": "definite",
    "site": "crest_medial",
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
    "mobility": "mobile",
    "consistency": "rubbery",
    "depth": "subcutaneous",
    "size_long_mm": 20,
}


def cases(rules: RulesInForce, number: int = NUMBER) -> Iterator[tuple[random.Random, Facts]]:
    """Yields cases whose answers do not contradict each other, each with its own chance."""
    for at in range(number):
        chance = random.Random(f"{SEED}-{at}")
        yield chance, with_flat_care(coherent(rules, _case(rules, chance)))


def coherent(rules: RulesInForce, facts: Facts) -> Facts:
    """Drops answers that a clinic could not send, because they contradict others."""
    facts = dict(facts)
    for name in ("lump_excised_before", "max_temp_c", "onset_mechanism", "lowest_power_mrc"):
        if name in facts and contradictory(rules, facts):
            del facts[name]
    for name in ("pregnancy_status", "vesicles_at_site", "age_at_onset_years"):
        if name in facts and contradictory(rules, facts):
            del facts[name]
    for nodule in facts.get("nodules", ()):
        if nodule.get("size_short_mm", 0) > nodule.get("size_long_mm", 400):
            del nodule["size_short_mm"]
    if facts.get("earlier_tests") == "none":
        facts = {k: v for k, v in facts.items() if k not in {"investigations", "labs"}}
    return facts


def contradictory(rules: RulesInForce, facts: Facts) -> bool:
    return rules.is_true(rules.compiled.evaluate(facts), "cannot-both-be-true")


def _case(rules: RulesInForce, chance: random.Random) -> Facts:
    known = chance.choice([0.1, 0.5, 0.9, 0.98])
    trouble = chance.choice([0.02, 0.1, 0.5])
    facts: Facts = {}
    for name, fact in rules.vocabulary.facts.items():
        if name not in rules.derived and name in rules.read_names and chance.random() < known:
            facts[name] = _answer(rules, fact, chance, trouble)
    for name, longest in LONGEST.items():
        if chance.random() < known:
            entry = rules.vocabulary.list(name)
            facts[name] = [
                _element(rules, entry, at, chance, known)
                for at in range(chance.randint(0, longest))
            ]
    _tied(facts, chance)
    return facts


def _answer(rules: RulesInForce, fact: Fact, chance: random.Random, trouble: float) -> Any:
    values = rules.compiled.completions(fact.name, {})
    if fact.type == "boolean":
        return chance.random() < trouble
    return values[0] if chance.random() > trouble else chance.choice(values)


def _element(
    rules: RulesInForce, entry: ListFact, at: int, chance: random.Random, known: float
) -> Facts:
    element: Facts = {}
    for name, fact in entry.fields.items():
        if fact.type == "id":
            element[name] = f"n{at}"
        elif fact.type == "ref":
            element[name] = f"n{chance.randint(0, 2)}"
        elif fact.numeric or fact.type in {"boolean", "code"}:
            values = rules.compiled.completions(f"{entry.name}[].{name}", {entry.name: [{}]})
            element[name] = chance.choice(values) if values else 0
    if entry.name == "nodules" and chance.random() < 0.7:
        element |= TYPICAL
    if entry.name == "blocks" and chance.random() < 0.7:
        element |= {"nrs_before": 6, "nrs_after": chance.choice([0, 2, 5]), "minutes_after": 20}
    identity = {name: element.pop(name) for name in ("id",) if name in element}
    kept = {name: value for name, value in element.items() if chance.random() < known}
    return identity | kept


def _tied(facts: Facts, chance: random.Random) -> None:
    """Makes the list and the question about nodules agree, and ids name nodules that there are."""
    nodules = facts.get("nodules")
    if nodules is not None:
        facts.pop("nodule_present", None)
        if facts.get("nodule_count", len(nodules)) < len(nodules):
            facts["nodule_count"] = len(nodules)
        if not nodules:
            facts.pop("nodule_count", None)
    ids = [nodule["id"] for nodule in nodules or ()]
    for name in ("investigations", "blocks"):
        for element in facts.get(name, ()):
            if "nodule_id" in element and element["nodule_id"] not in ids:
                del element["nodule_id"]
            if ids and chance.random() < 0.5:
                element["nodule_id"] = chance.choice(ids)
