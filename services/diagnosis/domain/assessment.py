"""The assessment: one pure function from facts, rules and a date to a finished document."""

import dataclasses
import datetime as dt
from typing import Any

from diagnosis.domain import wording
from diagnosis.domain.citations import cited
from diagnosis.domain.differentials import describe_differentials, differential_states
from diagnosis.domain.examinations import decided_by, describe_examinations
from diagnosis.domain.fitting import fitted
from diagnosis.domain.likelihood import Likelihood, answer_for, judge_likelihood
from diagnosis.domain.missing import missing_findings
from diagnosis.domain.naming import readable
from diagnosis.domain.preparing import Facts, prepare
from diagnosis.domain.reasons import describe_reasons
from diagnosis.domain.red_flags import ActiveFlag, active_flags, describe_flags, withheld
from diagnosis.domain.ruleset import (
    CATEGORY_LOCKED,
    EVALUATOR,
    FALSE,
    TRUE,
    UNKNOWN,
    Ruleset,
    RulesInForce,
)
from diagnosis.domain.screen import describe_screen
from rules import Evaluation

WORDS = {FALSE: False, UNKNOWN: None, TRUE: True}


@dataclasses.dataclass(frozen=True)
class Evaluated:
    """A judged case before it is written down."""

    evaluation: Evaluation
    active: list[ActiveFlag]
    likelihood: Likelihood
    screen: dict[str, Any]

    @property
    def locked(self) -> bool:
        """Whether a red flag locks treatment."""
        return any(entry.effect == "lock" for entry in self.active)

    @property
    def category(self) -> str:
        """The likelihood, unless a red flag locks."""
        return CATEGORY_LOCKED if self.locked else self.likelihood.answer


@dataclasses.dataclass(frozen=True)
class Assessment:
    """The finished document, the compact trace that can prove it later, and what they rest on."""

    document: dict[str, Any]
    trace: dict[str, Any]
    rules: RulesInForce
    evaluated: Evaluated


def assess(
    facts: Facts,
    ruleset: Ruleset,
    on: dt.date,
    *,
    case_id: str | None = None,
    revision: int | None = None,
) -> Assessment:
    """Assess a case: the same facts, rules and date give the same document, byte for byte.

    Args:
        facts: flat facts as recorded; what is missing is unknown.
        ruleset: all rules of all dates.
        on: the date that rules and ages are judged by.
        case_id: for the document; None when nothing is stored.
        revision: for the document; None when nothing is stored.

    Raises:
        NothingInForceError: no rule was in force on that date.
    """
    rules = ruleset.in_force(on)
    evaluated = evaluate(facts, rules)
    head = {
        "kind": "assessment",
        "case_id": case_id,
        "revision": revision,
        "on": on.isoformat(),
    }
    document = fitted(head | _document(facts, rules, evaluated))
    return Assessment(document, {}, rules, evaluated)


def evaluate(facts: Facts, rules: RulesInForce) -> Evaluated:
    """Judge a case twice: what the first round decides are facts for the second."""
    prepared = prepare(facts)
    first = rules.compiled.evaluate(prepared)
    active = active_flags(rules, first)
    likelihood = judge_likelihood(rules, first)
    screen = describe_screen(rules, first, active)
    decided = {
        "screen_complete": screen["complete"],
        "red_flag_active": bool(active),
        "red_flag_stops": any(entry.effect in {"lock", "hold"} for entry in active),
        "competitor_found": rules.is_true(first, "competing-explanation"),
        "likelihood": likelihood.answer,
    }
    second = rules.compiled.with_facts(first, decided)
    return Evaluated(second, active, likelihood, screen)


