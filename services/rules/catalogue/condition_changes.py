"""What changed in a condition: a threshold that moved, a part that came or went."""

from collections.abc import Iterator

from rules.language.model import Knowledge
from rules.language.nodes import Count, Fall, Join, Leaf, Node, Not, Quantifier, children
from rules.language.words import in_words, names_of


class Wording:
    """Says conditions in the words of the set that they stand in."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._vocabulary = knowledge.vocabulary
        self._named = names_of(knowledge)

    def __call__(self, node: Node) -> str:
        """Say a condition on one line."""
        lines = in_words(node, self._vocabulary, self._named).splitlines()
        kept = [line.strip().removeprefix("- ") for line in lines if line.strip()]
        return "; ".join(kept[:-1] or kept)  # the last line says what is not recorded

    def name(self, leaf: Leaf) -> str:
        """Name what a leaf reads, as the rules spell it and as people call it."""
        if isinstance(leaf.operand, Fall):
            return f"the fall from {leaf.operand.before.name} to {leaf.operand.after.name}"
        known = leaf.operand.full_name
        lists = self._vocabulary.lists
        label = lists[known].label if known in lists else self._vocabulary.fact(known).label
        return f"{known} ({label})"


def condition_changes(before: Node, after: Node, old: Wording, new: Wording) -> Iterator[str]:
    """Describe each change, in the order in which the condition is written.

    Args:
        before: the condition as it was.
        after: as it is.
        old: says conditions of the older set.
        new: says those of the newer one.
    """
    if before == after:
        return
    if isinstance(before, Leaf) and isinstance(after, Leaf) and before.operand == after.operand:
        yield _leaf(before, after, old, new)
    elif _same_structure(before, after):
        yield from _inside(children(before), children(after), old, new)
    else:
        yield f"condition “{old(before)}” replaced by “{new(after)}”"


def _same_structure(before: Node, after: Node) -> bool:
    """Whether two conditions are put together alike, whatever stands inside."""
    if type(before) is not type(after):
        return False
    names = {
        Join: ("kind",),
        Count: ("comparison", "number"),
        Quantifier: ("kind", "list", "matching", "comparison", "number"),
        Not: (),
    }.get(type(before))
    if names is None:
        return False
    return all(getattr(before, name) == getattr(after, name) for name in names)


def _inside(
    before: tuple[Node, ...], after: tuple[Node, ...], old: Wording, new: Wording
) -> Iterator[str]:
    only_before = [part for part in before if part not in after]
    only_after = [part for part in after if part not in before]
    if len(only_before) == len(only_after):
        for removed, added in zip(only_before, only_after, strict=True):
            yield from condition_changes(removed, added, old, new)
        if not only_before:
            yield "the order of its parts altered"
        return
    yield from (f"condition added: “{new(part)}”" for part in only_after)
    yield from (f"condition removed: “{old(part)}”" for part in only_before)


def _leaf(before: Leaf, after: Leaf, old: Wording, new: Wording) -> str:
    numbers = all(
        isinstance(leaf.expected, int | float) and not isinstance(leaf.expected, bool)
        for leaf in (before, after)
    )
    if numbers and before.comparison == after.comparison:
        return f"threshold of {new.name(after)} moved from {before.expected} to {after.expected}"
    return f"“{old(before)}” became “{new(after)}”"
