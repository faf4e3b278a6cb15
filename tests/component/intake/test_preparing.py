"""A case is turned into facts, and nothing is kept of it."""

import json
from pathlib import Path

import pytest

from chassis.http.validation import load
from diagnosis.schemas import EVALUATE
from treatment.schemas.evaluation import TAKEN

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
BODY = json.loads((EXAMPLES / "bm01_completed.json").read_text())


def prepared(intake, body, **more):
    return intake.client.post("/v1/cases:prepare", json=body, headers=intake.headers(**more))


def test_a_case_is_prepared_as_its_event_carries_it(intake):
    answer = prepared(intake, BODY | {"on": "2026-11-22"})
    assert answer.status_code == 200
    assert answer.json["on"] == "2026-11-22"
    facts = answer.json["facts"]
    assert facts["care"]["followed_up"] is False
    assert facts["care"]["body_mass_index"] == 24.8
    assert "reference" not in answer.text
    with intake.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cases").scalar() == 0


def test_what_is_prepared_is_what_the_judging_services_take(intake):
    body = {
        "contacts": [
            {"kind": "first", "happened_on": "2026-10-01", "pain_nrs_now": 7},
            {"kind": "follow_up", "happened_on": "2026-11-20", "pain_nrs_now": 3},
        ],
        "treatments_given": [{"modality": "injection", "performed_on": "2026-10-10"}],
        "decisions": {"patient_goal": "typed"},
    }
    facts = prepared(intake, body | {"on": "2026-11-22"}).json["facts"]
    assert facts["care"]["days_from_treatment_to_contact"] == 41
    assert "typed" not in json.dumps(facts)
    load(EVALUATE, {"facts": facts})
    flat = TAKEN.flatten(facts)
    assert (flat["baseline_nrs"], flat["follow_up_nrs"]) == (7, 3)


@pytest.mark.parametrize(
    ("body", "pointer", "kind"),
    [
        ({"patient": {"age_years": 500}}, "/patient/age_years", "validation-failed"),
        ({"care": {"followed_up": True}}, "/care/followed_up", "validation-failed"),
        ({"labs": [{"performed_on": "2026-11-23"}]}, "/labs/0/performed_on",
         "contradictory-findings"),
        ({"on": "22.11.2026"}, "/on", "validation-failed"),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_place(intake, body, pointer, kind):
    answer = prepared(intake, {"on": "2026-11-22"} | body)
    assert answer.status_code == 422
    assert answer.json["type"] == f"/problems/{kind}"
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_who_may_not_evaluate_may_not_prepare(intake):
    token = intake.keys.token(scope="cases:read")
    answer = prepared(intake, BODY, Authorization=f"Bearer {token}")
    assert answer.status_code == 403
