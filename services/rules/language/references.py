"""Which rules and definitions rest on which, through conditions and through what they conclude."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from rules.language.model import Knowledge, Rule
from rules.language.nodes import Node, Use, walk

Key = tuple[str, str]


def definitions_of(knowledge: Knowledge, rule: Rule) -> list[str]:
    """Name the definitions that a rule rests on, directly or through others, by id."""
    return sorted(name for kind, name in _closure(knowledge)["rule", rule.id] if kind == "defined")


def rules_of(knowledge: Knowledge, rule: Rule) -> list[str]:
    """Name the rules, those decided elsewhere too, that a rule rests on."""
    kinds = ("rule", "external")
    return sorted(name for kind, name in _closure(knowledge)["rule", rule.id] if kind in kinds)


def rules_that_use(knowledge: Knowledge, definition: str) -> list[str]:
    """Name the rules that rest on a definition, directly or through others."""
    closure = _closure(knowledge)
    return [name for name in knowledge.rules if ("defined", definition) in closure["rule", name]]


def files_that_use(knowledge: Knowledge, definition: str) -> list[str]:
    """Name the service's own files that ask for a definition by name."""
    key = ("defined", definition)
    return [file for file, table in knowledge.other.items() if key in _named(knowledge, table)]


@functools.lru_cache(maxsize=8)
def _closure(knowledge: Knowledge) -> Mapping[Key, frozenset[Key]]:
    direct = _direct(knowledge)
    closure: dict[Key, frozenset[Key]] = {}
    for key in direct:
        seen: set[Key] = set()
        waiting = list(direct[key])
        while waiting:
            used = waiting.pop()
            if used not in seen:
                seen.add(used)
                waiting += direct.get(used, ())
        closure[key] = frozenset(seen)
    return closure


def _direct(knowledge: Knowledge) -> dict[Key, set[Key]]:
    direct = {
        ("defined", name): set(_used(entry.condition))
        for name, entry in knowledge.definitions.items()
    }
    for name, rule in knowledge.rules.items():
        direct["rule", name] = {
            used
            for version in rule.versions
            for used in (*_used(version.condition), *_named(knowledge, version.then))
        }
    return direct


def _used(condition: Node) -> Iterator[Key]:
    yield from (node.unit for node in walk(condition) if isinstance(node, Use))


def _named(knowledge: Knowledge, then: Any) -> Iterator[Key]:
    """Find the definitions and rules that a conclusion asks for by name."""
    if isinstance(then, str):
        if then in knowledge.definitions:
            yield "defined", then
        elif then in knowledge.rules:
            yield "rule", then
    elif isinstance(then, Mapping | list):
        for part in then.values() if isinstance(then, Mapping) else then:
            yield from _named(knowledge, part)
