"""Blocks of lines on one screen of 40 lines and 80 columns: wrapped, and cut only as a last resort.

Every block is wrapped whole first. If the screen is too long then, empty lines go one by one, from
the last to the first. Texts of briefs are bounded so that this is enough; if a brief is longer all
the same, blocks lose lines in a fixed order, from what matters least to what matters most, and what
was cut ends with an ellipsis.
"""

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

WIDTH: Final = 80
HEIGHT: Final = 40
INDENT: Final = 10
MORE: Final = "…"


@dataclass(frozen=True)
class Block:
    """Lines that belong together.

    Attributes:
        lines: As they are shown.
        weight: How much it matters; the block with the least weight is cut first.
        least: Lines that are kept as long as any other block can be cut to its own.
        gap: Whether an empty line stands before it, where there is room.
    """

    lines: tuple[str, ...]
    weight: int
    least: int = 1
    gap: bool = False


def labelled(label: str, text: str, weight: int, least: int = 1, *, gap: bool = False) -> Block:
    """Returns a label with its text beside it."""
    first = label.ljust(INDENT) if len(label) < INDENT else f"{label} "
    return Block(wrapped(text, first, " " * INDENT), weight, least, gap)


def wrapped(text: str, first: str, others: str) -> tuple[str, ...]:
    """Returns text in lines of the screen's width.

    Args:
        text: What is wrapped; any white space in it counts as one space.
        first: What the first line begins with.
        others: What the other lines begin with.
    """
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )
    return tuple(lines) or (first.rstrip(),)


def columns(first: str, left: str, width: int, right: str) -> tuple[str, ...]:
    """Returns two texts side by side, each wrapped in its own column.

    Args:
        first: What the first line begins with.
        left: The text of the left column.
        width: Of the left column, the space behind it included.
        right: The text of the right column.
    """
    beside = len(first) + width
    lefts = textwrap.wrap(left, width - 2, break_on_hyphens=False)
    rights = textwrap.wrap(right, WIDTH - beside, break_on_hyphens=False)
    rows = itertools.zip_longest(lefts, rights, fillvalue="")
    starts = itertools.chain([first], itertools.repeat(" " * len(first)))
    return tuple(f"{start}{a:<{width}}{b}" for start, (a, b) in zip(starts, rows, strict=False))


def both_ends(left: str, right: str) -> tuple[str, ...]:
    """Returns one line with text at its left and at its right end; more lines if they are long."""
    space = WIDTH - len(left) - len(right)
    return (f"{left}{' ' * space}{right}",) if space > 0 else wrapped(f"{left} {right}", "", "")


def within_screen(blocks: Sequence[Block]) -> list[str]:
    """Returns the lines of blocks, at most as many as a screen has."""
    shortened = list(blocks)
    for index in reversed(range(len(shortened))):
        if _count(shortened) > HEIGHT:
            shortened[index] = replace(shortened[index], gap=False)
    lightest_first = sorted(range(len(shortened)), key=lambda index: shortened[index].weight)
    for least in ([block.least for block in shortened], [0] * len(shortened)):
        for index in lightest_first:
            excess = _count(shortened) - HEIGHT
            if excess > 0:
                keep = max(least[index], len(shortened[index].lines) - excess)
                shortened[index] = _cut(shortened[index], keep)
    return list(_lines(shortened))


def _count(blocks: Iterable[Block]) -> int:
    return sum(1 for _ in _lines(blocks))


def _lines(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if block.gap and block.lines:
            yield ""
        yield from block.lines


def _cut(block: Block, keep: int) -> Block:
    """Keeps the first lines of a block; the last of them says that there was more."""
    if keep >= len(block.lines):
        return block
    kept = list(block.lines[:keep])
    if kept:
        kept[-1] = f"{kept[-1][: WIDTH - 2].rstrip()} {MORE}"
    return replace(block, lines=tuple(kept))
