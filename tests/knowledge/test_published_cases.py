"""The published patients, as published and completed, against what their sources expect."""

from datetime import date

import pytest
from tests.knowledge.published.answers import answer
from tests.knowledge.published.expectations import Answer, complaints
from tests.knowledge.published.reader import (
    BentFactError,
    Record,
    fill,
    nobody,
    patients,
    posted,
    published,
    with_perfect_nodule,
)

from intake.case import faults
from intake.schemas.requests import CASE, FINDINGS

RECORDS = published()
AS_PUBLISHED = [record for record in RECORDS if record.stage == "as_published"]
SERIOUS = [record for record in AS_PUBLISHED if record.serious]
TREATMENTS_OF_A_NODULE = ("needle", "energy", "manual")


def answers(record: Record) -> Answer:
    return answer(record.body, record.on)


def offers(found: Answer) -> set[str]:
    return set().union(*(found.offered(group) for group in TREATMENTS_OF_A_NODULE))


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_the_answer_is_as_the_source_expects(record: Record) -> None:
    assert list(complaints(record.expect, answers(record))) == []


@pytest.mark.parametrize("record", AS_PUBLISHED, ids=str)
def test_what_was_published_alone_never_earns_a_treatment_of_the_nodule(record: Record) -> None:
    found = answers(record)
    assert not found.flags["screen"]["complete"]
    assert offers(found) == set()


@pytest.mark.parametrize("record", AS_PUBLISHED, ids=str)
def test_what_is_missing_is_named(record: Record) -> None:
    found = answers(record)
    assert found.assessment["missing_findings"]
    assert found.assessment["examinations"]


@pytest.mark.parametrize("beside", [True, False], ids=["beside the lump", "onto the lump"])
@pytest.mark.parametrize("record", SERIOUS, ids=str)
def test_no_serious_disease_is_treated_as_a_nodule_whatever_else_is_perfect(
    record: Record, beside: bool
) -> None:
    found = answer(with_perfect_nodule(record, beside=beside), record.on)
    assert offers(found) == set()


def test_the_same_perfect_findings_earn_an_injection_where_nothing_serious_is_known() -> None:
    found = answer(with_perfect_nodule(nobody(), beside=False), date(2026, 11, 22))
    assert found.assessment["category"] == "PROBABLE"
    assert found.offered("needle") >= {"injection"}
    assert found.offered("energy")


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_there_is_one_likelihood_and_the_category_follows_the_lock(record: Record) -> None:
    found = answers(record).assessment
    locked = found["red_flags"]["locked"]
    assert found["category"] == ("OUT-OF-SCOPE-RED-FLAG" if locked else found["likelihood"])


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_clinic_could_post_every_record(record: Record) -> None:
    body = posted(record.body)
    assert CASE.validate({"reference": record.patient} | body) == {}
    assert list(faults(FINDINGS, body, record.on)) == []


@pytest.mark.parametrize("patient", patients().values(), ids=patients())
def test_every_patient_is_kept_as_published_and_completed_with_a_citation(patient) -> None:
    stages = {record["stage"] for record in patient["record"]}
    assert stages == {"as_published", "completed"}
    assert patient["citation"]
    assert patient["read"]
    assert patient["coding"]
    assert all(record["expect"] for record in patient["record"])


@pytest.mark.parametrize("patient", patients().values(), ids=patients())
def test_what_a_completed_record_adds_is_marked_as_assumed(patient) -> None:
    for record in patient["record"]:
        has = set(record)
        if record["stage"] == "completed":
            assert {"completes", "assumed"} <= has
            assert "facts" not in has
        else:
            assert "facts" in has
            assert "assumed" not in has


def test_an_assumption_that_contradicts_the_publication_is_refused() -> None:
    body = {"patient": {"age_years": 47}}
    with pytest.raises(BentFactError):
        fill(body, {"patient": {"age_years": 48}}, strict=True)
