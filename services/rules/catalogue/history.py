"""What changed from one rule set to the next, in sentences that its readers understand."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from rules.catalogue.condition_changes import Wording, condition_changes
from rules.catalogue.differences import ABSENT, differences
from rules.catalogue.sources import reference
from rules.language.model import Definition, Knowledge, Rule, RuleVersion
from rules.language.references import files_that_use, rules_that_use

_WORDED: Final = {
    "strength": "strength",
    "strength_note": "note on its strength",
    "project_choice": "project choice",
    "because": "sentence",
}
_FACT: Final = (
    "label", "type", "unit", "minimum", "maximum", "range_source", "codes", "home",
)  # fmt: skip


class ChangeKind(StrEnum):
    """What happened to a part of a set.

    Attributes:
        added: It is new.
        ended: It is no longer in force from some day on.
        removed: It was taken out.
        altered: It says something else.
    """

    ADDED = "added"
    ENDED = "ended"
    REMOVED = "removed"
    ALTERED = "altered"


class ChangePart(StrEnum):
    """The part of a set that changed.

    Attributes:
        rule: A rule.
        definition: A condition with a name, which rules use.
        finding: A fact of the vocabulary.
        source: An entry of the bibliography.
        file: What is written beside the rules.
        evaluator: The program that judges.
    """

    RULE = "rule"
    DEFINITION = "definition"
    FINDING = "finding"
    SOURCE = "source"
    FILE = "file"
    EVALUATOR = "evaluator"


@dataclasses.dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        kind: what happened; see `ChangeKind`.
        part: to which part of the set; see `ChangePart`.
        subject: the rule's id, or the name of what changed.
        sentence: what changed, in words.
    """

    kind: str
    part: str
    subject: str
    sentence: str


def compare(older: Knowledge, newer: Knowledge) -> list[Change]:
    """List what changed from one set to another: rules first, then what they are made of.

    Args:
        older: the set that ran before.
        newer: the set that ran after it.
    """
    return [
        *_rules(older, newer),
        *_definitions(older, newer),
        *_findings(older, newer),
        *_sources(older, newer),
        *_files(older, newer),
    ]


def _rules(older: Knowledge, newer: Knowledge) -> Iterator[Change]:
    for name in sorted({*older.rules, *newer.rules}):
        before, after = older.rules.get(name), newer.rules.get(name)
        if before is None and after is not None:
            start = after.versions[0].start
            sentence = f"{name} ({after.title}): added, in force from {start}."
            yield Change("added", "rule", name, sentence)
        elif before is not None and after is None:
            yield Change("removed", "rule", name, f"{name} ({before.title}): taken out of the set.")
        elif before is not None and after is not None:
            yield from _rule(before, after, Wording(older), Wording(newer), newer)


def _rule(
    before: Rule, after: Rule, old: Wording, new: Wording, newer: Knowledge
) -> Iterator[Change]:
    altered = functools.partial(_change, "altered", "rule", before.id)
    for key in ("title", "status", "over"):
        yield from map(altered, _field(key, getattr(before, key), getattr(after, key)))
    known = {version.start: version for version in before.versions}
    for version in after.versions:
        previous = known.pop(version.start, None)
        if previous is None:
            sentence = _follows(before.versions[-1], version, old, new, newer)
            yield altered(f"a new version from {version.start}: {sentence}")
            continue
        if previous.end != version.end:
            yield _ended(before.id, version, last=version is after.versions[-1])
        yield from map(altered, _version(previous, version, old, new, newer))
    for start in known:
        yield altered(f"the version from {start} was taken out")


def _change(kind: str, part: str, subject: str, sentence: str) -> Change:
    return Change(kind, part, subject, f"{subject}: {sentence}.")


def _ended(rule: str, version: RuleVersion, *, last: bool) -> Change:
    if version.end is None:
        return _change("altered", "rule", rule, f"the version from {version.start} no longer ends")
    sentence = f"the version from {version.start} ends on {version.end}"
    return _change("ended" if last else "altered", "rule", rule, sentence)


def _follows(
    before: RuleVersion, after: RuleVersion, old: Wording, new: Wording, newer: Knowledge
) -> str:
    return "; ".join(_version(before, after, old, new, newer)) or "it says the same as before"


def _version(
    before: RuleVersion, after: RuleVersion, old: Wording, new: Wording, newer: Knowledge
) -> Iterator[str]:
    yield from condition_changes(before.condition, after.condition, old, new)
    yield from _texts(before, after, newer)
    for place, older_value, newer_value in differences(dict(before.then), dict(after.then)):
        yield _moved(f"what follows ({place.strip('/')})", older_value, newer_value)


