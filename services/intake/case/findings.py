"""What is recorded about a patient: a JSON object of sections and lists, and what may leave."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from intake.care import Recorded, ages, record_of_care
from rules import Fact, Vocabulary

Body: TypeAlias = Mapping[str, Any]

CARE: Final = "care"
"""The section in which the record of care travels."""

AGES: Final = "answered_days_ago"
"""The fact of that section that tells how old answers are; its codes are the facts that age."""

OTHERS: Final = "others"
"""In a set: `"others": false` says that every member not listed was asked and denied."""


def tidy(value: Any) -> Any:
    """Return a JSON value without `null` and without empty objects.

    Absent and `null` both mean unknown, so one spelling is kept. An empty list stays: it may mean
    *examined, none found*.
    """
    if isinstance(value, list):
        return [tidy(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        tidied = tidy(inner) if isinstance(inner, (dict, list)) else inner
        if tidied is not None and tidied != {}:
            kept[name] = tidied
    return kept


def merge(target: Any, patch: Any) -> Any:
    """Return the result of a JSON merge patch (RFC 7396); neither argument is changed.

    Args:
        target: The document as it is.
        patch: Members replace, `null` removes, objects are merged, lists are replaced whole.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


class Findings:
    """What the vocabulary says about bodies, looked up once.

    Args:
        vocabulary: The facts that a body may hold.

    Attributes:
        lists: The names of all lists.
        growing: The lists that only grow: what was done is never edited away.
        limits: The most elements that each list may hold.
        references: For each list, its fields that name a nodule.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._written: dict[str, Mapping[str, Fact]] = {
            section.name: {fact.written: fact for fact in section.facts if not fact.derived}
            for section in vocabulary.sections
        }
        lists = {name: entry for name, entry in vocabulary.lists.items() if not entry.derived}
        self._written |= {name: entry.written for name, entry in lists.items()}
        self._leaving = {
            home: frozenset(
                name for name, fact in facts.items() if fact.name == name and not fact.stays
            )
            for home, facts in self._written.items()
        }
        self._sets = {
            home: {fact.written: fact.codes for fact in facts.values() if fact.type == "codes"}
            for home, facts in self._written.items()
        }
        tables = {name: entry.table for name, entry in lists.items()}
        self.lists = frozenset(tables)
        self.growing = frozenset(name for name, table in tables.items() if table.get("grows"))
        self.limits = {name: table["maximum_items"] for name, table in tables.items()}
        self.references = self._names_of("ref")
        self.dates = self._names_of("days_ago")
        self._statements = {
            home: tuple(name for name, fact in facts.items() if fact.table.get("per_contact"))
            for home, facts in self._written.items()
        }
        aging = vocabulary.facts[AGES].codes if AGES in vocabulary.facts else ()
        self._aging = frozenset(aging)

    def _names_of(self, kind: str) -> dict[str, tuple[str, ...]]:
        return {
            home: names
            for home, facts in self._written.items()
            if (names := tuple(fact.written for fact in facts.values() if fact.type == kind))
        }

    def answered(self, body: Body, recorded: Body | None = None) -> dict[str, Any]:
        """Return the body with each `"others": false` written out, member by member.

        Args:
            body: A body, or a merge patch.
            recorded: What is recorded already; such members keep their answer.
        """
        known = recorded or {}
        return {
            home: self._elements(home, value)
            if isinstance(value, list)
            else self._section(home, value, known.get(home) or {})
            for home, value in body.items()
        }

    def _elements(self, home: str, elements: Sequence[Body]) -> list[Any]:
        if not self._sets.get(home):
            return list(elements)
        return [self._section(home, element, {}) for element in elements]

    def _section(self, home: str, values: Any, recorded: Body) -> Any:
        sets = self._sets.get(home)
        if not sets or not isinstance(values, dict):
            return values
        written = dict(values)
        for name, members in sets.items():
            if isinstance(answers := written.get(name), dict) and OTHERS in answers:
                denied = answers[OTHERS] is False
                settled = answers.keys() | (recorded.get(name) or {}).keys()
                rest = {member: False for member in members if denied and member not in settled}
                given = {member: answer for member, answer in answers.items() if member != OTHERS}
                written[name] = given | rest
        return written

    def without_statements(self, body: Body) -> dict[str, Any]:
        """Return the body without what a clinician stated at one contact and for that contact."""
        kept = dict(body)
        for home, names in self._statements.items():
            if names and home in kept:
                kept[home] = {name: kept[home][name] for name in kept[home] if name not in names}
        return tidy(kept)  # type: ignore[no-any-return]  # an object stays an object

    def aging(self, body: Body) -> frozenset[str]:
        """Return the names of the facts and lists of a body, or a patch, whose answers age."""
        homes = self._aging.intersection(body)
        named = {home for home in homes if body[home] is not None}
        for values in body.values():
            if isinstance(values, dict):
                facts = self._aging.intersection(values)
                named.update(name for name in facts if values[name] is not None)
        return frozenset(named)

    def outgoing(
        self, body: Body, on: date, answered_earlier: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the facts that leave the service: what is recorded, and the record of care.

        Args:
            body: What is recorded, dates as ISO text.
            on: The day from which days are counted back.
            answered_earlier: The dates of answers that were given before that day.
        """
        facts = self.recorded(body, on)
        care = record_of_care(Recorded.of(facts)).facts()
        if answers := ages(self.aging(body), answered_earlier or {}, on):
            care[AGES] = answers
        return facts | {CARE: facts.get(CARE, {}) | care}

    def recorded(self, body: Body, on: date) -> dict[str, Any]:
        """Return what is recorded and may leave: no free text, days ago instead of dates."""
        facts = {
            home: [self._days_ago(home, element, on) for element in value]
            if home in self.lists
            else self._days_ago(home, value, on)
            for home, value in body.items()
        }
        return {home: value for home, value in facts.items() if value != {}}

    def _days_ago(self, home: str, values: Body, on: date) -> Body:
        if self._leaving[home].issuperset(values):
            return values
        facts = self._written[home]
        return {
            fact.name: (on - date.fromisoformat(value)).days if fact.name != name else value
            for name, value in values.items()
            if not (fact := facts[name]).stays
        }
