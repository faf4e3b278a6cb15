"""An active red flag names the findings that it rests on, and only these."""

from datetime import date

from tests.support.assessing import assess

from diagnosis.judge.ruleset import load_ruleset

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


def test_a_finding_about_one_of_several_nodules_says_which_one() -> None:
    nodules = [
        {"id": "a", "certainty": "definite", "size_long_mm": 12},
        {"id": "b", "side": "left", "site": "flank", "size_long_mm": 70},
    ]
    where = "nodule b (left, flank, between the 12th rib and the crest)"

    assert found("RF-11", nodules=nodules) == [f"Longest diameter, {where}: 70 mm"]
    assert found("RF-12", nodules=nodules) == [
        f"Site, {where}: flank, between the 12th rib and the crest"
    ]


def test_a_result_says_of_which_of_several_nodules_it_is() -> None:
    result = {"kind": "ultrasound", "nodule_id": "b", "result": "non_fat"}
    nodules = [{"id": "a"}, {"id": "b"}]

    raised = found("RF-11", nodules=nodules, investigations=[result])

    assert "Result, nodule b: not plainly fat" in raised
    assert all(", nodule b: " in finding for finding in raised)


def test_what_is_not_about_a_nodule_names_none() -> None:
    facts = {"nodules": [{"id": "a"}, {"id": "b"}], "fever": True}

    assert found("RF-08", **facts) == ["Fever: yes"]


def test_both_numbers_of_a_comparison_are_named() -> None:
    labs = [{"test": "crp", "value": 20, "upper_limit": 5}]

    assert found("RF-08", labs=labs) == [
        "Test: CRP",
        "Value: 20",
        "The laboratory's own upper limit: 5",
    ]
