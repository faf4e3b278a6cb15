"""A judged case: the verdicts, and what is read from them before it is written down."""

import dataclasses
import functools

from diagnosis.judge.likelihood import Likelihood, judge_likelihood
from diagnosis.judge.preparing import Facts, prepare
from diagnosis.judge.red_flags import ActiveFlag, active_flags
from diagnosis.judge.ruleset import CATEGORY_LOCKED, RulesInForce
from diagnosis.judge.screen import Screening, judge_screen
from rules import Evaluation


@dataclasses.dataclass(frozen=True)
class Evaluated:
    """A judged case before a decision is made of it."""

    evaluation: Evaluation
    active: list[ActiveFlag]
    likelihood: Likelihood
    screen: Screening

    @functools.cached_property
    def locked(self) -> bool:
        """Whether a red flag locks treatment."""
        return any(entry.effect == "lock" for entry in self.active)

    @property
    def category(self) -> str:
        """The likelihood, unless a red flag locks."""
        return CATEGORY_LOCKED if self.locked else self.likelihood.answer


def evaluate(facts: Facts, rules: RulesInForce) -> Evaluated:
    """Judge a case twice: what the first round decides are facts for the second."""
    first = rules.compiled.evaluate(prepare(facts))
    active = active_flags(rules, first)
    likelihood = judge_likelihood(rules, first)
    screen = judge_screen(rules, first, active)
    decided = {
        "screen_complete": screen.complete,
        "red_flag_active": bool(active),
        "red_flag_stops": any(entry.effect in {"lock", "hold"} for entry in active),
        "competitor_found": rules.is_true(first, rules.roles.competing),
        "likelihood": likelihood.answer,
    }
    return Evaluated(rules.compiled.with_facts(first, decided), active, likelihood, screen)
