"""Recorded and missing findings by code and in words, with side and site of a nodule."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from diagnosis.judge.preparing import Facts
from diagnosis.judge.ruleset import RulesInForce
from diagnosis.write.brief import NamedFact
from diagnosis.write.values import unit_in_words
from rules import Fact, ListFact
from rules.catalogue.questions import question
from rules.language.sentences import Sentences

NODULES = "nodules"
LONGEST_QUESTION = 74  # a line
SCALES = frozenset({"points", "grade"})  # a number of these is one of so many


class Shown(NamedTuple):
    """A finding in words, and the value as it stands in a sentence; empty where unknown."""

    fact: NamedFact
    label: str
    value: str


class Findings:
    """Puts the findings of one case into words.

    Args:
        facts: flat facts as recorded.
        rules: the rules in force, for the vocabulary.
        sentences: the fixed wording.
    """

    def __init__(self, facts: Facts, rules: RulesInForce, sentences: Sentences) -> None:
        self.facts = facts
        self._rules = rules
        self._sentences = sentences

    def shown(self, name: str) -> Shown:
        """Return a finding by its code, as ``age_years`` or ``nodules[a].site``."""
        owner, bracket, rest = name.partition("[")
        if not bracket:
            fact = _known(self._rules, name)
            return self._shown(name, fact, fact.label, fact.label, self.facts.get(name))
        identity, _, field = rest.partition("].")
        fact = _known(self._rules, f"{owner}[].{field}")
        element = self._element(owner, identity)
        key = f"label.{owner}.{field}"
        label = self._sentences.text(key) if key in self._sentences else fact.label
        words = self._of_nodule(label, element) if owner == NODULES and element else label
        return self._shown(name, fact, words, label, element.get(field))

    def which_nodule(self, shown: Sequence[Shown]) -> str:
        """Name the place of the nodule that findings are of, where there are several nodules."""
        of = f"{NODULES}["
        names = [entry.fact.name for entry in shown if entry.fact.name.startswith(of)]
        if not names or len(self.facts[NODULES]) == 1:
            return ""
        return self.place(names[0].removeprefix(of).partition("]")[0])

    def question(self, name: str) -> str:
        """Ask for one fact as the vocabulary asks; empty for a field of a list."""
        if "[" in name or name in self._rules.vocabulary.lists:
            return ""
        asked = question(self._rules.vocabulary, name)
        return asked if len(asked) <= LONGEST_QUESTION else ""

    def coded(self, name: str) -> str:
        """Spell a recorded finding as ``field=value``, as tables of the wording are named."""
        owner, bracket, rest = name.partition("[")
        if not bracket:
            return f"{name}={_code(self.facts.get(name))}"
        identity, _, field = rest.partition("].")
        return f"{field}={_code(self._element(owner, identity).get(field))}"

    def phrase(self, entry: Shown) -> str:
        """Put a finding and its value into the words of a sentence."""
        key = f"phrase.{self.coded(entry.fact.name)}"
        if key in self._sentences:
            return self._sentences.text(key)
        label = lowered(entry.label)
        if entry.value == self._sentences.text("values.yes"):
            return label
        kind = "number" if entry.value[:1].isdigit() else "code"
        return self._sentences.text(f"phrase.{kind}", label=label, value=entry.value)

    def _shown(self, name: str, fact: Fact | ListFact, words: str, label: str, value: Any) -> Shown:
        shown = in_words(self._sentences, fact, value) if isinstance(fact, Fact) else ""
        return Shown(NamedFact(name=name, words=words, value=shown or None), label, shown)

    def _element(self, owner: str, identity: str) -> Mapping[str, Any]:
        for at, element in enumerate(self.facts.get(owner) or ()):
            if str(element.get("id", at)) == identity:
                found: Mapping[str, Any] = element
                return found
        return {}

    def place(self, identity: str | None) -> str:
        """Name the side and the site of a nodule in short; empty where neither is recorded."""
        nodule = self._element(NODULES, identity) if identity is not None else {}
        side, site = nodule.get("side"), nodule.get("site")
        keys = [f"short.side.{side}"] if side and side != site else []
        keys += [f"short.{site}"] if f"short.{site}" in self._sentences else []
        return " ".join(self._sentences.text(key) for key in keys)

    def _place(self, nodule: Mapping[str, Any]) -> str:
        side, site = nodule.get("side"), nodule.get("site")
        words = self._sentences.text(f"place.{side}") if side else ""
        if not site:
            return words
        named = in_words(self._sentences, _known(self._rules, f"{NODULES}[].site"), site)
        if not side:
            return named
        return self._sentences.text("place.side_and_site", side=words, site=named)

    def _of_nodule(self, label: str, nodule: Mapping[str, Any]) -> str:
        where = self._place(nodule)
        if not where:
            return self._sentences.text("place.fact_of", label=label)
        return self._sentences.text("place.fact", label=label, where=where)


def _code(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def in_words(sentences: Sentences, fact: Fact | ListFact, value: Any) -> str:
    """Put a value into words with its unit, such as ``7 of 10``; empty for None."""
    if value is None or isinstance(fact, ListFact):
        return ""
    if isinstance(value, bool):
        return sentences.text("values.yes" if value else "values.no")
    if isinstance(value, str):
        return next((known.label for known in fact.values if known.code == value), value)
    if fact.unit in SCALES and fact.maximum is not None:
        return sentences.text("values.of", value=f"{value:g}", most=f"{fact.maximum:g}")
    unit = unit_in_words(sentences, fact.unit)
    return f"{value:g} {unit}" if unit else f"{value:g}"


@functools.lru_cache(maxsize=4096)
def _known(rules: RulesInForce, name: str) -> Fact | ListFact:
    if name in rules.vocabulary.lists:
        return rules.vocabulary.lists[name]
    return rules.vocabulary.fact(name)


def lowered(label: str) -> str:
    """Begin a label with a small letter, unless it begins with an abbreviation."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"
