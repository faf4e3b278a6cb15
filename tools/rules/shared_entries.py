"""What several services keep in copies: hazards and sources, which must not drift apart."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rules.language.model import Knowledge

HAZARDS: Final = "hazards.toml"
_HAZARD_KEYS: Final = {"title": str, "why": str, "rules": list, "shown_by": list}
_OWN: Final = frozenset({"rules"})  # each service names its own

Entries = Mapping[str, Mapping[str, Any]]


def hazards_of(knowledge: Knowledge) -> Entries:
    """Find what can go wrong, by hazard id, and the rules of this service that control it."""
    return knowledge.other.get(HAZARDS, {})


def hazard_faults(knowledge: Knowledge) -> Iterator[str]:
    """Say what is wrong with the hazards of one service."""
    for name, hazard in hazards_of(knowledge).items():
        for key, kind in _HAZARD_KEYS.items():
            if not isinstance(hazard.get(key), kind):
                yield f"{name} has no {key}."
        for key in sorted(set(hazard) - set(_HAZARD_KEYS)):
            yield f"{name}: there is no setting called {key}."
        for rule in hazard.get("rules", ()):
            if rule not in knowledge.rules:
                yield f"{name}: there is no rule called {rule}."


def disagreements(own: Entries, other: Entries) -> Iterator[str]:
    """Name what two services describe differently under one key; what only one has is fine."""
    for name, entry in own.items():
        others = other.get(name, entry)
        for key in sorted((set(entry) | set(others)) - _OWN):
            if entry.get(key) != others.get(key):
                yield f"{name} has {key} {entry.get(key)!r} here and {others.get(key)!r} there."
