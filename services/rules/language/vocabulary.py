"""The facts that rules may speak of: names, types, units, values and plausible ranges."""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from rules.language.canonical import canonical, plain
from rules.language.errors import KnowledgeError
from rules.language.facts import SETS, Fact, ListFact, Section, engine_name
from rules.language.unread import with_unread
from rules.language.vocabulary_reader import VocabularyReader


class Vocabulary:
    """All facts of one service.

    Attributes:
        sections: what was written, in file order, for schemas and people; files of one section
            are one.
        derived: names of the facts and lists that are worked out from others.
        facts: engine name -> fact; a set is there with its members (``colours.red``).
        lists: list name -> list.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Build from the parsed files, by file name; raises KnowledgeError with all problems."""
        self.tables = {name: dict(table) for name, table in tables.items()}
        reader = VocabularyReader()
        self.sections = _joined(reader.section(name, table) for name, table in self.tables.items())
        self.facts: dict[str, Fact] = reader.facts
        self.lists: dict[str, ListFact] = reader.lists
        reader.check_counts()
        if reader.problems:
            raise KnowledgeError(reader.problems)
        self.derived_lists = frozenset(name for name, one in self.lists.items() if one.derived)
        self.derived = self.derived_lists | {
            name for name, fact in self.facts.items() if fact.derived
        }
        self._names = _Names(self.facts)
        self._names_of_lists = {name: _Names(one.fields) for name, one in self.lists.items()}
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
                tables[path.name] = plain(tomllib.loads(path.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                problems.append(f"{path.name}: is not TOML: {error}.")
        if problems:
            raise KnowledgeError(problems)
        return cls(tables)

    @classmethod
    def load_with_unread(cls, folder: Path, unread: Path) -> Self:
        """Read a folder, and add the facts that are taken beside those that are read.

        Args:
            folder: One TOML file for each section.
            unread: Further facts, lists and fields of lists in brief; see `unread.with_unread`.

        Raises:
            KnowledgeError: with every problem of every file.
        """
        known = cls.load(folder)
        further = plain(tomllib.loads(unread.read_text(encoding="utf-8")))
        return cls(with_unread(known.tables, further))

    def names(self) -> Sequence[str]:
        """Every name a condition may use: facts, set members and ``list[].field``."""
        fields = [
            f"{name}[].{field}" for name, entry in self.lists.items() for field in entry.fields
        ]
        return [*self.facts, *self.lists, *fields]

    def fact(self, name: str) -> Fact:
        """Find a fact, or a field: ``parcels[].weight_kg`` or ``parcels[2].weight_kg``.

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
        """Make flat facts of ``{section: {name: value}, list: [...]}``; ignore other names."""
        flat: dict[str, Any] = {}
        for key, value in body.items():
            if key in self.lists:
                self._add_list(flat, key, value)
            elif key in self._section_names and value:
                self._names.add(flat, value)
                for name in self.derived_lists.intersection(value):
                    self._add_list(flat, name, value[name])
        return flat

    def _add_list(self, flat: dict[str, Any], name: str, elements: Any) -> None:
        if elements is not None:
            names = self._names_of_lists[name]
            flat[name] = [names.flat(element) for element in elements]


def _joined(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Make one section of those with one name; the first one's title stands."""
    known: dict[str, Section] = {}
    for section in sections:
        first = known.get(section.name)
        if first is not None:
            facts, lists = first.facts + section.facts, first.lists + section.lists
            known[section.name] = Section(first.name, first.title, facts, lists)
        else:
            known[section.name] = section
    return tuple(known.values())


class _Names:
    """The names of facts, those of members of sets by set and member."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._members: dict[str, dict[str, str]] = {}
        for name in self._known:
            owner, dot, member = name.partition(".")
            if dot:
                self._members.setdefault(owner, {})[member] = name

    def flat(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Make a dict of flat facts."""
        flat: dict[str, Any] = {}
        self.add(flat, values)
        return flat

    def add(self, flat: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Add what is known of the values, but for None."""
        known, members = self._known, self._members
        for name, value in values.items():
            if isinstance(value, dict):
                dotted = members.get(name, {})
                for member, answer in value.items():
                    if answer is not None and member in dotted:
                        flat[dotted[member]] = answer
            elif value is not None and name in known:
                flat[name] = value


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
    if fact["type"] in SETS:
        yield from (f"{prefix}{fact['name']}.{value['code']}" for value in fact["values"])
