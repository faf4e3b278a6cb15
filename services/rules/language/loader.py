"""Reads a knowledge folder and reports every fault in it at once."""

import datetime as dt
import itertools
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from rules.language.canonical import plain
from rules.language.codes import RuleStatus, Strength
from rules.language.conditions import Names, Reader
from rules.language.cycles import cycles
from rules.language.errors import KnowledgeError
from rules.language.model import Definition, Knowledge, Rule, RuleVersion
from rules.language.vocabulary import Vocabulary

STRENGTHS = tuple(strength.value for strength in Strength)
STATUSES = tuple(status.value for status in RuleStatus)
CheckThen = Callable[[Mapping[str, Any], RuleVersion], Collection[str]]

_RULE_KEYS = {"id", "title", "status", "over", "version", "note", "label"}
_VERSION_KEYS = {"in_force", "strength", "strength_note", "project_choice", "because", "sources"}
_VERSION_KEYS |= {"when", "then", "note"}
_DEFINITION_KEYS = {"id", "title", "over", "because", "sources", "project_choice", "when", "note"}


def load(
    folder: Path,
    vocabulary: Vocabulary,
    check_then: CheckThen | None = None,
    *,
    external_rules: Collection[str] = (),
    other: Collection[str] = (),
) -> Knowledge:
    """Read and check a knowledge folder.

    Every ``*.toml`` below the folder is a rule, except ``ruleset.toml``, ``bibliography.toml``,
    ``definitions/``, ``facts/`` and what ``other`` names.

    Args:
        folder: where the files are.
        vocabulary: the facts that conditions may use.
        check_then: says what is wrong with a ``[then]`` table, which only the service understands.
        external_rules: ids of rules whose verdicts come from outside.
        other: names of files or subfolders that the service reads itself; they count in the digest.

    Raises:
        KnowledgeError: with one sentence for each fault, "file: place: sentence".
    """
    content: dict[str, Any] = {
        "ruleset": {},
        "bibliography": {},
        "rules": {},
        "definitions": {},
        "other": {},
    }
    problems: list[str] = []
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        try:
            table = plain(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{name}: is not TOML: {error}.")
            continue
        _file_away(content, name, table, set(other))
    content["external"] = sorted(external_rules)
    return build(content, vocabulary, check_then, problems)


def _file_away(content: dict[str, Any], name: str, table: dict[str, Any], other: set[str]) -> None:
    first = name.partition("/")[0]
    if name in {"ruleset.toml", "bibliography.toml"}:
        content[first.removesuffix(".toml")] = table
    elif first in other or name in other:
        content["other"][name] = table
    elif first == "definitions":
        content["definitions"][name] = table
    elif first != "facts":
        content["rules"][name] = table


def build(
    content: Mapping[str, Any],
    vocabulary: Vocabulary,
    check_then: CheckThen | None = None,
    problems: Collection[str] = (),
) -> Knowledge:
    """Check content that has been read already; ``problems`` are those found while reading.

    Raises:
        KnowledgeError: with one sentence for each fault.
    """
    builder = _Builder(content, vocabulary)
    knowledge = builder.build(check_then)
    found = [*problems, *builder.problems]
    if found:
        raise KnowledgeError(found)
    return knowledge


class _Builder:
    """Turns content into knowledge and collects what is wrong with it."""

    def __init__(self, content: Mapping[str, Any], vocabulary: Vocabulary) -> None:
        self.content = content
        self.vocabulary = vocabulary
        self.problems: list[str] = []
        external = frozenset(content["external"])
        self.names = Names(vocabulary, self._ids("rules"), self._ids("definitions"), external)
        for name in sorted(external & set(self.names.rules)):
            self.problems.append(f"rule {name}: is decided here and outside.")

    def build(self, check_then: CheckThen | None) -> Knowledge:
        content = self.content
        if not isinstance(content["ruleset"].get("version"), str):
            self.problems.append("ruleset.toml: the set has no version.")
        definitions = [self._definition(*entry) for entry in sorted(content["definitions"].items())]
        rules = [
            self._rule(file, table, check_then) for file, table in sorted(content["rules"].items())
        ]
        self.problems += cycles(rules, definitions)
        return Knowledge(
            version=str(content["ruleset"].get("version")),
            metadata=content["ruleset"],
            rules={rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)},
            definitions={
                entry.id: entry for entry in sorted(definitions, key=lambda entry: entry.id)
            },
            bibliography=content["bibliography"],
            other=content["other"],
            external=self.names.external,
            vocabulary=self.vocabulary,
        )

    def _ids(self, kind: str) -> dict[str, str | None]:
        """Map the ids to their lists, before any condition is read."""
        found: dict[str, str | None] = {}
        for file, table in sorted(self.content[kind].items()):
            name = table.get("id")
            if not isinstance(name, str):
                self.problems.append(f"{file}: has no id.")
            elif name in found:
                self.problems.append(f"{file}: the id {name} is used twice.")
            found[str(name)] = table.get("over")
        return found

    def _definition(self, file: str, table: Mapping[str, Any]) -> Definition:
        self._unknown_keys(file, table, _DEFINITION_KEYS)
        return Definition(
            id=str(table.get("id")),
            over=self._over(file, table),
            because=self._sentence(file, table, "because"),
            sources=self._sources(file, table),
            condition=self._condition(file, table, table.get("over")),
            file=file,
            table=table,
        )

    def _rule(self, file: str, table: Mapping[str, Any], check_then: CheckThen | None) -> Rule:
        self._unknown_keys(file, table, _RULE_KEYS)
        if table.get("status") not in STATUSES:
            self.problems.append(f"{file}: status is one of {', '.join(STATUSES)}.")
        over = self._over(file, table)
        versions = [
            self._version(file, version, over, check_then) for version in table.get("version", [])
        ]
        versions.sort(key=lambda version: version.start)
        self.problems += [
            f"{file}: {fault}" for fault in _date_faults(versions, table.get("status"))
        ]
        title = self._sentence(file, table, "title")
        return Rule(
            str(table.get("id")),
            title,
            str(table.get("status")),
            over,
            tuple(versions),
            file,
            table,
        )

    def _version(
        self, file: str, table: Mapping[str, Any], over: str | None, check_then: CheckThen | None
    ) -> RuleVersion:
        dates = table.get("in_force", {})
        start = self._date(file, dates, "from") or dt.date.min
        place = f"{file}: from {dates.get('from')}" if len(dates) else file
        self._unknown_keys(place, table, _VERSION_KEYS)
        self._unknown_keys(f"{place}: in_force", dates, {"from", "to"})
        if table.get("strength") not in STRENGTHS:
            self.problems.append(f"{place}: strength is one of {', '.join(STRENGTHS)}.")
        version = RuleVersion(
            start=start,
            end=self._date(file, dates, "to") if "to" in dates else None,
            strength=str(table.get("strength")),
            strength_note=table.get("strength_note"),
            project_choice=table.get("project_choice"),
            because=self._sentence(place, table, "because"),
            sources=self._sources(place, table),
            when=table.get("when", {}),
            then=table.get("then", {}),
            condition=self._condition(place, table, over),
        )
        if not version.sources and version.strength != "project choice":
            self.problems.append(f"{place}: a rule without a source is a project choice.")
        if check_then:
            self.problems += [
                f"{place}: then: {fault}" for fault in check_then(version.then, version)
            ]
        return version

    def _over(self, file: str, table: Mapping[str, Any]) -> str | None:
        over = table.get("over")
        if over is not None and over not in self.vocabulary.lists:
            self.problems.append(f"{file}: there is no list called {over}.")
            return None
        return over

    def _condition(self, place: str, table: Mapping[str, Any], over: str | None) -> Any:
        reader = Reader(self.names, over if over in self.vocabulary.lists else None)
        condition = reader.read(table.get("when"), "when")
        self.problems += [f"{place}: {problem}" for problem in reader.problems]
        return condition

    def _sentence(self, place: str, table: Mapping[str, Any], key: str) -> str:
        text = table.get(key)
        if not isinstance(text, str) or not text.strip():
            self.problems.append(f"{place}: {key} is missing.")
        return str(text)

    def _sources(self, place: str, table: Mapping[str, Any]) -> tuple[str, ...]:
        sources = table.get("sources")
        if not isinstance(sources, list):
            self.problems.append(f"{place}: sources is missing; it is a list of bibliography keys.")
            return ()
        for source in sources:
            if source not in self.content["bibliography"]:
                self.problems.append(f"{place}: the bibliography has no entry {source}.")
        return tuple(sources)

    def _date(self, file: str, dates: Mapping[str, Any], key: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(dates[key])
        except (KeyError, TypeError, ValueError):
            self.problems.append(f"{file}: in_force.{key} is not a date.")
            return None

    def _unknown_keys(self, place: str, table: Mapping[str, Any], allowed: Collection[str]) -> None:
        self.problems += [
            f"{place}: there is no setting called {key}."
            for key in sorted(set(table) - set(allowed))
        ]


def _date_faults(versions: list[RuleVersion], status: Any) -> Iterator[str]:
    """Say what is wrong with the dates of successive versions, oldest first."""
    if not versions:
        yield "has no version."
        return
    for version in versions:
        if version.end is not None and version.end <= version.start:
            yield f"the version from {version.start} ends before it starts."
    for older, newer in itertools.pairwise(versions):
        if older.end is None or older.end > newer.start:
            yield f"the versions from {older.start} and {newer.start} overlap."
    if status == "retired" and versions[-1].end is None:
        yield "is retired, but its last version has no end."
