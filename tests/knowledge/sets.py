"""The knowledge of each service, and where its cases are."""

import dataclasses
import functools
import importlib
from pathlib import Path

from tools.rules.cases import RuleCase, read_cases

from rules import Knowledge, Vocabulary

ROOT = Path(__file__).resolve().parents[2]
OWNER = "intake"  # of the vocabulary
_LOADERS = {
    "diagnosis": ("diagnosis.domain.ruleset", "load_ruleset"),
    "treatment": ("treatment.judge.guidance", "load_guidance"),
}
SERVICES = tuple(_LOADERS)


@dataclasses.dataclass(frozen=True)
class RuleSet:
    """One service's knowledge."""

    service: str
    knowledge: Knowledge

    @property
    def cases_folder(self) -> Path:
        return ROOT / "tests" / "knowledge" / self.service

    def cases(self) -> list[RuleCase]:
        return read_cases(self.cases_folder, self.knowledge)


@functools.cache
def rule_set(service: str) -> RuleSet:
    """Load a service's knowledge as the service itself does."""
    module, name = _LOADERS[service]
    loaded = getattr(importlib.import_module(module), name)()
    return RuleSet(service, getattr(loaded, "knowledge", loaded))


def facts_of(service: str) -> Vocabulary:
    """Load a service's copy of the shared vocabulary, without what it computes itself."""
    return Vocabulary.load(ROOT / "services" / service / "knowledge" / "facts")
