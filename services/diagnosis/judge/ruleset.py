"""The rule set as diagnosis reads it: rules in force, decision list, screen and reasons."""

import datetime as dt
import functools
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from diagnosis.judge.preparing import SITE_NOT_STATED
from diagnosis.judge.tables import (
    AskedItem,
    Lowering,
    Read,
    Roles,
    Yield,
    flag_of,
    is_flag,
    line_of,
    screen_finds,
)
from rules import (
    Evaluation,
    Fact,
    Knowledge,
    RuleInForce,
    RuleVersion,
    View,
    Vocabulary,
    WhatIfRules,
    general,
    in_force,
    load,
)
from rules.engine.kleene import FALSE, TRUE, UNKNOWN, VERDICT

__all__ = ["FALSE", "TRUE", "UNKNOWN", "VERDICT", "RulesInForce", "Ruleset", "load_ruleset"]

CheckThen = Callable[[Mapping[str, Any], RuleVersion], Collection[str]]

FOLDER = Path(__file__).parents[1] / "knowledge"
DERIVED = "derived.toml"
OTHER_FILES = frozenset(
    {
        "derived.toml",
        "examinations.toml",
        "hazards.toml",
        "likelihood.toml",
        "reasons.toml",
        "roles.toml",
        "screen.toml",
    }
)
EVALUATOR = "rules 1"
CATEGORY_LOCKED = "OUT-OF-SCOPE-RED-FLAG"
NOT_ASSESSABLE = "NOT-ASSESSABLE"


class Ruleset:
    """Everything that diagnosis knows, of all dates."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Wrap knowledge that was loaded with ``OTHER_FILES``."""
        self.knowledge = knowledge
        self.version = knowledge.version
        self.sha256 = knowledge.digest
        self._in_force: dict[WhatIfRules, RulesInForce] = {}

    def in_force(self, on: dt.date) -> "RulesInForce":
        """Find the rules in force on a date; they are compiled once.

        Raises:
            NothingInForceError: no rule was in force then.
        """
        compiled = in_force(self.knowledge, on)
        if compiled not in self._in_force:
            self._in_force[compiled] = RulesInForce(self, compiled)
        return self._in_force[compiled]


def load_ruleset(folder: Path = FOLDER, check_then: CheckThen | None = None) -> Ruleset:
    """Read the ruleset from its files.

    Args:
        folder: where they are.
        check_then: says what is wrong with a ``[then]`` table.

    Raises:
        KnowledgeError: with one sentence for each fault.
    """
    return _read(folder, check_then)


@functools.cache  # once for each process: nothing changes a set that was read
def _read(folder: Path, check_then: CheckThen | None) -> Ruleset:
    facts = Vocabulary.load(folder / "facts")
    derived = tomllib.loads((folder / DERIVED).read_text(encoding="utf-8"))
    vocabulary = Vocabulary({**facts.tables, DERIVED: derived})
    return Ruleset(load(folder, vocabulary, check_then, other=OTHER_FILES))


