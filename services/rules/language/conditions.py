"""Reads a condition as it was written and says everything that is wrong with it."""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from rules.language.facts import SETS, Fact
from rules.language.nodes import (
    COMPARISONS,
    COUNTS,
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
    levels,
    lifted,
)
from rules.language.vocabulary import Vocabulary

_NOWHERE = Leaf(Ref("?"), "known", expected=True)  # stands in for what could not be read
_OPERANDS = ("fact", "item", "outer_item", "fall_percent", "fall_points")
_OPERATORS = (
    "all",
    "any",
    "not",
    "count",
    "compare",
    "any_of",
    "all_of",
    "none_of",
    "count_of",
    "rule",
    "defined",
)
_NAMING = set(_OPERANDS[:3] + _OPERATORS[5:])  # what is followed by the name of something
_FALL = Fact("fall", "fall", "number", "", "fall")
_ORDERED = {"at_least", "above", "at_most", "below"}
_SEVERAL = {"in", "not_in", "between"}
_RELATIONS = ("above", "at_least", "below", "at_most", "equals")


@dataclasses.dataclass(frozen=True)
class Names:
    """What a condition may speak of; rules and definitions map to the list they are judged over."""

    vocabulary: Vocabulary
    rules: Mapping[str, str | None]
    definitions: Mapping[str, str | None]
    external: frozenset[str] = frozenset()


