"""Every shape from or to the outside, the rules' own tables included."""

from diagnosis.schemas.evaluation import EVALUATE, EvaluateQuery, case_facts
from diagnosis.schemas.queries import AssessmentQuery, RuleListQuery
from diagnosis.schemas.rules import rule_faults, rule_summary, rule_view, rules_listed

__all__ = [
    "EVALUATE",
    "AssessmentQuery",
    "EvaluateQuery",
    "RuleListQuery",
    "case_facts",
    "rule_faults",
    "rule_summary",
    "rule_view",
    "rules_listed",
]