class RulesInForce:
    """The rules of one date, with everything looked up beforehand."""

    def __init__(self, ruleset: Ruleset, compiled: WhatIfRules) -> None:
        """Read the tables once."""
        other = ruleset.knowledge.other
        self.ruleset = ruleset
        self.compiled = compiled
        self.vocabulary = ruleset.knowledge.vocabulary
        self.rules: dict[str, RuleInForce] = {rule.id: rule for rule in compiled.rules}
        self.roles = Roles.read(other["roles.toml"])
        self.flags = [flag_of(rule) for rule in compiled.rules if is_flag(rule)]
        self.flag_of = {flag.rule.id: flag for flag in self.flags}
        self.flag_ids = frozenset(flag.rule.id for flag in self.flags)
        self.differentials = self._with("pointer")
        self.examinations = self._with("settles")
        self.criteria = self._with("side")
        self.likelihood: Mapping[str, Any] = other["likelihood.toml"]
        self.lowering = Lowering.read(self.likelihood["lowering"])
        self.screen_rule: str = other["screen.toml"]["rule"]
        self.screen: Sequence[Mapping[str, Any]] = other["screen.toml"]["item"]
        self.screen_items = tuple(AskedItem.read(table, compiled) for table in self.screen)
        self.tallied: tuple[str, ...] = (*ruleset.knowledge.rules, self.screen_rule)
        self.reported_only = frozenset(other["screen.toml"]["reported_only"])
        self.reasons: Sequence[Mapping[str, Any]] = other["reasons.toml"]["reason"]
        self.brief_reasons: Sequence[Mapping[str, Any]] = other["reasons.toml"]["brief"]
        self.yields = [Yield.read(table) for table in other["examinations.toml"]["examination"]]
        self.undone_imaging: Mapping[str, Any] = other["examinations.toml"]["undone_imaging"]
        self.burdens = {b["class"]: b["words"] for b in other["examinations.toml"]["burden"]}
        self.yield_of = {entry.examination: entry for entry in self.yields}
        self.screen_finds = screen_finds(self.screen)
        self.lines = [line_of(table) for table in self.likelihood["line"]]
        self.lines_without_nodule = [line_of(table) for table in self.likelihood["without_nodule"]]
        self.derived = self.vocabulary.derived.union(
            table["name"] for table in other["derived.toml"]["fact"]
        )
        self.competitors = [rule.id for rule in self.differentials if rule.then["competes"]]
        self.order: list[str] = list(self.likelihood["order"])
        self.height = {outcome: -index for index, outcome in enumerate(self.order)}
        self._places = {name: compiled.place(kind, name) for kind, name in compiled.units}
        self._rows = {
            name: compiled.row(kind, name)
            for (kind, name), (over, _) in compiled.units.items()
            if over
        }
        self.fact_order = {name: at for at, name in enumerate(self.vocabulary.names())}
        self.decisive = self._decisive()
        self.everything = Read(
            True,
            [(f"red_flag:{flag.rule.id}", self._places[flag.rule.id], flag) for flag in self.flags],
            [(f"differential:{rule.id}", self._places[rule.id]) for rule in self.differentials],
        )
        self._reads: dict[tuple[str, bool], Read] = {}
        listed = self._listed()
        self.view = compiled.view(listed, self._truths())
        self.likelihood_view = compiled.view(listed)
        self.likelihoods: dict[Any, Any] = {}  # judged ones, by what they rest on
        self.settled: dict[Any, bool] = {}  # whether a likelihood can change, likewise
        self.of_each_nodule = tuple(name for name in listed if name in self._rows)
        self._read(frozenset().union(*(compiled.facts_of(rule.id) for rule in compiled.rules)))
        titles = {section.name: section.title for section in self.vocabulary.sections}
        self._examinations = {name: titles[self._home(name)] for name in self.vocabulary.names()}

    @functools.cached_property
    def links(self) -> frozenset[str]:
        """The fields that name a nodule."""
        return self._facts(lambda fact: fact.type == "ref")

    @functools.cached_property
    def sites(self) -> frozenset[str]:
        """The facts that can say that a site was not stated."""
        return self._facts(lambda fact: SITE_NOT_STATED in fact.codes)

    def _facts(self, chosen: Callable[[Fact], bool]) -> frozenset[str]:
        """Choose from the facts and the fields of lists."""
        names = (name for name in self.vocabulary.names() if name not in self.vocabulary.lists)
        return frozenset(name for name in names if chosen(self.vocabulary.fact(name)))

    def _decisive(self) -> list[str]:
        """Name the rules and definitions on which category, flags and differentials rest."""
        flags = [flag.rule.id for flag in self.flags]
        differentials = [rule.id for rule in self.differentials]
        return list(dict.fromkeys([*flags, *differentials, *self._listed()]))

    def _listed(self) -> list[str]:
        """Name the rules and definitions that the decision list asks."""
        names: list[str] = []
        for line in (*self.lines, *self.lines_without_nodule):
            names += [*line.when, *line.when_recorded]
        names += [*self.lowering.nodule, *self.lowering.without_nodule, self.roles.unnamed_block]
        return list(dict.fromkeys(names))

    def _read(self, names: frozenset[str]) -> None:
        """Note which facts, and which fields of lists, the rules read at all."""
        self.read_names = frozenset(name.partition("[")[0] for name in names) - self.derived
        self.read_fields = {
            owner: frozenset(
                name[len(owner) + 3 :] for name in names if name.startswith(f"{owner}[]")
            )
            | {"id"}
            for owner in self.vocabulary.lists
        }

    def _truths(self) -> list[str]:
        """Name the rules and definitions of which conclusions read only whether they are true."""
        grades = [grade.when for flag in self.flags for grade in flag.grades if grade.when]
        return [*self.decisive, *grades, self.roles.contradiction]

    @functools.cached_property
    def flags_view(self) -> View:
        """What decides on flags and differentials alone."""
        return self.compiled.view([], self._truths())

    def read_of(self, fact: str, *, likelihood: bool = True) -> Read:
        """Choose of everything what rests on a fact.

        Args:
            fact: in the spelling ``nodules[].site``.
            likelihood: whether the likelihood is among it.
        """
        key = fact, likelihood
        if key not in self._reads:
            resting = self.compiled.rests_on(fact)
            every = self.everything
            self._reads[key] = Read(
                likelihood and not resting.isdisjoint(self._listed()),
                [entry for entry in every.flags if not resting.isdisjoint(entry[2].names)],
                [entry for entry in every.differentials if entry[0].partition(":")[2] in resting],
            )
        return self._reads[key]

    def _home(self, name: str) -> str:
        owner, lists = name.partition("[")[0], self.vocabulary.lists
        return lists[owner].section if owner in lists else self.vocabulary.fact(name).home

    def examination_of(self, name: str) -> str:
        """Return where a missing fact comes from: the title of its section of the vocabulary."""
        return self._examinations[general(name)]

    def section_of(self, name: str) -> str:
        """Return the code of the vocabulary's section that a fact belongs to."""
        return self._home(general(name))

    def _with(self, field: str) -> list[RuleInForce]:
        """Choose the rules whose ``[then]`` has a field; each kind of rule has one of its own."""
        return [rule for rule in self.compiled.rules if field in rule.then]

    def code(self, evaluation: Evaluation, name: str, nodule: int | None = None) -> int:
        """Look up the verdict of a rule or definition, of one nodule if it is judged over nodules.

        Args:
            evaluation: what was judged.
            name: id of a rule or definition.
            nodule: position of the nodule; None asks about the whole case.

        Returns:
            FALSE, UNKNOWN or TRUE.
        """
        if nodule is not None and name in self._rows:
            rows, position = self._rows[name]
            code: int = evaluation.state[rows][nodule][position]
            return code
        whole: int = evaluation.state[self._places[name]]
        return whole

    def is_true(self, evaluation: Evaluation, name: str) -> bool:
        """Whether a rule or definition is certainly true of the case."""
        return bool(evaluation.state[self._places[name]] == TRUE)

    def over_nodules(self, name: str) -> bool:
        """Whether a rule or definition is judged once for each nodule."""
        return name in self._rows