class Reader:
    """Reads one condition; ``problems`` collects a sentence for each fault."""

    def __init__(self, names: Names, over: str | None = None) -> None:
        """Start outside any list, or inside the list that the rule is judged over."""
        self.names = names
        self.problems: list[str] = []
        self._outermost = (over,) if over else ()

    def read(self, table: Any, place: str = "when") -> Node:
        """Read a whole condition."""
        return self._node(table, place, self._outermost)

    def _node(self, table: Any, place: str, scope: tuple[str, ...]) -> Node:
        if not isinstance(table, Mapping):
            return self._fault(place, "a condition is a table")
        keys = [key for key in (*_OPERANDS, *_OPERATORS) if key in table]
        if len(keys) != 1:
            described = " and ".join(keys) or ", ".join(map(str, table)) or "nothing"
            return self._fault(place, f"a condition has exactly one operator, found {described}")
        key = keys[0]
        if key in _NAMING and not isinstance(table[key], str):
            return self._fault(place, f"{key} expects a name")
        if key in _OPERANDS:
            return self._leaf(table, place, scope, key)
        read = getattr(self, f"_{key.removesuffix('_of')}_of" if key.endswith("_of") else f"_{key}")
        return cast("Node", read(table, place, scope))

    def _fault(self, place: str, sentence: str) -> Node:
        self.problems.append(f"{place}: {sentence}.")
        return _NOWHERE

    def _only(self, table: Mapping[str, Any], place: str, allowed: Iterable[str]) -> None:
        for key in sorted(set(table) - set(allowed)):
            self._fault(place, f"{key} does not belong here")

    # Connectives

    def _all(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"all"})
        return Join("all", self._conditions(table["all"], f"{place}.all", scope))

    def _any(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"any"})
        return Join("any", self._conditions(table["any"], f"{place}.any", scope))

    def _not(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"not"})
        return Not(self._node(table["not"], f"{place}.not", scope))

    def _count(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"count", *COUNTS})
        inner = self._conditions(table["count"], f"{place}.count", scope)
        comparison, number = self._number(table, place)
        if number > len(inner):
            self._fault(place, f"{number} of {len(inner)} conditions can never be counted")
        return Count(inner, comparison, number)

    def _conditions(self, tables: Any, place: str, scope: tuple[str, ...]) -> tuple[Node, ...]:
        if not isinstance(tables, list) or not tables:
            self._fault(place, "expects a list of conditions")
            return (_NOWHERE,)
        return tuple(
            self._node(table, f"{place}[{index}]", scope) for index, table in enumerate(tables)
        )

    def _number(self, table: Mapping[str, Any], place: str) -> tuple[str, int]:
        given = [key for key in COUNTS if key in table]
        number = table[given[0]] if given else None
        if len(given) != 1 or not isinstance(number, int) or isinstance(number, bool) or number < 0:
            self._fault(place, f"a count needs one whole number: {', '.join(COUNTS)}")
            return "at_least", 0
        return given[0], number

    # Quantifiers

    def _quantifier(
        self, table: Mapping[str, Any], place: str, scope: tuple[str, ...], kind: Any
    ) -> Node:
        counting = COUNTS if kind == "count_of" else ()
        self._only(table, place, {kind, "where", "matching", *counting})
        name, matching = table[kind], table.get("matching")
        if name not in self.names.vocabulary.lists:
            return self._fault(place, self._stranger("list", name, self.names.vocabulary.lists))
        if "where" not in table:
            return self._fault(place, f"{kind} needs a where")
        self._check_matching(matching, name, place, scope)
        comparison, number = self._number(table, place) if counting else ("at_least", 1)
        where = self._node(table["where"], f"{place}.where", (*scope, name))
        node = Quantifier(kind, name, where, len(scope) + 1, matching, comparison, number)
        return node if levels(node) else cast("Node", lifted(node, len(scope)))

    def _any_of(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        return self._quantifier(table, place, scope, "any_of")

    def _all_of(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        return self._quantifier(table, place, scope, "all_of")

    def _none_of(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        return self._quantifier(table, place, scope, "none_of")

    def _count_of(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        return self._quantifier(table, place, scope, "count_of")

    def _check_matching(self, matching: Any, name: str, place: str, scope: tuple[str, ...]) -> None:
        if matching is None:
            return
        if not scope:
            self._fault(place, "matching needs an outer element to match")
        elif "id" not in self.names.vocabulary.list(scope[-1]).fields:
            self._fault(place, f"matching needs elements of {scope[-1]} to have an id")
        self._field(str(matching), name, place)

    # Verdicts

    def _rule(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"rule"})
        name = table["rule"]
        if name in self.names.external:
            return Use("external", name)
        if name not in self.names.rules:
            return self._fault(
                place, self._stranger("rule", name, [*self.names.rules, *self.names.external])
            )
        return Use("rule", name, _level_of(self.names.rules[name], scope))

    def _defined(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"defined"})
        name = table["defined"]
        if name not in self.names.definitions:
            return self._fault(place, self._stranger("definition", name, self.names.definitions))
        return Use("defined", name, _level_of(self.names.definitions[name], scope))

    # Leaves

    def _compare(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...]) -> Node:
        self._only(table, place, {"compare", "is"})
        if table.get("is") not in _RELATIONS:
            return self._fault(place, f"compare needs is = one of {', '.join(_RELATIONS)}")
        pair = self._pair(table["compare"], place, scope)
        return Compare(*pair, table["is"]) if pair else _NOWHERE

    def _leaf(self, table: Mapping[str, Any], place: str, scope: tuple[str, ...], key: str) -> Node:
        given = [name for name in COMPARISONS if name in table]
        self._only(table, place, {key, *COMPARISONS})
        if len(given) != 1:
            return self._fault(place, f"a comparison is one of {', '.join(COMPARISONS)}")
        comparison, expected = given[0], table[given[0]]
        operand: Ref | Fall | None
        fact: Fact | None = _FALL
        if key in {"fall_percent", "fall_points"}:
            pair = self._pair(table[key], place, scope)
            operand = Fall(cast("Any", key), *pair) if pair else None
        else:
            operand, fact = self._operand(table[key], place, scope, key)
        if operand is None:
            return _NOWHERE
        self._check_expected(fact, comparison, expected, place)
        value = tuple(expected) if isinstance(expected, list) else expected
        return Leaf(operand, comparison, value)

    def _operand(
        self, name: Any, place: str, scope: tuple[str, ...], key: str
    ) -> tuple[Ref | None, Fact | None]:
        """Find the value that is named; a list can only be asked whether it is known."""
        vocabulary = self.names.vocabulary
        if key == "fact":
            if name in vocabulary.facts:
                return Ref(name), vocabulary.facts[name]
            if name in vocabulary.lists:
                return Ref(name), None
            self._fault(place, self._stranger("fact", name, vocabulary.facts))
            return None, None
        level = len(scope) - (key == "outer_item")
        if level < 1:
            self._fault(place, f"{key} stands outside any list")
            return None, None
        fact = self._field(name, scope[level - 1], place)
        return (Ref(name, level, scope[level - 1]), fact) if fact else (None, None)

    def _field(self, name: Any, owner: str, place: str) -> Fact | None:
        fields = self.names.vocabulary.list(owner).fields
        if name not in fields:
            self._fault(place, self._stranger(f"field of {owner}", name, fields))
        return fields.get(name)

    def _pair(self, names: Any, place: str, scope: tuple[str, ...]) -> tuple[Ref, Ref] | None:
        """Find two numbers: fields of the innermost element, or else facts."""
        given = names if isinstance(names, list) else []
        if [type(name) for name in given] != [str, str]:
            self._fault(place, "expects two names")
            return None
        pair = []
        for name in names:
            inside = bool(scope) and name in self.names.vocabulary.list(scope[-1]).fields
            ref, fact = self._operand(name, place, scope, "item" if inside else "fact")
            if ref and not (fact and fact.numeric):
                self._fault(place, f"{name} is not a number")
            elif ref:
                pair.append(ref)
        return (pair[0], pair[1]) if len(pair) == len(names) else None

    def _check_expected(
        self, fact: Fact | None, comparison: str, expected: Any, place: str
    ) -> None:
        fault = _misfit(fact, comparison, expected)
        if fault:
            self._fault(place, fault)

    @staticmethod
    def _stranger(kind: str, name: Any, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(str(name), list(known), n=1)
        return f"there is no {kind} called {name}" + (f"; is {near[0]} meant?" if near else "")


def _level_of(over: str | None, scope: tuple[str, ...]) -> int:
    """Find the innermost enclosing element of that list; 0 when there is none."""
    return max((depth for depth, name in enumerate(scope, 1) if name == over), default=0)


def _misfit(fact: Fact | None, comparison: str, expected: Any) -> str | None:
    """Say why a fact cannot be held against that value, if it cannot."""
    if fact is not None and fact.type in SETS:
        return f"{fact.name} is a set; ask for a member, such as {fact.name}.{fact.codes[0]}"
    if comparison == "known":
        return None if isinstance(expected, bool) else "known is true or false"
    if fact is None:
        return "a list can only be asked whether it is known"
    if comparison in _SEVERAL:
        return _misfit_list(fact, comparison, expected)
    return _misfit_value(fact, comparison, expected)


def _misfit_list(fact: Fact, comparison: str, expected: Any) -> str | None:
    if not isinstance(expected, list) or not expected:
        return f"{comparison} expects a list of values"
    if comparison == "between" and len(expected) != len(("low", "high")):
        return "between expects two numbers"
    wrong = [fault for value in expected if (fault := _misfit_value(fact, comparison, value))]
    return wrong[0] if wrong else None


def _misfit_value(fact: Fact, comparison: str, value: Any) -> str | None:
    if fact.numeric:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if number else f"{fact.name} is a number, not {value!r}"
    if comparison in _ORDERED or comparison == "between":
        return f"{fact.name} has no order; {comparison} cannot be asked"
    if fact.type == "boolean":
        return None if isinstance(value, bool) else f"{fact.name} is true or false, not {value!r}"
    if fact.type == "code":
        if value in fact.codes:
            return None
        return f"{fact.name} is never {value}; it is one of {', '.join(fact.codes)}"
    return f"{fact.name} is {fact.type}; it can only be asked whether it is known"
