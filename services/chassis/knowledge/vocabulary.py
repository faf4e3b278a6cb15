"""The facts that rules may speak of: names, types, units, values and plausible ranges."""

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from chassis.knowledge.errors import KnowledgeError

NUMERIC = frozenset({"integer", "number", "days_ago"})
TYPES = NUMERIC | {"boolean", "code", "codes", "text", "date"}
_FACT_KEYS = {
    "name", "label", "type", "unit", "minimum", "maximum", "range_source", "values", "evidence",
    "needed_by", "stays", "step", "question", "note",
}  # fmt: skip
_LIST_KEYS = {
    "name",
    "label",
    "recorded",
    "count",
    "field",
    "evidence",
    "needed_by",
    "note",
    "grows",
    "stays",
    "question",
}
_FILE_KEYS = {"section", "title", "fact", "list", "note", "order"}


@dataclasses.dataclass(frozen=True)
class Value:
    """One coded value and what people call it."""

    code: str
    label: str


@dataclasses.dataclass(frozen=True)
class Fact:
    """One fact: what it is called, measured in and allowed to be.

    ``name`` is how the engine spells it; ``written`` is how a document spells it (they differ for
    dates, which the engine knows only as days ago, and for members of a set). ``home`` is the
    section or list that holds it.
    """

    name: str
    label: str
    type: str
    home: str
    written: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    range_source: str | None = None
    values: tuple[Value, ...] = ()
    step: float = 1
    stays: str | None = None
    member_of: str | None = None
    table: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    @property
    def numeric(self) -> bool:
        """Whether the fact can be compared to a threshold."""
        return self.type in NUMERIC

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that the fact, or the set, may hold."""
        return tuple(value.code for value in self.values)


@dataclasses.dataclass(frozen=True)
class ListFact:
    """A list of elements with the same fields; ``fields`` is keyed by the engine's names."""

    name: str
    label: str
    section: str
    recorded: bool
    count: str | None
    fields: Mapping[str, Fact]
    written: Mapping[str, Fact]
    table: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)


@dataclasses.dataclass(frozen=True)
class Section:
    """One file of the vocabulary as it was written."""

    name: str
    title: str
    facts: tuple[Fact, ...]
    lists: tuple[ListFact, ...]


class Vocabulary:
    """All facts of one service.

    Attributes:
        sections: what was written, in file order, for schemas and people.
        facts: engine name -> fact; a set is there with its members (``colours.red``).
        lists: list name -> list.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Build from the parsed files, by file name; raises KnowledgeError with all problems."""
        self.tables = {name: dict(table) for name, table in tables.items()}
        reader = _Reader()
        self.sections = tuple(reader.section(name, table) for name, table in self.tables.items())
        self.facts: dict[str, Fact] = reader.facts
        self.lists: dict[str, ListFact] = reader.lists
        reader.check_counts()
        if reader.problems:
            raise KnowledgeError(reader.problems)
        self._section_names = frozenset(section.name for section in self.sections)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read every ``*.toml`` of a folder.

        Raises:
            KnowledgeError: with every problem of every file.
        """
        tables: dict[str, Any] = {}
        problems = []
        for path in sorted(folder.glob("*.toml")):
            try:
                tables[path.name] = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                problems.append(f"{path.name}: is not TOML: {error}.")
        if problems:
            raise KnowledgeError(problems)
        return cls(tables)

    def names(self) -> Sequence[str]:
        """Every name a condition may use: facts, set members and ``list[].field``."""
        fields = [
            f"{name}[].{field}" for name, entry in self.lists.items() for field in entry.fields
        ]
        return [*self.facts, *self.lists, *fields]

    def fact(self, name: str) -> Fact:
        """Find a fact by engine name; ``parcels[].weight_kg`` and ``parcels[2].weight_kg`` are fields.

        Raises:
            KeyError: there is no such fact.
        """
        if "]." in name:
            owner, _, field = name.partition("[")
            return self.lists[owner].fields[field.partition("].")[2]]
        return self.facts[name]

    def list(self, name: str) -> ListFact:
        """Find a list by name; raises KeyError."""
        return self.lists[name]

    @property
    def digest(self) -> str:
        """SHA-256 of the content, independent of layout and comments."""
        return hashlib.sha256(canonical(self.tables)).hexdigest()

    def subset(self, names: Collection[str]) -> "Vocabulary":
        """Keep the named facts, sets, lists and list fields, and the counts of kept lists."""
        wanted = set(names)
        wanted |= {
            entry.count
            for name, entry in self.lists.items()
            if name in _owners(wanted) and entry.count
        }
        tables = {name: _cut(table, wanted) for name, table in self.tables.items()}
        return Vocabulary(
            {
                name: table
                for name, table in tables.items()
                if table.get("fact") or table.get("list")
            }
        )

    def flatten(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Turn ``{section: {name: value}, list: [...]}`` into flat facts; other names are ignored."""
        flat: dict[str, Any] = {}
        for key, value in body.items():
            if key in self.lists:
                if value is not None:
                    fields = self.lists[key].fields
                    flat[key] = [_flat(element, fields) for element in value]
            elif key in self._section_names and value:
                flat.update(_flat(value, self.facts))
        return flat


def canonical(content: Any) -> bytes:
    """Write JSON content so that equal content gives equal bytes."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _flat(values: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            for member, answer in value.items():
                dotted = f"{name}.{member}"
                if answer is not None and dotted in known:
                    flat[dotted] = answer
        elif value is not None and name in known:
            flat[name] = value
    return flat


def _owners(names: Iterable[str]) -> set[str]:
    return {name.partition("[")[0] for name in names}


def _cut(table: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Leave out of one file's table what is not wanted."""
    kept = {key: value for key, value in table.items() if key not in {"fact", "list"}}
    kept["fact"] = [fact for fact in table.get("fact", []) if wanted & set(_spellings(fact, ""))]
    kept["list"] = []
    for entry in table.get("list", []):
        prefix = f"{entry['name']}[]."
        fields = [
            f
            for f in entry.get("field", [])
            if f["name"] == "id" or wanted & set(_spellings(f, prefix))
        ]
        if entry["name"] in _owners(wanted):
            kept["list"].append({**entry, "field": fields})
    return kept


