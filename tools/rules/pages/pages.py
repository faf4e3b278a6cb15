"""The pages of all rules: what each asks and says, why, since when, and what shows it."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.knowledge.hazards import hazards
from tests.knowledge.sets import SERVICES, rule_set
from tools.rules.cases import RuleCase
from tools.rules.pages.actions import actions
from tools.rules.pages.places import (
    GROUPS,
    SOURCES,
    definition_link,
    definitions_page,
    hazard_link,
    rule_link,
    source_link,
)
from tools.rules.pages.sources import cited, sources_page

from rules import Definition, Knowledge, Rule, RuleVersion
from rules.language.nodes import Node, Use, walk
from rules.language.words import in_words

MADE = "Made by `python -m tools.rules.pages`; do not edit. **Clinical sign-off: none yet.**"
SCREEN = (
    "All thirteen, and age, are answered before anything is applied to a nodule, and again at"
    " every contact. That it is these thirteen is a project choice."
)
UNKNOWN = (
    "What nobody recorded is unknown, never a no: a condition can therefore be true, false or"
    " unknown, and the last line of each says when it is unknown."
)


@dataclass(frozen=True)
class Subject:
    """A rule or definition, and the service whose knowledge it belongs to."""

    service: str
    knowledge: Knowledge
    entry: Rule | Definition


def pages() -> dict[str, str]:
    """Make every page, by file name."""
    made = {f"{group}.md": _group(group, title) for group, title in GROUPS.items()}
    made |= {definitions_page(service): _definitions(service) for service in SERVICES}
    return made | {"index.md": _index(), SOURCES: sources_page(users())}


def _subjects() -> Iterator[Subject]:
    for service in SERVICES:
        knowledge = rule_set(service).knowledge
        for rule in knowledge.rules.values():
            yield Subject(service, knowledge, rule)


def _of(group: str) -> list[Subject]:
    return [subject for subject in _subjects() if subject.entry.file.startswith(f"{group}/")]


def _page(title: str, *blocks: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *blocks]) + "\n"


def _index() -> str:
    about = (
        "Every rule of the two services, as it runs. "
        "[How a rule is written and changed](../knowledge.md); "
        "[the hazards that the rules control](../safety.md#hazards); "
        f"[the sources]({SOURCES})."
    )
    sections = [about, UNKNOWN, "## The red-flag screen", SCREEN, "\n".join(_screen())]
    for group, title in GROUPS.items():
        rows = ["| rule | title | strength | in force since |", "|---|---|---|---|"]
        rows += [_row(subject) for subject in _of(group)]
        sections += [f"## {title}", "\n".join(rows)]
    links = ", ".join(f"[{name}]({definitions_page(name)})" for name in SERVICES)
    return _page("The rules", *sections, "## Definitions", f"Conditions with a name: {links}.")


def _screen() -> Iterator[str]:
    yield "| | asks | sources |"
    yield "|---|---|---|"
    for item in rule_set("diagnosis").knowledge.other["screen.toml"]["item"]:
        sources = ", ".join(map(source_link, item["sources"])) or "project choice"
        yield f"| {item['n']} | {item['asks']} | {sources} |"


def _row(subject: Subject) -> str:
    rule = subject.entry
    newest = rule.versions[-1]
    return f"| {rule_link(rule.id)} | {rule.title} | {newest.strength} | {newest.start} |"


def _group(group: str, title: str) -> str:
    rules = [block for subject in _of(group) for block in _rule(subject)]
    return _page(title, "[All rules](index.md)", UNKNOWN, *rules)


def _rule(subject: Subject) -> Iterator[str]:
    rule = subject.entry
    yield f"## {rule.id}"
    yield f"**{rule.title}** ({subject.service}, {rule.status})"
    for version in reversed(rule.versions):
        yield from _version(subject, version)
    yield "\n".join(_beside(subject))


def _version(subject: Subject, version: RuleVersion) -> Iterator[str]:
    until = f" until {version.end}" if version.end else ""
    note = f" ({version.strength_note})" if version.strength_note else ""
    yield f"> {version.because}"
    facts = [f"- In force: from {version.start}{until}", f"- Strength: {version.strength}{note}"]
    if version.project_choice:
        facts.append(f"- Project choice: {version.project_choice.rstrip('.')}.")
    yield "\n".join(facts)
    yield from _condition(subject, version.condition)
    yield "**Then:**"
    yield "\n".join(f"- {line}" for line in actions(version.then, subject.service))
    yield from _cited(subject.knowledge, version.sources)


def _condition(subject: Subject, condition: Node) -> Iterator[str]:
    """Say a condition as Markdown: what it asks, its parts, and when it is unknown."""
    named = functools.partial(_named, subject)
    words = in_words(condition, subject.knowledge.vocabulary, named).split("\n")
    each = f"for each of the {subject.entry.over.replace('_', ' ')}, " if subject.entry.over else ""
    yield (
        f"**When**, {each}{words[0][:1].lower()}{words[0][1:]}" if each else f"**When:** {words[0]}"
    )
    if words[1:-1]:
        yield "\n".join(words[1:-1])
    yield f"_{words[-1]}_"


def _named(subject: Subject, use: Use) -> str:
    if use.kind == "defined":
        meaning = subject.knowledge.definitions[use.id].because.rstrip(".")
        return f"{meaning} ({definition_link(use.id, subject.service)})"
    return f"Rule {rule_link(use.id)}, {_titles()[use.id]}"


@functools.cache
def _titles() -> Mapping[str, str]:
    return {subject.entry.id: subject.entry.title for subject in _subjects()}


def _cited(knowledge: Knowledge, keys: tuple[str, ...]) -> Iterator[str]:
    if not keys:
        yield "**Sources:** none; this is a project choice."
        return
    yield "**Sources:**"
    yield "\n".join(f"- {source_link(key)}: {cited(knowledge.bibliography[key])}" for key in keys)


def _beside(subject: Subject) -> Iterator[str]:
    """Say what the rule controls, who uses it, and where its cases are."""
    name = subject.entry.id
    controlled = [hazard.name for hazard in _hazards() if name in hazard.rules]
    if controlled:
        yield f"- Controls: {', '.join(map(hazard_link, controlled))}"
    used = _used_by()[subject.service].get(name, ())
    if used:
        yield f"- Used by: {', '.join(used)}"
    yield f"- Cases: {_cases(subject)}"


_hazards = functools.cache(hazards)


def _cases(subject: Subject) -> str:
    cases = [case for case in _all_cases(subject.service) if case.subject == subject.entry.id]
    file = f"../../tests/knowledge/{subject.service}/{subject.entry.file}"
    names = "; ".join(f"{case.name} ({case.kind})" for case in cases)
    return f"[{len(cases)} of its own]({file}): {names}." if cases else "those of its users."


@functools.cache
def _all_cases(service: str) -> list[RuleCase]:
    return rule_set(service).cases()


@functools.cache
def _used_by() -> Mapping[str, Mapping[str, list[str]]]:
    """Link, for each service, from a rule or definition to what uses it."""
    return {service: _users_in(service) for service in SERVICES}


def _users_in(service: str) -> dict[str, list[str]]:
    knowledge = rule_set(service).knowledge
    users: dict[str, list[str]] = {}
    for rule in knowledge.rules.values():
        for name in _uses(*(version.condition for version in rule.versions)):
            users.setdefault(name, []).append(rule_link(rule.id))
    for entry in knowledge.definitions.values():
        for name in _uses(entry.condition):
            users.setdefault(name, []).append(definition_link(entry.id, service))
    return users


def _uses(*conditions: Node) -> list[str]:
    nodes = (node for condition in conditions for node in walk(condition))
    return sorted({node.id for node in nodes if isinstance(node, Use)})


def _definitions(service: str) -> str:
    knowledge = rule_set(service).knowledge
    entries = [Subject(service, knowledge, entry) for entry in knowledge.definitions.values()]
    blocks = [block for subject in entries for block in _definition(subject)]
    about = "Conditions with a name, which several rules share."
    return _page(f"Definitions of {service}", "[All rules](index.md)", about, UNKNOWN, *blocks)


def _definition(subject: Subject) -> Iterator[str]:
    entry = subject.entry
    yield f"## {entry.id}"
    yield f"> {entry.because}"
    choice = entry.table.get("project_choice")
    if choice:
        yield f"Project choice: {choice.rstrip('.')}."
    yield from _condition(subject, entry.condition)
    if entry.sources:
        yield f"**Sources:** {', '.join(map(source_link, entry.sources))}"
    yield "\n".join(_beside(subject))


def users() -> Mapping[str, list[str]]:
    """Link, for each source, to what cites it."""
    citing: dict[str, list[str]] = {}
    for subject in _subjects():
        for key in {key for version in subject.entry.versions for key in version.sources}:
            citing.setdefault(key, []).append(rule_link(subject.entry.id))
    for service in SERVICES:
        for entry in rule_set(service).knowledge.definitions.values():
            for key in entry.sources:
                citing.setdefault(key, []).append(definition_link(entry.id, service))
    return citing
