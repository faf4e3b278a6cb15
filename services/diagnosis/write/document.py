"""The full document of an assessment, written on request; it never changes."""

from typing import Any

from diagnosis.judge.decision import Decision
from diagnosis.judge.likelihood import answer_for
from diagnosis.judge.names import readable
from diagnosis.judge.preparing import Facts
from diagnosis.judge.red_flags import withheld
from diagnosis.judge.ruleset import EVALUATOR, VERDICT, RulesInForce
from diagnosis.judge.what_if import missing_findings
from diagnosis.write import summary
from diagnosis.write.case import Case
from diagnosis.write.citations import cited
from diagnosis.write.differentials import describe_differentials
from diagnosis.write.examinations import decided_by, describe_examinations
from diagnosis.write.missing import describe_missing
from diagnosis.write.reasons import describe_reasons
from diagnosis.write.red_flags import describe_flags
from rules.language.sentences import Sentences


def document(
    decision: Decision, facts: Facts, rules: RulesInForce, sentences: Sentences
) -> dict[str, Any]:
    """Write the document of a decision: the same arguments give the same bytes.

    What the decision does not hold (every missing finding, what each could change) is judged again.

    Args:
        decision: what was decided.
        facts: flat facts as recorded.
        rules: the rules that it was decided by, in force on its date.
        sentences: the wording of its day.
    """
    head = {
        "kind": "assessment",
        "case_id": decision.case_id,
        "revision": decision.revision,
        "on": decision.on,
    }
    return head | _document(Case.of(facts, rules, sentences))


def _document(case: Case) -> dict[str, Any]:
    rules, evaluation, likelihood = case.rules, case.evaluation, case.evaluated.likelihood
    flags = describe_flags(case)
    findings = missing_findings(rules, evaluation, case.recorded, likelihood)
    block = evaluation.verdict(rules.roles.block_proposal)
    body = {
        "category": case.evaluated.category,
        "likelihood": likelihood.answer,
        "provisional": _provisional(case),
        "red_flags": flags,
        "reasons": describe_reasons(case),
        "nodules": _nodules(case),
        "competing": VERDICT[rules.code(evaluation, rules.roles.competing)],
        "competitors": [name for name in rules.competitors if case.is_true(name)],
        "differentials": describe_differentials(case),
        "examinations": summary.deferring(describe_examinations(case, findings), flags),
        "proposals": {"diagnostic_block": block},
        "missing_findings": describe_missing(case, findings),
        "facts_used": _facts_used(case.recorded, rules),
        "facts_not_examined": _not_examined(case),
        "verdicts": evaluation.verdicts,
        "conclusions": _conclusions(case),
    }
    first = {"summary": summary.summary(rules, case.sentences, body)}
    return first | body | _imprint(case) | {"citations": cited(rules, body)}


def _provisional(case: Case) -> dict[str, Any] | None:
    possible = case.evaluated.likelihood.possible
    if len(possible) == 1:
        return None
    return {
        "lowest": possible[-1],
        "highest": possible[0],
        "possible": list(possible),
        "decided_by": decided_by(case),
    }


def _nodules(case: Case) -> list[dict[str, Any]]:
    rules = case.rules
    nodules = case.facts.get("nodules") or []
    fat = rules.roles.fat_on_imaging
    return [
        {
            "id": nodule["id"],
            "likelihood": answer_for(rules, reached.possible),
            "possible": [outcome for outcome in rules.order if outcome in reached.possible],
            "line": reached.line,
            "lowered_by": list(reached.lowered_by),
            "fat_on_imaging": VERDICT[rules.code(case.evaluation, fat, at)],
        }
        for at, (nodule, reached) in enumerate(
            zip(nodules, case.evaluated.likelihood.nodules, strict=True)
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


def _not_examined(case: Case) -> list[str]:
    """List the unanswered findings that could speak for a competing explanation."""
    rules = case.rules
    names = rules.compiled.undecided_facts(case.evaluation, of=rules.competitors)
    return readable(rules, case.facts, names)


def _conclusions(case: Case) -> dict[str, Any]:
    rules, evaluation, facts = case.rules, case.evaluation, case.facts
    lowered_by = list(case.evaluated.likelihood.lowered_by)
    present = facts.get("nodule_present")
    groups = withheld(case.evaluated.active)
    return {
        "lowered": bool(lowered_by),
        "lowered_by": lowered_by,
        "withheld": {group: list(names) for group, names in groups.items()},
        "objective_deficit": VERDICT[rules.code(evaluation, rules.roles.objective_deficit)],
        "neurology_recorded": not case.is_true(rules.roles.neurology_missing),
        "definite_nodule": present == "definite" if "nodule_present" in facts else None,
    }


def _imprint(case: Case) -> dict[str, Any]:
    ruleset = case.rules.ruleset
    return {
        "evidence_note": case.text("imprint.evidence_note"),
        "sign_off": case.text("imprint.sign_off"),
        "limits": summary.limits(case),
        "ruleset": {
            "version": ruleset.version,
            "sha256": ruleset.sha256,
            "evaluator": EVALUATOR,
        },
    }
