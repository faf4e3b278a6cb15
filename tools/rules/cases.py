"""Rule cases: facts, and the verdict that one rule, or definition, must give on them."""

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rules.engine.interpreter import Interpreter, Units
from rules.engine.kleene import CODE, FROM_WORD, VERDICT, WORD, Verdict
from rules.in_force import in_force
from rules.language.errors import KnowledgeError
from rules.language.model import Knowledge
from rules.language.vocabulary import Vocabulary

KINDS = ("fires", "near-miss", "unknown")
_KEYS = {"name", "kind", "on", "facts", "external", "expect", "element", "note"}


@dataclasses.dataclass(frozen=True)
class RuleCase:
    """One line of evidence that a rule says what its author meant.

    ``on`` None is the newest version's first day; ``element`` None is the whole subject's verdict.
    """

    key: tuple[str, str]
    name: str
    kind: str
    facts: Mapping[str, Any]
    external: Mapping[str, Verdict]
    expect: Verdict
    on: dt.date | None
    element: int | None
    file: str

    @property
    def subject(self) -> str:
        """The id of the rule or definition."""
        return self.key[1]

    def date(self, knowledge: Knowledge) -> dt.date:
        """The day that the case is judged by."""
        if self.on:
            return self.on
        rules = knowledge.rules
        asked = [rules[self.subject]] if self.key[0] == "rule" else rules.values()
        return max(version.start for rule in asked for version in rule.versions)


def read_cases(folder: Path, knowledge: Knowledge) -> list[RuleCase]:
    """Read every case file below a folder.

    Raises:
        KnowledgeError: with one sentence for each fault.
    """
    cases, problems = [], []
    for path in sorted(folder.rglob("*.toml")):
        file = path.relative_to(folder).as_posix()
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        kind = "defined" if "defined" in table else "rule"
        name = table.get(kind)
        if name not in (knowledge.rules if kind == "rule" else knowledge.definitions):
            problems.append(f"{file}: there is no such {kind}: {name}.")
            continue
        for raw in table.get("case", []):
            faults = [f"{file}: {raw.get('name')}: {fault}" for fault in _faults(raw, knowledge)]
            problems += faults
            if not faults:
                cases.append(_case((kind, str(name)), raw, file, knowledge.vocabulary))
    if problems:
        raise KnowledgeError(problems)
    return cases


def outcome(case: RuleCase, knowledge: Knowledge, units: Units | None = None) -> Verdict:
    """Judge a case by walking the trees, which needs no compiling; ``units`` may replace rules."""
    external = {name: CODE[verdict] for name, verdict in case.external.items()}
    judged = units if units is not None else units_on(knowledge, case.date(knowledge))
    judge = Interpreter(judged, knowledge.vocabulary, case.facts, external)
    return VERDICT[judge.unit(case.key, case.element)]


def check(case: RuleCase, knowledge: Knowledge) -> str | None:
    """Judge a case with the compiled rules; say what is wrong, or None.

    Raises:
        KeyError: the rule is not in force on the case's date.
    """
    rules = in_force(knowledge, case.date(knowledge))
    verdict = rules.evaluate(case.facts, case.external).of(case.key, case.element)
    if verdict is case.expect:
        return None
    return f"{case.subject}, {case.name}: expected {WORD[case.expect]}, found {WORD[verdict]}"


def units_on(knowledge: Knowledge, on: dt.date) -> Units:
    """All definitions, and the rules in force on a date, as the interpreter takes them."""
    definitions = knowledge.definitions.items()
    units = {("defined", name): (entry.over, entry.condition) for name, entry in definitions}
    for name, version in knowledge.versions_on(on).items():
        units["rule", name] = (knowledge.rules[name].over, version.condition)
    return units


def _case(
    key: tuple[str, str], raw: Mapping[str, Any], file: str, vocabulary: Vocabulary
) -> RuleCase:
    lists = {key: value for key, value in raw.items() if key in vocabulary.lists}
    external = {name: FROM_WORD[word] for name, word in raw.get("external", {}).items()}
    return RuleCase(
        key=key,
        name=raw["name"],
        kind=raw["kind"],
        facts={**raw.get("facts", {}), **lists},
        external=external,
        expect=FROM_WORD[raw["expect"]],
        on=raw.get("on"),
        element=raw.get("element"),
        file=file,
    )


def _faults(raw: Mapping[str, Any], knowledge: Knowledge) -> Iterator[str]:
    """Say what is wrong with one case."""
    vocabulary = knowledge.vocabulary
    for key in sorted(set(raw) - _KEYS - set(vocabulary.lists)):
        yield f"there is no setting called {key}."
    if not isinstance(raw.get("name"), str):
        yield "a case needs a name."
    if raw.get("kind") not in KINDS:
        yield f"kind is one of {', '.join(KINDS)}."
    if raw.get("expect") not in FROM_WORD:
        yield f"expect is one of {', '.join(FROM_WORD)}."
    for name, word in raw.get("external", {}).items():
        if name not in knowledge.external:
            yield f"{name} is not decided elsewhere."
        if word not in FROM_WORD:
            yield f"external {name} is one of {', '.join(FROM_WORD)}."
    yield from _strangers(raw, vocabulary)


def _strangers(raw: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[str]:
    """Name facts and values that the vocabulary does not have."""
    facts = dict(raw.get("facts", {}))
    lists = {key: value for key, value in (facts | dict(raw)).items() if key in vocabulary.lists}
    for name in set(facts) - set(lists):
        yield from _misfit(name, facts[name], vocabulary.facts)
    for owner, elements in lists.items():
        for element in elements:
            for name, value in element.items():
                yield from _misfit(name, value, vocabulary.list(owner).fields)


def _misfit(name: str, value: Any, known: Mapping[str, Any]) -> Iterator[str]:
    fact = known.get(name)
    if fact is None:
        yield f"there is no fact called {name}."
    elif fact.type == "code" and value not in fact.codes:
        yield f"{name} is never {value}."
    elif _kind_of(value) != fact.kind:
        yield f"{name} is {fact.type}, not {value!r}."


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"
