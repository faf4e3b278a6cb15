"""The pieces of a generated program: what each sets, needs, and must be judged again for."""

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from rules.engine.kleene import FALSE, TRUE, UNBOUNDED, UNKNOWN
from rules.engine.schedule import Key
from rules.language.nodes import Quantifier

_NAME = re.compile(r"\b[a-z]\d+(?:_p)?\b")
_ROW = re.compile(r"\b(r\d+)\[i\d+\]\[(\d+)\]")
_EMPTY = {"any_of": FALSE, "all_of": TRUE, "none_of": FALSE}
_INDENT = "    "


def cell(rows: str, position: int) -> str:
    """Name one position of a list of rows, for telling what changed."""
    return f"{rows}.{position}"


def needed(text: str) -> set[str]:
    """Name the variables that a piece of source mentions."""
    return set(_NAME.findall(text))


def depends(text: str) -> set[str]:
    """Name what a piece of source depends on: variables, and positions of rows."""
    cells = {cell(rows, int(position)) for rows, position in _ROW.findall(text)}
    return needed(_ROW.sub("", text)) | cells


@dataclasses.dataclass(frozen=True)
class Statement:
    """Some lines, and the variables that they set.

    ``reads`` is the fact, the list or, inside a pass, the field that they look up; ``rereads`` are
    targets whose earlier content they need.
    """

    targets: tuple[str, ...]
    lines: tuple[str, ...]
    reads: str | None = None
    rereads: tuple[str, ...] = ()
    needs: frozenset[str] = dataclasses.field(init=False)
    depends: frozenset[str] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Find out what the lines mention."""
        own, text = set(self.targets), "\n".join(self.lines)
        object.__setattr__(self, "needs", frozenset(needed(text) - own))
        object.__setattr__(self, "depends", frozenset(depends(text) - own))


@dataclasses.dataclass(frozen=True)
class Fold:
    """How the verdicts of the elements become one; ``key`` is a quantifier, a rule or the like."""

    key: Key
    name: str
    gap: str

    @property
    def kind(self) -> str:
        """What kind of quantifier it is."""
        return self.key.kind if isinstance(self.key, Quantifier) else "any_of"

    def before(self) -> dict[str, str]:
        """Start as an empty list would be judged, or unknown when elements are missing."""
        if self.kind == "count_of":
            return {self.name: "0", f"{self.name}_p": f"{UNBOUNDED} if {self.gap} else 0"}
        return {self.name: f"{UNKNOWN} if {self.gap} else {_EMPTY[self.kind]}"}

    def inside(self, verdict: str, matched: str | None = None) -> list[str]:
        """Add one element's verdict."""
        if self.kind == "all_of":
            return [f"{self.name} &= {f'(NOT[{matched}] | {verdict})' if matched else verdict}"]
        verdict = f"({matched} & {verdict})" if matched else verdict
        if self.kind == "count_of":
            return [f"{self.name} += {verdict} >> 1", f"{self.name}_p += {verdict} & 1"]
        return [f"{self.name} |= {verdict}"]

    def after(self) -> list[str]:
        """Finish when all elements are in."""
        if self.kind == "none_of":
            return [f"{self.name} = NOT[{self.name}]"]
        if self.kind == "count_of" and isinstance(self.key, Quantifier):
            bounds = f"{self.name}, {self.name}_p"
            return [f"{self.name} = counted({bounds}, {self.key.comparison!r}, {self.key.number})"]
        return []


@dataclasses.dataclass(frozen=True)
class Pass:
    """One loop over a list, in which several units are judged for each element.

    Attributes:
        list: name of the list.
        elements: variable that holds it.
        rows: variable of the list of rows.
        body: what is computed for each element.
        row: what a row keeps: the units' verdicts first, then others.
        folds: for each unit, in the order of the row.
    """

    list: str
    elements: str
    rows: str
    body: tuple[Statement, ...]
    row: tuple[str, ...]
    folds: tuple[Fold, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """The variables that the pass sets."""
        return self.rows, *(fold.name for fold in self.folds)

    def whole(self) -> Statement:
        """Write the pass from scratch."""
        row = f"{self.rows}.append(({', '.join(self.row)},))"
        lines = self._loop(self.body, range(len(self.folds)), [row])
        return Statement(self.targets, (f"{self.rows} = []", *lines))

    def again(
        self, changed: Collection[str], field: str | None
    ) -> tuple[Statement, set[str]] | None:
        """Write the part of the pass that is to be judged again.

        Args:
            changed: variables, and positions of rows, that hold something else now.
            field: the only field that differs in the list; None if the whole list may differ.

        Returns:
            The statement and what it changes in its turn, or None when nothing is affected.
        """
        if self.elements in changed and field is None:
            everything = {cell(self.rows, at) for at in range(len(self.row))}
            return self.whole(), everything | set(self.targets)
        field = field if self.elements in changed else None
        touched = self._touched(changed, field)
        positions = [at for at, name in enumerate(self.row) if depends(name) & touched]
        if not positions:
            return None
        folds = [at for at in positions if at < len(self.folds)]
        kept = [f"row = [*{self.rows}[i1]]"]
        kept += [f"row[{at}] = {self.row[at]}" for at in positions]
        lines = self._loop(self._for(positions), folds, [*kept, "again.append((*row,))"])
        folded = [self.folds[at].name for at in folds]
        source = ("again = []", *lines, f"{self.rows} = again")
        news = {cell(self.rows, at) for at in positions} | set(folded)
        return Statement((self.rows, *folded), source, rereads=(self.rows,)), news

    def _touched(self, changed: Collection[str], field: str | None) -> set[str]:
        """Name what differs inside the pass, beginning with what differs outside."""
        touched = set(changed)
        for statement in self.body:
            reads = field is not None and statement.reads == field
            if reads or statement.depends & touched:
                touched |= set(statement.targets)
        return touched

    def _for(self, positions: Iterable[int]) -> Sequence[Statement]:
        """Choose what has to be computed for some positions of a row."""
        wanted = set().union(*(needed(self.row[at]) for at in positions))
        chosen = []
        for statement in reversed(self.body):
            if wanted.intersection(statement.targets):
                chosen.append(statement)
                wanted |= statement.needs
        return chosen[::-1]

    def _loop(
        self, body: Iterable[Statement], positions: Iterable[int], row: Iterable[str]
    ) -> Iterator[str]:
        folds = [(self.folds[at], self.row[at]) for at in positions]
        inside = [line for statement in body for line in statement.lines]
        inside += [line for fold, name in folds for line in fold.inside(name)]
        inside += row
        yield from begin(fold for fold, _ in folds)
        yield loop(1, self.elements, inside)
        yield from (_INDENT + line for line in inside)
        yield from (line for fold, _ in folds for line in fold.after())


def begin(folds: Iterable[Fold]) -> Iterator[str]:
    """Set what folds start with, all with the same start in one line."""
    names_by_start: dict[str, list[str]] = {}
    for fold in folds:
        for name, start in fold.before().items():
            names_by_start.setdefault(start, []).append(name)
    yield from (" = ".join([*names, start]) for start, names in names_by_start.items())


def loop(level: int, elements: str, inside: Iterable[str]) -> str:
    """Write the head of a loop; positions are counted only where they are used."""
    if any(f"i{level}" in needed(line) for line in inside):
        return f"for i{level}, x{level} in enumerate({elements}):"
    return f"for x{level} in {elements}:"
