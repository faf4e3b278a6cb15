"""An active red flag names the findings that it rests on, and only these."""

from datetime import date

from diagnosis.domain import assess
from diagnosis.domain.ruleset import load_ruleset

RULES = load_ruleset()
ON = date(2026, 11, 22)


def found(rule: str, **facts: object) -> list[str]:
    flags = assess(facts, RULES, ON).document["red_flags"]["active"]
    return next(flag["found"] for flag in flags if flag["rule"] == rule)


def test_only_the_sign_that_is_present_is_named() -> None:
    facts = {"gain_after_care": "none", "weight_loss": False, "systemic_illness": False}

    assert found("RF-07", **facts) == ["Gain after four weeks of care: no gain"]


def test_a_number_is_named_with_its_unit() -> None:
    assert found("RF-08", max_temp_c=38.5) == ["Highest temperature: 38.5 °C"]


def test_a_finding_about_one_nodule_is_named() -> None:
    nodules = [{"id": "a", "certainty": "definite", "size_long_mm": 60}]

    assert found("RF-11", nodules=nodules) == ["Longest diameter: 60 mm"]


def test_both_numbers_of_a_comparison_are_named() -> None:
    labs = [{"test": "crp", "value": 20, "upper_limit": 5}]

    assert found("RF-08", labs=labs) == [
        "Test: CRP",
        "Value: 20",
        "The laboratory's own upper limit: 5",
    ]
