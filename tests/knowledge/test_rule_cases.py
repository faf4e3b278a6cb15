"""Every rule case, judged by the compiled rules; and what the linter says of each set."""

import pytest
from tests.knowledge.sets import SERVICES, rule_set
from tools.rules.__main__ import lint_findings
from tools.rules.cases import RuleCase, check, outcome


def all_cases() -> list[object]:
    return [
        pytest.param(service, case, id=f"{service} {case.subject}: {case.name}")
        for service in SERVICES
        for case in rule_set(service).cases()
    ]


@pytest.mark.parametrize(("service", "case"), all_cases())
def test_a_rule_says_what_its_case_expects(service: str, case: RuleCase):
    assert check(case, rule_set(service).knowledge) is None


@pytest.mark.parametrize(("service", "case"), all_cases())
def test_the_explanation_of_a_case_reaches_the_same_verdict(service: str, case: RuleCase):
    assert outcome(case, rule_set(service).knowledge) is case.expect


@pytest.mark.parametrize("service", SERVICES)
def test_the_linter_finds_nothing_in_a_rule_set(service: str):
    assert list(lint_findings(service)) == []