def _spellings(fact: Mapping[str, Any], prefix: str) -> Iterator[str]:
    yield prefix + engine_name(fact["name"], fact["type"])
    if fact["type"] == "codes":
        yield from (f"{prefix}{fact['name']}.{value['code']}" for value in fact["values"])


def engine_name(name: str, kind: str) -> str:
    """Spell a fact as the engine does: a date ``sent_on`` is known as ``sent_days_ago``."""
    return f"{name.removesuffix('_on')}_days_ago" if kind == "date" else name


class _Reader:
    """Turns tables into facts and collects what is wrong with them."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.lists: dict[str, ListFact] = {}
        self.problems: list[str] = []

    def section(self, file: str, table: Mapping[str, Any]) -> Section:
        name = table.get("section", file.removesuffix(".toml"))
        self._unknown_keys(file, table, _FILE_KEYS)
        facts = [fact for raw in table.get("fact", []) if (fact := self._fact(file, raw, name))]
        for fact in facts:
            self._keep(file, fact, self.facts)
        lists = [entry for raw in table.get("list", []) if (entry := self._list(file, raw, name))]
        return Section(name, table.get("title", name), tuple(facts), tuple(lists))

    def check_counts(self) -> None:
        for entry in self.lists.values():
            counter = self.facts.get(entry.count) if entry.count else None
            if entry.count and (counter is None or counter.type != "integer"):
                self.problems.append(
                    f"list {entry.name}: its count {entry.count} is not an integer fact."
                )

    def _list(self, file: str, raw: Mapping[str, Any], section: str) -> ListFact | None:
        name = raw.get("name")
        if not isinstance(name, str) or not raw.get("label"):
            self.problems.append(f"{file}: a list needs a name and a label.")
            return None
        self._unknown_keys(f"{file}: list {name}", raw, _LIST_KEYS)
        fields: dict[str, Fact] = {}
        written = [
            fact for field in raw.get("field", []) if (fact := self._fact(file, field, name))
        ]
        for fact in written:
            self._keep(f"{file}: list {name}", fact, fields)
        if name in self.lists or name in self.facts:
            self.problems.append(f"{file}: the name {name} is used twice.")
        by_written = {fact.written: fact for fact in written}
        entry = ListFact(
            name,
            raw["label"],
            section,
            bool(raw.get("recorded", False)),
            raw.get("count"),
            fields,
            by_written,
            raw,
        )
        self.lists[name] = entry
        return entry

    def _fact(self, file: str, raw: Mapping[str, Any], home: str) -> Fact | None:
        name, kind = raw.get("name"), raw.get("type")
        missing = [key for key in ("name", "label", "type") if not isinstance(raw.get(key), str)]
        if not isinstance(name, str) or not isinstance(kind, str) or missing:
            self.problems.append(f"{file}: fact {name or '?'} has no {' and no '.join(missing)}.")
            return None
        faults = list(_faults(raw, kind))
        self.problems += [f"{file}: fact {name}: {fault}" for fault in faults]
        self._unknown_keys(f"{file}: fact {name}", raw, _FACT_KEYS)
        if faults:
            return None
        return Fact(
            name=engine_name(name, kind),
            written=name,
            label=raw["label"],
            type="days_ago" if kind == "date" else kind,
            home=home,
            unit="days" if kind == "date" else raw.get("unit"),
            minimum=raw.get("minimum", 0 if kind == "days_ago" else None),
            maximum=raw.get("maximum"),
            range_source=raw.get("range_source"),
            values=tuple(Value(value["code"], value["label"]) for value in raw.get("values", [])),
            step=raw.get("step", 0.1 if kind == "number" else 1),
            stays=raw.get("stays"),
            table=raw,
        )

    def _keep(self, file: str, fact: Fact, known: dict[str, Fact]) -> None:
        """Enter the fact and, for a set, each member as a yes-or-no fact of its own."""
        members = [_member(fact, value) for value in fact.values] if fact.type == "codes" else []
        for entry in (fact, *members):
            if entry.name in known:
                self.problems.append(f"{file}: the name {entry.name} is used twice.")
            known[entry.name] = entry

    def _unknown_keys(self, place: str, table: Mapping[str, Any], allowed: Collection[str]) -> None:
        self.problems += [
            f"{place}: there is no setting called {key}."
            for key in sorted(set(table) - set(allowed))
        ]


def _member(fact: Fact, value: Value) -> Fact:
    return dataclasses.replace(
        fact,
        name=f"{fact.name}.{value.code}",
        label=f"{fact.label}: {value.label}",
        type="boolean",
        values=(),
        member_of=fact.name,
    )


def _faults(raw: Mapping[str, Any], kind: str) -> Iterator[str]:
    if kind not in TYPES:
        yield f"the type {kind} does not exist; it is one of {', '.join(sorted(TYPES))}."
        return
    values = raw.get("values", [])
    if kind in {"code", "codes"} and not values:
        yield "coded values are missing."
    if any(set(value) - {"note"} != {"code", "label"} for value in values):
        yield "each value needs a code and a label."
    elif len({value["code"] for value in values}) < len(values):
        yield "a code is listed twice."
    low, high = raw.get("minimum"), raw.get("maximum")
    if low is not None and high is not None and low > high:
        yield "the plausible range is empty."
