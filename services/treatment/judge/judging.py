"""Judges one case by the guidance: what stands against each treatment, and which step applies."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from rules import Evaluation
from rules.engine.kleene import FALSE, TRUE, UNKNOWN, VERDICT
from treatment.judge.assessment import AssessmentCompleted
from treatment.judge.effects import BLOCK, Standing
from treatment.judge.guidance import HOLD, Guidance, Line, Modality
from treatment.judge.preparing import Facts, assessed_nodules, outside, prepare

Verdict = bool | None
Status = Literal["offered", "optional_unproven", "withheld", "blocked"]
BlockStatus = Literal["released", "withheld", "not_applicable"]

OFFERED: Final = frozenset({"offered", "optional_unproven"})
CLEAR, CAUTION, FOUND, ASK, ABSENT = (
    "checked_clear", "caution", "found", "unknown_ask", "not_assessed",
)  # fmt: skip
_IF_FOUND: Final = {TRUE: FOUND, UNKNOWN: ASK, FALSE: CLEAR}
_IF_CAUTION: Final = {TRUE: CAUTION, UNKNOWN: ASK, FALSE: CLEAR}
NOT_STATED: Final = "not_stated"  # clear, because there was nothing to hold against a limit


@dataclass(frozen=True)
class Case:
    """What is judged.

    Attributes:
        assessment: The decision of diagnosis.
        facts: Flat facts of the same revision; dates are days ago.
        on: The date that rules are judged by.
        previous: Flat facts of the revision before; None if there was none.
    """

    assessment: AssessmentCompleted
    facts: Facts
    on: dt.date
    previous: Facts | None = None


class Judgement:
    """The verdicts of all rules about one case, and what follows from them.

    Attributes:
        guidance: What it is judged by.
        evaluation: The verdicts.
        proposed: Whether diagnosis proposes a diagnostic block.
    """

    def __init__(self, guidance: Guidance, evaluation: Evaluation, *, proposed: Verdict) -> None:
        self.guidance = guidance
        self.evaluation = evaluation
        self.proposed = proposed
        self._standings: dict[str, dict[str, str]] = {}

    def verdict(self, name: str) -> Verdict:
        """Looks up a rule or a definition; what is not in force is unknown."""
        place = self.guidance.places.get(name)
        return None if place is None else VERDICT[self.evaluation.state[place]]

    def fact(self, name: str) -> Any:
        """Looks up a fact; None is unknown."""
        return self.evaluation.facts.get(name)

    @property
    def locked(self) -> bool:
        """Whether a red flag locks everything."""
        return self.verdict(self.guidance.roles.lock) is True

    @property
    def held(self) -> bool:
        """Whether a red flag is on hold."""
        return self.verdict(HOLD) is True

    def contraindication(self, rule: str, treatment: str) -> str:
        """Says how a contraindication stands against a treatment, in one of five words."""
        if rule not in self.guidance.rules:
            return ABSENT
        effect = self.guidance.effects.get((rule, treatment), BLOCK)
        if effect.how == "block":
            return _word(self.verdict(rule), FOUND)
        if effect.how == "caution":
            return _word(self.verdict(rule), CAUTION)
        blocks = self.verdict(effect.condition)
        if effect.how == "block_only_if" or blocks is not False:
            return _word(blocks, FOUND)
        return _word(self.verdict(rule), CAUTION)

    def standings(self, treatment: str) -> dict[str, str]:
        """Says how each contraindication of a treatment stands against it, in one of five words."""
        if treatment not in self._standings:
            state = self.evaluation.state
            found = self.guidance.standings[treatment]
            self._standings[treatment] = {one.rule: _stands(one, state) for one in found}
        return self._standings[treatment]

    def consent(self, treatment: str) -> Verdict:
        """Whether the patient agrees to this treatment."""
        agreed: Verdict = self.fact(f"consent.{treatment}")
        return agreed

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """The status of each treatment."""
        modalities = self.guidance.modalities
        if self.locked or self.held:
            return dict.fromkeys((one.code for one in modalities), "blocked")
        return {one.code: self._unlocked(one) for one in modalities}

    def status(self, modality: Modality) -> Status:
        """Says whether a treatment is offered, optional, withheld or blocked."""
        return "blocked" if self.locked or self.held else self._unlocked(modality)

    def _unlocked(self, modality: Modality) -> Status:
        return self.status_by(modality, self.evaluation.state)

    def status_by(self, modality: Modality, state: Sequence[Any]) -> Status:
        """Says the status of a treatment by these verdicts, while nothing locks or holds."""
        code = modality.code
        forbid, answer, gates, number = self.guidance.readers[code]
        if TRUE in forbid(state):
            return "blocked"
        agreed = self.evaluation.facts.get(f"consent.{code}") is True
        open_ = agreed and self.guidance.needs[code].assessed and UNKNOWN not in answer(state)
        return modality.when_clear if open_ and gates(state).count(TRUE) == number else "withheld"

    def refused(self, code: str) -> bool:
        """Whether a treatment is out of the question: forbidden, or not wanted."""
        return self.statuses[code] == "blocked" or self.consent(code) is False

    def offers(self) -> Iterator[str]:
        """Names the treatments that are open."""
        return (code for code, status in self.statuses.items() if status in OFFERED)

    @cached_property
    def step_place(self) -> int:
        """Finds where in the order of steps the line stands; the last holds if nothing locks."""
        state = self.evaluation.state
        return next(
            index
            for index, (line, place, code) in enumerate(self.guidance.line_places)
            if state[place] == code and not self._passed_over(line)
        )

    @cached_property
    def step(self) -> tuple[Line, bool]:
        """Finds the line that stands, and whether its treatment still waits for answers."""
        line = self.guidance.line_places[self.step_place][0]
        return line, self._waits(line)

    def _passed_over(self, line: Line) -> bool:
        if line.unless_refused and all(self.refused(code) for code in line.unless_refused):
            return True
        return bool(line.needs_offer) and set(self.offers()).isdisjoint(line.needs_offer)

    def _waits(self, line: Line) -> bool:
        return bool(line.unless_refused) and set(self.offers()).isdisjoint(line.unless_refused)

    @property
    def step_code(self) -> str:
        """The step in one word."""
        line, waits = self.step
        return line.waiting_code if waits and line.waiting_code else line.code

    @cached_property
    def conclusions(self) -> dict[str, str]:
        """Everything that an unknown finding could still change, by name."""
        block = {"diagnostic_block": block_status(self)}
        return {
            "step": self.step_code,
            **{f"modality:{k}": v for k, v in self.statuses.items()},
            **block,
        }


def _stands(one: Standing, state: Sequence[Any]) -> str:
    if one.place is None:
        return ABSENT
    if one.how == "block":
        return _IF_FOUND[state[one.place]]
    if one.how == "caution":
        return _IF_CAUTION[state[one.place]]
    blocks = UNKNOWN if one.condition is None else state[one.condition]
    if one.how == "block_only_if" or blocks != FALSE:
        return _IF_FOUND[blocks]
    return _IF_CAUTION[state[one.place]]


def _word(verdict: Verdict, when_true: str) -> str:
    return ASK if verdict is None else when_true if verdict else CLEAR


def block_status(judgement: Judgement) -> BlockStatus:
    """Says whether the diagnostic block that diagnosis proposes is released."""
    if judgement.proposed is False:
        return "not_applicable"
    return "released" if judgement.verdict(judgement.guidance.roles.block) is True else "withheld"


def evaluate(case: Case, guidance: Guidance) -> Judgement:
    """Judges a case by the guidance in force."""
    facts = prepare(case.assessment, case.facts, guidance) | _signs_before(case, guidance)
    external = outside(case.assessment, guidance.roles)
    evaluation = guidance.compiled.evaluate(facts, external)
    return Judgement(guidance, evaluation, proposed=external.get(guidance.roles.block_proposed))


def _signs_before(case: Case, guidance: Guidance) -> dict[str, bool]:
    """Which signs the revision before had; in a first one all, so that nothing is new."""
    if case.previous is None:
        return dict.fromkeys(guidance.signs, True)
    then = {name: value for name, value in case.previous.items() if value is not None}
    nodules = assessed_nodules(case.assessment, then)
    state = guidance.compiled.evaluate(
        then if nodules is None else then | {"assessed_nodules": nodules}
    ).state
    return {name: state[place] == TRUE for name, place in guidance.signs.items()}
