"""Turns vocabulary files into facts and says everything that is wrong with them."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rules.language.facts import SETS, TYPES, Fact, ListFact, Section, Value, engine_name

_FACT_KEYS = {
    "help", "per_contact",
    "name", "label", "type", "unit", "minimum", "maximum", "range_source", "values", "evidence",
    "needed_by", "stays", "step", "question", "note",
}  # fmt: skip
_LIST_KEYS = {
    "help",
    "maximum_items",
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
_FILE_KEYS = {"section", "title", "about", "fact", "list", "note", "order", "derived"}


class VocabularyReader:
    """Turns tables into facts and collects what is wrong with them."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.lists: dict[str, ListFact] = {}
        self.problems: list[str] = []
        self._derived = False

    def section(self, file: str, table: Mapping[str, Any]) -> Section:
        """Read one file."""
        name = table.get("section", file.removesuffix(".toml"))
        self._unknown_keys(file, table, _FILE_KEYS)
        self._derived = bool(table.get("derived", False))
        facts = [fact for raw in table.get("fact", []) if (fact := self._fact(file, raw, name))]
        for fact in facts:
            self._keep(file, fact, self.facts)
        lists = [entry for raw in table.get("list", []) if (entry := self._list(file, raw, name))]
        return Section(name, table.get("title", name), tuple(facts), tuple(lists))

    def check_counts(self) -> None:
        """Check, when all files are read, that each list's count is a fact."""
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
            self._derived,
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
            minimum=raw.get("minimum", 0 if kind in {"days_ago", "ages"} else None),
            maximum=raw.get("maximum"),
            range_source=raw.get("range_source"),
            values=tuple(Value(value["code"], value["label"]) for value in raw.get("values", [])),
            step=raw.get("step", 0.1 if kind == "number" else 1),
            stays=raw.get("stays"),
            derived=self._derived,
            table=raw,
        )

    def _keep(self, file: str, fact: Fact, known: dict[str, Fact]) -> None:
        """Enter the fact and, for a set, each member as a fact of its own."""
        members = [_member(fact, value) for value in fact.values] if fact.type in SETS else []
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
        type="boolean" if fact.type == "codes" else "days_ago",
        unit=fact.unit if fact.type == "codes" else "days",
        values=(),
        member_of=fact.name,
    )


def _faults(raw: Mapping[str, Any], kind: str) -> Iterator[str]:
    if kind not in TYPES:
        yield f"the type {kind} does not exist; it is one of {', '.join(sorted(TYPES))}."
        return
    values = raw.get("values", [])
    if kind in {"code", *SETS} and not values:
        yield "coded values are missing."
    if any(set(value) - {"note"} != {"code", "label"} for value in values):
        yield "each value needs a code and a label."
    elif len({value["code"] for value in values}) < len(values):
        yield "a code is listed twice."
    low, high = raw.get("minimum"), raw.get("maximum")
    if low is not None and high is not None and low > high:
        yield "the plausible range is empty."
