"""The classes that describe full documents and briefs say what is written, and nothing else."""

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from tests.knowledge import generated_cases
from tests.support.assessing import assess
from tests.support.care import with_flat_care
from tests.support.planning import plan

from diagnosis.schemas.documents import AssessmentDocument
from diagnosis.write import explain
from intake.case import Findings, tidy
from rules import Vocabulary
from rules.catalogue.serving.explanations import ConditionTree
from treatment.judge import load_guidance
from treatment.schemas.documents import PlanDocument

ROOT = Path(__file__).parents[3]
ON = dt.date(2026, 11, 22)
NUMBER = 40
COPIES = ("intake/brief.py", "diagnosis/write/brief.py", "treatment/write/brief.py")
RULES = generated_cases.RULESET
GUIDANCE = load_guidance()
FINDINGS = Findings(Vocabulary.load(ROOT / "services" / "intake" / "knowledge" / "facts"))


def prepared(name: str, **more: Any) -> dict[str, Any]:
    """The facts of an example, as events carry them."""
    body = json.loads((ROOT / "docs" / "examples" / f"{name}.json").read_text())
    del body["reference"]
    return FINDINGS.outgoing(tidy(FINDINGS.answered(body | more)), ON)


CASES = {
    "the README's patient": prepared("bm01_completed"),
    "nothing known": FINDINGS.outgoing({}, ON),
    "a red flag": prepared("bm01_completed", red_flags={"bladder_change": "new_under_14_days"}),
}


def test_the_three_briefs_are_spelled_alike() -> None:
    first, *others = ((ROOT / "services" / path).read_text() for path in COPIES)

    assert others == [first, first]


def test_every_generated_assessment_is_as_its_class_says() -> None:
    rules = RULES.in_force(ON)
    for _, facts in itertools.islice(generated_cases.cases(rules, NUMBER), NUMBER):
        reads_back(assess(with_flat_care(facts), RULES, ON).document, AssessmentDocument)


@pytest.mark.parametrize("name", CASES)
def test_assessment_plan_and_explanation_are_as_their_classes_say(name: str) -> None:
    facts = RULES.knowledge.vocabulary.flatten(CASES[name])
    reads_back(assess(facts, RULES, ON, case_id="c", revision=1).document, AssessmentDocument)
    reads_back(explain(facts, RULES.in_force(ON)), dict[str, ConditionTree])
    reads_back(plan(CASES[name], RULES, GUIDANCE, ON).document, PlanDocument)


def reads_back(document: Any, described: Any) -> None:
    """What a class makes of a document is the document: nothing is unnamed, nothing is added."""
    sent = orjson.dumps(document)
    again = msgspec.json.encode(msgspec.json.decode(sent, type=described))
    assert orjson.loads(again) == orjson.loads(sent)
