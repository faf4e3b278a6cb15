"""Orders rules, definitions and quantifiers so that each is judged after what it needs."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from rules.language.nodes import Node, Quantifier, Use, children, levels, walk

Key = tuple[str, str] | Quantifier


@dataclasses.dataclass(frozen=True)
class Unit:
    """What is judged by itself: a rule, a definition, or a quantifier over a whole list.

    Attributes:
        key: its name.
        over: the list that it is judged over, or None for the whole subject.
        condition: what it tests.
        own: what of its own element must be judged before it, in the same pass or earlier.
        finished: what must be judged in an earlier step.
    """

    key: Key
    over: str | None
    condition: Node
    own: frozenset[Key]
    finished: frozenset[Key]


@dataclasses.dataclass(frozen=True)
class Step:
    """Units judged together: for the whole subject (``over`` None) or in one pass over a list."""

    over: str | None
    units: tuple[Unit, ...]


def steps(units: Mapping[tuple[str, str], tuple[str | None, Node]]) -> list[Step]:
    """Order the units; verdicts of units that are not given are never waited for."""
    waiting = {unit.key: unit for unit in _with_quantifiers(units)}
    ordered = []
    while waiting:
        step = _next(list(waiting.values()), set(waiting))
        ordered.append(step)
        for unit in step.units:
            del waiting[unit.key]
    return ordered


def whole(node: Node) -> bool:
    """Whether a condition is a quantifier that needs nothing of an outer element."""
    return isinstance(node, Quantifier) and not levels(node)


def _with_quantifiers(units: Mapping[tuple[str, str], tuple[str | None, Node]]) -> Iterator[Unit]:
    seen = set()
    for key, (over, condition) in units.items():
        yield _unit(key, over, condition)
        for node in walk(condition):
            if isinstance(node, Quantifier) and whole(node) and node not in seen:
                seen.add(node)
                yield _unit(node, node.list, node.where)


def _next(waiting: Sequence[Unit], open_keys: set[Key]) -> Step:
    """Take all that is ready for the whole subject, or else the fullest pass over one list."""
    subject = [unit for unit in waiting if unit.over is None and not unit.finished & open_keys]
    if subject:
        return Step(None, tuple(subject))
    lists = dict.fromkeys(unit.over for unit in waiting if unit.over)
    passes = [Step(over, tuple(_pass(over, waiting, open_keys))) for over in lists if over]
    return max(passes, key=lambda step: len(step.units))


def _pass(over: str, waiting: Sequence[Unit], open_keys: set[Key]) -> list[Unit]:
    """Collect what one pass can judge; an element's verdicts may build on each other."""
    chosen: dict[Key, Unit] = {}
    size = -1
    while size < len(chosen):
        size = len(chosen)
        for unit in waiting:
            ready = unit.over == over and not unit.finished & open_keys
            joins = not (unit.own - chosen.keys()) & open_keys
            if ready and joins and unit.key not in chosen:
                chosen[unit.key] = unit
    return list(chosen.values())


def _unit(key: Key, over: str | None, condition: Node) -> Unit:
    own: set[Key] = set()
    finished: set[Key] = set()
    for node in _inside(condition):
        if isinstance(node, Quantifier):
            finished.add(node)
        else:
            (own if node.level == 1 else finished).add(node.unit)
    return Unit(key, over, condition, frozenset(own), frozenset(finished))


def _inside(node: Node) -> Iterator[Use | Quantifier]:
    """Visit the uses and whole quantifiers of a condition, not what is inside such a quantifier."""
    if isinstance(node, Use) or (isinstance(node, Quantifier) and whole(node)):
        yield node
        return
    for part in children(node):
        yield from _inside(part)
