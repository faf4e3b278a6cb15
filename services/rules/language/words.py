"""Says a condition in words, for those who answer for a rule and do not read code."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from rules.language.model import Knowledge
from rules.language.nodes import (
    Compare,
    Count,
    Fall,
    Join,
    Leaf,
    Node,
    Not,
    Quantifier,
    Ref,
    Use,
    walk,
)
from rules.language.vocabulary import Vocabulary

Named = Callable[[Use], str]

UNITS: Final = {
    "degC": "°C",
    "ratio": "",
    "grade": "",
}  # how people write what the vocabulary spells
_AMOUNT: Final = {
    "at_least": "{} or more",
    "above": "more than {}",
    "at_most": "{} or less",
    "below": "less than {}",
}
_RELATION: Final = {
    "above": "is above",
    "at_least": "is at least",
    "below": "is below",
    "at_most": "is at most",
    "equals": "equals",
}
_HOW_MANY: Final = {"at_least": "at least", "at_most": "at most", "exactly": "exactly"}
_ENTRIES: Final = {
    "any_of": "At least one entry",
    "all_of": "Every entry",
    "none_of": "No entry",
}
_MANY: Final = {"all": "All of these hold", "any": "At least one of these holds"}
_MANY_NOT: Final = {"all": "Not all of these hold", "any": "None of these holds"}
_UNKNOWN: Final = {
    "all": "While none of them is known to fail and one is not recorded, the answer is unknown.",
    "any": "While none of them is known to hold and one is not recorded, the answer is unknown.",
    "one": "While this is not recorded, the answer is unknown.",
    "many": "While what is not recorded could still change it, the answer is unknown.",
    "never": "The answer is never unknown.",
}
_NO_GUARD: Final = "not recorded counts as no"
_EMPTY: Final = "none recorded counts as none"


@dataclasses.dataclass(frozen=True)
class _Phrase:
    """One line, and the lines below it."""

    head: str
    below: tuple["_Phrase", ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        bullet = "  " * (depth - 1) + "- " if depth else ""
        yield f"{bullet}{self.head}{':' if self.below else ''}"
        for phrase in self.below:
            yield from phrase.lines(depth + 1)


def in_words(condition: Node, vocabulary: Vocabulary, named: Named | None = None) -> str:
    """Write a condition as an outline that also says what happens to what was not recorded.

    Args:
        condition: as read from a rule or a definition.
        vocabulary: the labels, units and coded values of what it speaks of.
        named: says a used rule or definition; without it they go by their ids.

    Returns:
        One line for each condition, nested ones as bullets indented by two spaces, and a last
        line that says when the answer is unknown.
    """
    phrase = _Writer(vocabulary, named or _by_id).phrase(condition, 0)
    return "\n".join([*phrase.lines(), _UNKNOWN[_openness(condition)]])


def names_of(knowledge: Knowledge) -> Named:
    """Say used rules by id and title, and definitions by what they mean."""

    def named(use: Use) -> str:
        if use.kind == "defined":
            return f"{knowledge.definitions[use.id].because.rstrip('.')} ({use.id})"
        rule = knowledge.rules.get(use.id)
        return f"Rule {use.id}, {rule.title}" if rule else f"Rule {use.id}"

    return named


def _by_id(use: Use) -> str:
    return f"Rule {use.id}" if use.kind != "defined" else f"“{use.id}”"


def _openness(node: Node) -> str:
    if all(isinstance(part, Leaf) and part.comparison == "known" for part in _leaves(node)):
        return "never"
    if isinstance(node, Join):
        return node.kind if len(_unguarded(node)[0]) > 1 else "many"
    return "one" if isinstance(node, Leaf) else "many"


def _leaves(node: Node) -> list[Node]:
    return [part for part in walk(node) if isinstance(part, Leaf | Compare | Use | Quantifier)]


def _unguarded(node: Join) -> tuple[tuple[Node, ...], Collection[Any]]:
    """Leave out the conditions that only ask whether a value beside them is recorded."""
    conditions = _flat(node)
    read = {
        part.operand for part in conditions if isinstance(part, Leaf) and part.comparison != "known"
    }
    guards = {
        part.operand
        for part in conditions
        if isinstance(part, Leaf) and part.comparison == "known" and part.expected
    }
    guards &= read if node.kind == "all" else set()
    kept = (part for part in conditions if not _asks_for(part, guards))
    return tuple(kept), guards


def _flat(node: Join) -> tuple[Node, ...]:
    """Open conditions that join in the same way as the whole."""
    flattened: list[Node] = []
    for part in node.children:
        same = isinstance(part, Join) and part.kind == node.kind and not _unguarded(part)[1]
        flattened += _flat(part) if same and isinstance(part, Join) else [part]
    return tuple(flattened)


def _asks_for(part: Node, guards: Collection[Any]) -> bool:
    return isinstance(part, Leaf) and part.comparison == "known" and part.operand in guards


class _Writer:
    """Turns conditions into phrases; ``depth`` is the number of lists that they stand in."""

    def __init__(self, vocabulary: Vocabulary, named: Named) -> None:
        self._vocabulary = vocabulary
        self._named = named

    def phrase(self, node: Node, depth: int) -> _Phrase:
        if isinstance(node, Leaf | Compare | Use):
            return _Phrase(self._line(node, depth))
        if isinstance(node, Not):
            return self._not(node.negated, depth)
        if isinstance(node, Quantifier):
            return self._entries(node, depth)
        if isinstance(node, Count):
            number = f"{_HOW_MANY[node.comparison]} {node.number}".capitalize()
            return _Phrase(f"{number} of these hold", self._each(node.children, depth))
        return self._join(node, depth, _MANY[node.kind])

    def _line(self, node: Leaf | Compare | Use, depth: int) -> str:
        if isinstance(node, Leaf):
            return self._leaf(node, depth)
        if isinstance(node, Use):
            return self._named(node)
        left, right = (self._label(ref, depth) for ref in (node.left, node.right))
        return f"{left} {_RELATION[node.comparison]}: {right}"

    def _each(self, conditions: Iterable[Node], depth: int) -> tuple[_Phrase, ...]:
        return tuple(self.phrase(part, depth) for part in conditions)

    def _join(self, node: Join, depth: int, head: str) -> _Phrase:
        conditions, guards = _unguarded(node)
        phrases = tuple(
            _Phrase(f"{self._leaf(part, depth)} ({_NO_GUARD})")
            if isinstance(part, Leaf) and part.operand in guards
            else self.phrase(part, depth)
            for part in conditions
        )
        return phrases[0] if len(phrases) == 1 else _Phrase(head, phrases)

    def _not(self, part: Node, depth: int) -> _Phrase:
        if isinstance(part, Leaf):
            return _Phrase(self._leaf(part, depth, "not "))
        if isinstance(part, Join):
            conditions, guards = _unguarded(part)
            only = conditions[0] if len(conditions) == 1 else None
            if isinstance(only, Leaf) and guards:
                return _Phrase(self._leaf(only, depth, "not recorded as "))
            return self._join(part, depth, _MANY_NOT[part.kind])
        inner = self.phrase(part, depth)
        return _Phrase(f"Not so: {inner.head}", inner.below)

    def _entries(self, node: Quantifier, depth: int) -> _Phrase:
        entry = self._vocabulary.list(node.list)
        number = f"{_HOW_MANY.get(node.comparison)} {node.number}".capitalize()
        head = _ENTRIES.get(node.kind) or f"{number} {'entry' if node.number == 1 else 'entries'}"
        of = f"{head} of “{entry.label}”"
        if node.matching:
            of += " that belongs to this one"
        if entry.recorded:
            of += f" ({_EMPTY})"
        inner = self.phrase(node.where, depth + 1)
        if not inner.below:
            return _Phrase(f"{of} with: {inner.head}")
        if isinstance(node.where, Join) and node.where.kind == "all":
            return _Phrase(f"{of} with all of these", inner.below)
        return _Phrase(f"{of} for which this holds", (inner,))

    def _leaf(self, node: Leaf, depth: int, sign: str = "") -> str:
        if node.comparison == "known":
            recorded = node.expected != (sign == "not ")
            label = self._label(node.operand, depth)
            return f"{label}: {'recorded' if recorded else 'not recorded'}"
        return f"{self._label(node.operand, depth)}: {sign}{self._predicate(node)}"

    def _label(self, operand: Ref | Fall, depth: int) -> str:
        if isinstance(operand, Fall):
            before, after = (self._label(ref, depth) for ref in (operand.before, operand.after))
            return f"Fall from “{before}” to “{after}”"
        if operand.name in self._vocabulary.lists and not operand.level:
            return self._vocabulary.list(operand.name).label
        label = self._vocabulary.fact(operand.full_name).label
        outer = operand.list if operand.level and operand.level < depth else None
        return f"{label} (of “{self._vocabulary.list(outer).label}”)" if outer else label

    def _predicate(self, node: Leaf) -> str:
        unit, labels = self._unit_and_labels(node.operand)
        if node.comparison == "between":
            return _with(" to ".join(map(str, node.expected)), unit)
        if node.comparison in _AMOUNT:
            return self._amount(node, unit)
        if node.comparison in {"in", "not_in"}:
            text = _either([_value(value, unit, labels) for value in node.expected])
        else:
            text = _value(node.expected, unit, labels)
        return f"not {text}" if node.comparison.startswith("not_") else text

    def _amount(self, node: Leaf, unit: str) -> str:
        text = _with(node.expected, unit)
        if isinstance(node.operand, Fall):
            rise = node.comparison == "below" and not node.expected
            return "below zero, that is, a rise" if rise else _AMOUNT[node.comparison].format(text)
        fact = self._vocabulary.fact(node.operand.full_name)
        ends = {"at_most": fact.minimum, "at_least": fact.maximum}
        least_or_most = ends.get(node.comparison) == node.expected
        return text if least_or_most else _AMOUNT[node.comparison].format(text)

    def _unit_and_labels(self, operand: Ref | Fall) -> tuple[str, dict[str, str]]:
        if isinstance(operand, Fall):
            return ("%" if operand.kind == "fall_percent" else "points"), {}
        fact = self._vocabulary.fact(operand.full_name)
        unit = UNITS.get(fact.unit or "", fact.unit or "")
        return unit, {value.code: value.label for value in fact.values}


def _value(value: Any, unit: str, labels: dict[str, str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return labels.get(value) or _with(value, unit)


def _with(value: Any, unit: str) -> str:
    return f"{value} {unit}".rstrip()


def _either(values: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(values[:-1]), values[-1]]))