def _texts(before: Any, after: Any, newer: Knowledge) -> Iterator[str]:
    for key, name in _WORDED.items():
        yield from _field(name, getattr(before, key, None), getattr(after, key, None))
    for key in after.sources:
        if key not in before.sources:
            yield f"source added: {key}{_cited(newer, key)}"
    for key in before.sources:
        if key not in after.sources:
            yield f"source removed: {key}"


def _cited(knowledge: Knowledge, key: str) -> str:
    sentence = reference(knowledge.bibliography.get(key, {}))
    return f" ({sentence.rstrip('.')})" if sentence else ""


def _field(name: str, before: Any, after: Any) -> Iterator[str]:
    if before != after:
        yield _moved(name, before, after)


def _moved(name: str, before: Any, after: Any) -> str:
    if before in (None, ABSENT):
        return f"{name} added: {_quoted(after)}"
    if after in (None, ABSENT):
        return f"{name} dropped: {_quoted(before)}"
    return f"{name} altered from {_quoted(before)} to {_quoted(after)}"


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else f"“{value}”"


def _definitions(older: Knowledge, newer: Knowledge) -> Iterator[Change]:
    for name in sorted({*older.definitions, *newer.definitions}):
        before, after = older.definitions.get(name), newer.definitions.get(name)
        if before is None or after is None:
            kind, owner = ("added", newer) if before is None else ("removed", older)
            sentence = f"definition {name} {kind}; rules that use it: {_users(owner, name)}."
            yield Change(kind, "definition", name, sentence)
        elif before.table != after.table:
            yield _definition(before, after, older, newer)


def _definition(
    before: Definition, after: Definition, older: Knowledge, newer: Knowledge
) -> Change:
    changes = [
        *condition_changes(before.condition, after.condition, Wording(older), Wording(newer)),
        *_texts(before, after, newer),
    ]
    what = "; ".join(changes) or "its notes"
    users = _users(newer, after.id)
    sentence = f"definition {after.id} altered: {what}; rules that use it: {users}."
    return Change("altered", "definition", after.id, sentence)


def _users(knowledge: Knowledge, name: str) -> str:
    return ", ".join([*rules_that_use(knowledge, name), *files_that_use(knowledge, name)]) or "none"


def _findings(older: Knowledge, newer: Knowledge) -> Iterator[Change]:
    older_facts, newer_facts = _facts(older), _facts(newer)
    for name in (*older_facts, *(name for name in newer_facts if name not in older_facts)):
        before, after = older_facts.get(name), newer_facts.get(name)
        if before is None or after is None:
            kind = "added" if before is None else "removed"
            label = getattr(after or before, "label", "")
            yield Change(kind, "finding", name, f"finding {name} ({label}): {kind}.")
            continue
        for key in _FACT:
            for sentence in _field(key, getattr(before, key, None), getattr(after, key, None)):
                yield Change("altered", "finding", name, f"finding {name}: {sentence}.")


def _facts(knowledge: Knowledge) -> dict[str, Any]:
    vocabulary = knowledge.vocabulary
    named: dict[str, Any] = {**vocabulary.facts, **vocabulary.lists}
    for owner, entry in vocabulary.lists.items():
        named |= {f"{owner}[].{name}": field for name, field in entry.fields.items()}
    return named


def _sources(older: Knowledge, newer: Knowledge) -> Iterator[Change]:
    older_sources, newer_sources = older.bibliography, newer.bibliography
    for name in sorted({*older_sources, *newer_sources}):
        if name not in older_sources or name not in newer_sources:
            kind = "added" if name in newer_sources else "removed"
            sentence = f"source {name}: {kind} in the bibliography."
            yield Change(kind, "source", name, sentence)
            continue
        for place, before, after in differences(
            dict(older_sources[name]), dict(newer_sources[name])
        ):
            sentence = _moved(place.strip("/"), before, after)
            yield Change("altered", "source", name, f"source {name}: {sentence}.")


def _files(older: Knowledge, newer: Knowledge) -> Iterator[Change]:
    """Compare the service's own files, and what the set says of itself but for its version."""
    older_files: Mapping[str, Any] = {**older.other, "ruleset.toml": _itself(older)}
    newer_files: Mapping[str, Any] = {**newer.other, "ruleset.toml": _itself(newer)}
    for place, before, after in differences(older_files, newer_files):
        file, _, rest = place.strip("/").partition("/")
        sentence = _moved(rest.replace("/", ", ") or "the file", before, after)
        yield Change("altered", "file", file, f"{file}: {sentence}.")


def _itself(knowledge: Knowledge) -> dict[str, Any]:
    return {name: value for name, value in knowledge.metadata.items() if name != "version"}
