"""The hazards of both services as one, and what no single service can see is wrong with them."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.knowledge.published.reader import patients
from tests.knowledge.sets import ROOT, SERVICES, rule_set
from tools.rules.shared_entries import hazards_of

PATIENT = re.compile(r"[BM]M-\d\d")
MUST_BE_CLAIMED = ("RF-", "CI-")


@dataclass(frozen=True)
class Hazard:
    """What can go wrong, the rules that control it, and what shows that they do."""

    name: str
    title: str
    why: str
    rules: tuple[str, ...]
    shown_by: tuple[str, ...]


def hazards() -> list[Hazard]:
    """Join what the services say of each hazard, in order."""
    tables = [hazards_of(rule_set(service).knowledge) for service in SERVICES]
    return [_joined(name, [table.get(name, {}) for table in tables]) for name in tables[0]]


def _joined(name: str, entries: list[Mapping[str, Any]]) -> Hazard:
    first = entries[0]
    rules = tuple(rule for part in entries for rule in part.get("rules", ()))
    return Hazard(name, first["title"], first["why"], rules, tuple(first["shown_by"]))


def faults(found: list[Hazard], rules: frozenset[str]) -> Iterator[str]:
    """Say which hazards nothing controls or shows, and which rules nobody claims."""
    for hazard in found:
        if not hazard.rules:
            yield f"{hazard.name}: no rule controls it."
        if not hazard.shown_by:
            yield f"{hazard.name}: nothing shows that it is controlled."
        for proof in hazard.shown_by:
            if not exists(proof):
                yield f"{hazard.name}: {proof} does not exist."
    claimed = {rule for hazard in found for rule in hazard.rules}
    for rule in sorted(rules - claimed):
        if rule.startswith(MUST_BE_CLAIMED):
            yield f"{rule} controls no hazard."


def exists(proof: str) -> bool:
    """Whether a patient, a test or a file of rule cases is there."""
    if PATIENT.fullmatch(proof):
        return proof in _patients()
    file, _, test = proof.partition("::")
    path = ROOT / file
    return path.is_file() and (not test or f"def {test}(" in path.read_text("utf-8"))


_patients = functools.cache(patients)


def all_rules() -> frozenset[str]:
    """Name the rules of all services."""
    return frozenset(rule for service in SERVICES for rule in rule_set(service).knowledge.rules)


def missing_in_one() -> Iterator[str]:
    """Name the hazards that one service does not have."""
    named = {service: set(hazards_of(rule_set(service).knowledge)) for service in SERVICES}
    for service, own in named.items():
        for name in sorted(set().union(*named.values()) - own):
            yield f"{name} is missing in {service}."