def _document(facts: Facts, rules: RulesInForce, evaluated: Evaluated) -> dict[str, Any]:
    evaluation, likelihood = evaluated.evaluation, evaluated.likelihood
    flags = describe_flags(rules, evaluation, evaluated.active, evaluated.screen)
    states = differential_states(rules, evaluation)
    missing = missing_findings(rules, evaluation, facts, likelihood)
    body = {
        "category": evaluated.category,
        "likelihood": likelihood.answer,
        "provisional": _provisional(rules, evaluated),
        "red_flags": flags,
        "reasons": describe_reasons(rules, evaluation, likelihood),
        "nodules": _nodules(rules, evaluated),
        "competing": WORDS[rules.code(evaluation, "competing-explanation")],
        "competitors": [name for name in rules.competitors if rules.is_true(evaluation, name)],
        "differentials": describe_differentials(rules, evaluation, states),
        "examinations": wording.deferring(
            describe_examinations(rules, evaluation, likelihood, evaluated.screen, missing), flags
        ),
        "proposals": {"diagnostic_block": WORDS[rules.code(evaluation, "NE-05")]},
        "missing_findings": missing,
        "facts_used": _facts_used(facts, rules),
        "facts_not_examined": _not_examined(rules, evaluation),
        "verdicts": evaluation.verdicts,
        "conclusions": _conclusions(rules, evaluated),
    }
    summary = {"summary": wording.summary(rules, body)}
    return summary | body | _imprint(rules, evaluation) | {"citations": cited(rules, body)}


def _provisional(rules: RulesInForce, evaluated: Evaluated) -> dict[str, Any] | None:
    possible = evaluated.likelihood.possible
    if len(possible) == 1:
        return None
    return {
        "lowest": possible[-1],
        "highest": possible[0],
        "possible": list(possible),
        "decided_by": decided_by(rules, evaluated.evaluation, evaluated.likelihood),
    }


def _nodules(rules: RulesInForce, evaluated: Evaluated) -> list[dict[str, Any]]:
    nodules = evaluated.evaluation.facts.get("nodules") or []
    return [
        {
            "id": nodule["id"],
            "likelihood": answer_for(rules, reached.possible),
            "possible": [outcome for outcome in rules.order if outcome in reached.possible],
            "line": reached.line,
            "lowered_by": list(reached.lowered_by),
            "fat_on_imaging": WORDS[rules.code(evaluated.evaluation, "fat-on-imaging", index)],
        }
        for index, (nodule, reached) in enumerate(
            zip(nodules, evaluated.likelihood.nodules, strict=True)
        )
    ]


def _facts_used(facts: Facts, rules: RulesInForce) -> dict[str, Any]:
    """Keep what the rules read of what was recorded, as it was recorded."""
    used: dict[str, Any] = {}
    for name in sorted(rules.read_names.intersection(facts)):
        value, fields = facts[name], rules.read_fields.get(name)
        if value is not None:
            used[name] = value if fields is None else [_only(element, fields) for element in value]
    return used


def _only(element: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name in fields and value is not None}


def _not_examined(rules: RulesInForce, evaluation: Evaluation) -> list[str]:
    """List the unanswered findings that could speak for a competing explanation."""
    names = rules.compiled.undecided_facts(evaluation, of=rules.competitors)
    return readable(rules, evaluation.facts, names)


def _conclusions(rules: RulesInForce, evaluated: Evaluated) -> dict[str, Any]:
    evaluation = evaluated.evaluation
    return {
        "lowered": bool(evaluated.likelihood.lowered_by),
        "lowered_by": list(evaluated.likelihood.lowered_by),
        "withheld": withheld(evaluated.active),
        "objective_deficit": WORDS[rules.code(evaluation, "objective-deficit")],
        "neurology_recorded": not rules.is_true(evaluation, "neurology-missing"),
        "definite_nodule": evaluation.facts.get("nodule_present") == "definite"
        if "nodule_present" in evaluation.facts
        else None,
    }


def _imprint(rules: RulesInForce, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "evidence_note": wording.EVIDENCE_NOTE,
        "sign_off": wording.SIGN_OFF,
        "limits": wording.limits(rules, evaluation),
        "ruleset": {
            "version": rules.ruleset.version,
            "sha256": rules.ruleset.sha256,
            "evaluator": EVALUATOR,
        },
    }
