"""Cases made by chance, each from its own seed: some nearly perfect, some sparse, some wild."""

import json
import random
from typing import Any

from tests.knowledge.properties.services import FINDINGS, GUIDANCE, INTAKE, ON, RULES
from tests.knowledge.sets import ROOT

from intake.case import tidy
from rules import Fact

Facts = dict[str, Any]

VOCABULARY = INTAKE
LONGEST = {
    "nodules": 3,
    "investigations": 3,
    "labs": 2,
    "blocks": 2,
    "contacts": 3,
    "treatments_given": 3,
    "previous_treatments": 2,
    "steroid_injections": 2,
    "planned_drugs": 2,
}
MODALITIES = (
    "injection", "laser", "tecar", "shockwave", "dry_needling", "manual_therapy", "surgery",
)  # fmt: skip
DAYS = (0, 3, 13, 14, 21, 27, 28, 89, 90, 91, 180, 365, 366)
TYPICAL: Facts = {
    "certainty": "definite",
    "site": "crest_medial",
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
    "mobility": "mobile",
    "consistency": "rubbery",
    "depth": "subcutaneous",
    "size_long_mm": 20,
    "size_trend": "stable",
    "cough_impulse_or_reducible": False,
    "excised_before": False,
}
FAT: Facts = {"kind": "ultrasound", "region": "nodule", "result": "fat_nodule"}


def _complete() -> Facts:
    """The README's patient, with nothing left to ask, who wants everything."""
    body = json.loads((ROOT / "docs" / "examples" / "bm01_completed.json").read_text("utf-8"))
    del body["reference"]
    body["decisions"]["consent"] = dict.fromkeys([*MODALITIES, "corticosteroid"], True)
    body["decisions"]["requested_modalities"] = dict.fromkeys(MODALITIES, True)
    body["pain"]["disabling_pain"] = False
    body["red_flags"]["max_temp_c"] = 36.8
    return dict(VOCABULARY.flatten(FINDINGS.outgoing(tidy(FINDINGS.answered(body)), ON)))


COMPLETE: Facts = _complete()


def _values(name: str, fact: Fact) -> list[Any]:
    """Both answers, each code, and a number from each interval and at each end."""
    if fact.type == "boolean":
        return [True, False]
    if not fact.numeric:
        return list(fact.codes)
    found: set[Any] = {bound for bound in (fact.minimum, fact.maximum) if bound is not None}
    if name.endswith("days_ago"):
        return list(DAYS)
    owner = name.partition("[")[0]
    for engine in (RULES.compiled, GUIDANCE.compiled):
        if name in engine.vocabulary.facts or "[" in name:
            known = engine.vocabulary.lists.get(owner)
            if "[" not in name or (known and name.partition("].")[2] in known.fields):
                found |= set(engine.completions(name.replace("[]", "[0]"), {owner: [{}]}))
    return sorted(found)


VALUES = {
    name: values
    for name, fact in VOCABULARY.facts.items()
    if not fact.stays and fact.type not in {"text", "codes", "date", "id", "ref"}
    if (values := _values(name, fact))
}
NAMES = list(VALUES)
FIELDS = {
    owner: {
        name: values
        for name, fact in VOCABULARY.list(owner).fields.items()
        if fact.type not in {"text", "codes", "date", "id", "ref"}
        if (values := _values(f"{owner}[].{name}", fact))
    }
    for owner in LONGEST
}


def case(chance: random.Random) -> Facts:
    """Make one case; ids name nodules that there are, and counts are not below their lists."""
    kind = chance.random()
    if kind < 0.5:
        facts = _nearly_complete(chance)
    elif kind < 0.75:
        facts = _sparse(chance)
    else:
        facts = _wild(chance)
    return _tied(facts, chance)


def _nearly_complete(chance: random.Random) -> Facts:
    """Everything is answered well but for a few answers."""
    facts = dict(COMPLETE)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5))):
        name = chance.choice(NAMES)
        facts[name] = chance.choice(VALUES[name])
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        facts.pop(chance.choice(NAMES), None)
    for _ in range(chance.choice((0, 0, 1, 2))):
        owner = chance.choice(list(LONGEST))
        facts[owner] = _elements(owner, chance, 0.95)
    return facts


def _sparse(chance: random.Random) -> Facts:
    """Little is known, most of it harmless."""
    known = chance.choice((0.02, 0.1, 0.3, 0.6))
    facts = {name: value for name, value in COMPLETE.items() if chance.random() < known}
    for _ in range(chance.choice((0, 1, 3))):
        name = chance.choice(NAMES)
        facts[name] = chance.choice(VALUES[name])
    return facts


def _wild(chance: random.Random) -> Facts:
    """Anything may be true at once."""
    known, trouble = chance.choice((0.3, 0.8, 0.97)), chance.choice((0.02, 0.1, 0.5))
    facts: Facts = {}
    for name in NAMES:
        if chance.random() < known:
            harmless = name in COMPLETE and chance.random() > trouble
            facts[name] = COMPLETE[name] if harmless else chance.choice(VALUES[name])
    for owner in LONGEST:
        if chance.random() < known:
            facts[owner] = _elements(owner, chance, known)
    return facts


def _elements(owner: str, chance: random.Random, known: float) -> list[Facts]:
    return [_element(owner, at, chance, known) for at in range(chance.randint(0, LONGEST[owner]))]


def _element(owner: str, at: int, chance: random.Random, known: float) -> Facts:
    element = {
        name: chance.choice(values)
        for name, values in FIELDS[owner].items()
        if chance.random() < known
    }
    if owner == "nodules" and chance.random() < 0.7:
        typical = [name for name in TYPICAL if chance.random() < known]
        element |= {name: TYPICAL[name] for name in typical}
    if owner == "investigations" and chance.random() < 0.6:
        element |= FAT
    if owner == "blocks" and chance.random() < 0.7:
        element |= {"nrs_before": 6, "nrs_after": chance.choice((0, 2, 5)), "minutes_after": 20}
    if owner in {"nodules", "contacts", "blocks"}:
        element["id"] = f"{owner}-{at}"
    return element


def _tied(facts: Facts, chance: random.Random) -> Facts:
    """Make what is said twice agree: nodules and their count, ids and what they name."""
    nodules = facts.get("nodules")
    if nodules is not None:
        facts.pop("nodule_present", None)
        if facts.get("nodule_count", 0) < len(nodules) or not nodules:
            facts.pop("nodule_count", None)
        for nodule in nodules:
            if nodule.get("size_short_mm", 0) > nodule.get("size_long_mm", 10_000):
                del nodule["size_short_mm"]
    ids = [nodule["id"] for nodule in nodules or ()]
    for owner in ("investigations", "blocks", "treatments_given"):
        for element in facts.get(owner, ()):
            if ids and "nodule_id" not in element and chance.random() < 0.7:
                element["nodule_id"] = chance.choice(ids)
    return facts
