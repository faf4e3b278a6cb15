"""What two judged cases are compared by: category, likelihood, red flags, differentials."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from diagnosis.judge.likelihood import Likelihood
from diagnosis.judge.red_flags import grade_of
from diagnosis.judge.ruleset import CATEGORY_LOCKED, TRUE, RulesInForce
from diagnosis.judge.tables import Read
from rules import Evaluation

Change = tuple[str, str]  # a conclusion, and the code of what it would become
Changes = tuple[Change, ...]

POSSIBLE = "possible likelihoods"
INACTIVE = "inactive"
LISTED = "listed"
UNLISTED = "unlisted"


class Conclusions(NamedTuple):
    """What can be compared of a judged case.

    Attributes:
        likelihood: the whole answer.
        flags: the effect of each active flag, by the name of the conclusion.
        differentials: the names of those that are listed.
        locked: whether a flag locks that was not looked at.
    """

    likelihood: Likelihood
    flags: Mapping[str, str]
    differentials: Sequence[str]
    locked: bool

    @property
    def category(self) -> str:
        """The likelihood, unless a flag locks."""
        locked = self.locked or "lock" in self.flags.values()
        return CATEGORY_LOCKED if locked else self.likelihood.answer


def conclusions(
    rules: RulesInForce, evaluation: Evaluation, found: Likelihood, read: Read, *, locked: bool
) -> Conclusions:
    """Reduce a judged case to what can be compared.

    Args:
        rules: the rules in force.
        evaluation: their verdicts.
        found: the likelihood that they lead to.
        read: which flags and differentials to look at.
        locked: whether another flag locks.
    """
    state = evaluation.state
    listed = [name for name, place in read.differentials if state[place] == TRUE]
    return Conclusions(found, effects(rules, evaluation, read), listed, locked)


def effects(rules: RulesInForce, evaluation: Evaluation, read: Read) -> dict[str, str]:
    """Return the effect of each active flag."""
    state = evaluation.state
    return {
        name: grade_of(rules, evaluation, flag).effect
        for name, place, flag in read.flags
        if state[place] == TRUE
    }


def differences(now: Conclusions, then: Conclusions) -> Changes:
    """List the conclusions that differ; a new likelihood says enough about the range."""
    changed: list[Change] = []
    if now.category != then.category:
        changed.append(("category", then.category))
    if now.likelihood.answer != then.likelihood.answer:
        changed.append(("likelihood", then.likelihood.answer))
    elif now.likelihood.possible != then.likelihood.possible:
        changed.append((POSSIBLE, " ".join(then.likelihood.possible)))
    was, becomes = now.flags, then.flags
    for name, effect in was.items():
        if becomes.get(name) != effect:
            changed.append((name, becomes.get(name, INACTIVE)))
    changed += [(name, UNLISTED) for name in now.differentials if name not in then.differentials]
    changed += [(name, effect) for name, effect in becomes.items() if name not in was]
    changed += [(name, LISTED) for name in then.differentials if name not in now.differentials]
    return tuple(changed)
