"""The explanation trees, rendered on request and never stored."""

from typing import Any

from diagnosis.judge.evaluated import evaluate
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ruleset import RulesInForce


def explain(facts: Facts, rules: RulesInForce) -> dict[str, Any]:
    """Show for every rule in force why its verdict came out.

    Args:
        facts: flat facts as recorded.
        rules: the rules of the assessment's date.

    Returns:
        A JSON tree for each rule id.
    """
    evaluation = evaluate(facts, rules).evaluation
    return {
        name: rules.compiled.explain(evaluation.facts, evaluation, name) for name in rules.rules
    }
