"""What treatment answers over HTTP."""

from typing import Any

import pytest
from tests.support.assessed import as_brief, as_decision
from tests.support.care import with_care

from treatment.routes import examples


def body(facts: Any, document: Any, **more: Any) -> dict[str, Any]:
    assessment = {"decision": as_decision(document), "brief": as_brief(document)}
    return {"on": "2026-11-22", "facts": facts, "assessment": assessment} | more


def test_a_case_that_was_not_heard_of_is_not_yet_planned(treatment: Any) -> None:
    answer = treatment.plan()
    assert answer.status_code == 404
    assert answer.json["type"] == "/problems/not-yet-planned"
    assert answer.headers["Retry-After"] == "1"


def test_a_plan_is_had_by_naming_its_revision_and_never_changes(treatment: Any) -> None:
    treatment.tell()
    treatment.tell(revision=2)
    treatment.hear()
    first, second = treatment.plan(), treatment.plan(revision="2")
    assert (first.json["revision"], second.json["revision"]) == (1, 2)
    assert treatment.plan(revision="3").status_code == 404
    assert set(first.headers["Cache-Control"].split(", ")) == {
        "private", "immutable", "max-age=31536000",
    }  # fmt: skip
    tag = first.headers["ETag"]
    assert treatment.plan().headers["ETag"] == tag
    assert treatment.plan(Accept="text/plain").headers["ETag"] != tag
    again = treatment.plan(**{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_another_clinic_sees_nothing(treatment: Any) -> None:
    treatment.tell()
    treatment.hear()
    assert treatment.plan(tenant="other").status_code == 404


def test_the_explanation_comes_on_request(treatment: Any) -> None:
    treatment.tell()
    treatment.hear()
    plan = treatment.plan().json
    assert "explanation" not in plan
    trees = treatment.plan(query="?expand=explanation").json["explanation"]
    assert {rule: tree["verdict"] for rule, tree in trees.items()} == plan["verdicts"]


def test_an_explanation_uses_the_guidance_of_its_day(treatment: Any) -> None:
    treatment.tell()
    treatment.hear()
    with treatment.database.write() as connection:
        connection.exec_driver_sql("UPDATE plans SET guidance_sha256 = 'older'")
        connection.exec_driver_sql(
            "INSERT INTO guidance SELECT 'older', version, content, first_run_at FROM guidance"
        )
    assert "CI-01" in treatment.plan(query="?expand=explanation").json["explanation"]


def test_the_plan_reads_as_text(treatment: Any) -> None:
    treatment.tell()
    treatment.hear()
    answer = treatment.plan(Accept="text/plain")
    assert answer.content_type.startswith("text/plain")
    assert answer.text.startswith("PLAN, case ")
    places = [answer.text.index(title) for title in ("STEP", "TREATMENTS", "FOLLOW-UP", "SOURCES")]
    assert places == sorted(places)
    assert max(map(len, answer.text.splitlines())) < 250


def test_a_locked_plan_reads_as_a_referral_and_nothing_else(treatment: Any, locked: Any) -> None:
    treatment.tell(assessment=locked)
    treatment.hear()
    text = treatment.plan(Accept="text/plain").text
    assert "Where: A hospital with round-the-clock MRI" in text
    assert "TREATMENTS" not in text
    assert "SELF-CARE" not in text


def test_evaluating_gives_the_stored_answer_without_storing(
    treatment: Any, facts: Any, assessment: Any
) -> None:
    treatment.tell()
    treatment.hear()
    (published,) = treatment.published()
    answer = treatment.evaluate(body(facts, assessment))
    sent = {name: published["data"][name] for name in ("decision", "brief")}
    assert answer.json == sent
    whole = treatment.evaluate(body(facts, assessment), "?expand=document").json
    assert whole["document"] == treatment.plan().json
    assert treatment.rows("SELECT count(*) FROM plans") == [(1,)]


def test_evaluating_takes_dates_and_days_ago(treatment: Any, facts: Any, assessment: Any) -> None:
    counted = with_care(facts | {"blocks": [{"performed_days_ago": 10, "nrs_before": 6}]})
    dated = counted | {"blocks": [{"performed_on": "2026-11-12", "nrs_before": 6}]}
    answers = [treatment.evaluate(body(case, assessment)).json for case in (dated, counted)]
    assert answers[0] == answers[1]
    assert answers[0]["decision"]["follow_up"][0]["on"] == "2026-11-26"


@pytest.mark.parametrize(
    ("case", "changed", "pointer"),
    [
        ({"patient": {"age_years": 500}}, {}, "/facts/patient/age_years"),
        ({"reference": "P-1"}, {}, "/facts/reference"),
        ({}, {}, "/facts/care"),
        ({"care": {"followed_up": "no"}}, {}, "/facts/care/followed_up"),
        ({"decisions": {"patient_goal": "private words"}}, {}, "/facts/decisions/patient_goal"),
        ({"blocks": [{"performed_on": "2026-11-23"}]}, {}, "/facts/blocks/0/performed_on"),
        ({}, {"assessment": {"kind": "plan"}}, "/assessment"),
        ({}, {"assessment": None}, "/assessment"),
    ],
)
def test_evaluating_names_the_place_of_each_fault(
    treatment: Any, assessment: Any, case: Any, changed: Any, pointer: str
) -> None:
    answer = treatment.evaluate(body(case, assessment, **changed))
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert "private words" not in answer.text


def test_evaluating_before_the_first_guidance_is_refused(
    treatment: Any, facts: Any, assessment: Any
) -> None:
    answer = treatment.evaluate(body(facts, assessment, on="2026-10-31"))
    assert answer.status_code == 422
    assert answer.json["type"] == "/problems/no-guidance-in-force"


def test_evaluating_explains_and_reads_as_text(treatment: Any, facts: Any, assessment: Any) -> None:
    sent = body(facts, assessment)
    assert {"document", "explanation"} < set(treatment.evaluate(sent, "?expand=explanation").json)
    assert treatment.evaluate(sent, Accept="text/plain").text.startswith("PLAN, case ")


def test_the_example_of_the_description_is_answered(treatment: Any) -> None:
    answer = treatment.evaluate(examples.EVALUATE)
    assert answer.status_code == 200
    assert answer.json["decision"]["step"]["code"] == "self_care"


def test_guidance_is_listed_in_pages(treatment: Any) -> None:
    first = treatment.get("/v1/guidance?limit=20")
    second = treatment.get(first.headers["Link"].split(">")[0].strip("<"))
    ids = [rule["id"] for page in (first, second) for rule in page.json["rules"]]
    assert ids == sorted(ids)
    wanted = [f"CI-{n:02d}" for n in range(1, 17)] + [f"FU-{n:02d}" for n in range(1, 11)]
    wanted += ["NE-05-plan", *(f"TX-{n:02d}" for n in range(1, 14))]
    assert ids == sorted(wanted)
    assert "Link" not in second.headers


def test_a_rule_of_guidance_is_shown_whole(treatment: Any) -> None:
    rule = treatment.get("/v1/guidance/CI-06").json
    assert rule["sign_off"] == "clinical sign-off: none yet"
    assert rule["versions"][0]["in_force"] == {"from": "2026-11-01", "to": None}
    read = {fact.partition("[")[0] for fact in rule["facts"]}
    assert read == {"anticoagulant", "bleeding_disorder", "inr", "labs"}
    assert "injection" in rule["treatments"]
    assert "url" in rule["citations"]["ScanDoctor"]
    assert treatment.get("/v1/guidance/ci-06").json == rule
    missing = treatment.get("/v1/guidance/CI-99")
    assert missing.status_code == 404
    assert "GET /v1/guidance" in missing.json["detail"]


def test_the_version_names_the_guidance(treatment: Any, facts: Any, assessment: Any) -> None:
    version = treatment.get("/v1/version").json["guidance"]
    answer = treatment.evaluate(body(facts, assessment)).json
    assert version == {name: answer["decision"]["guidance"][name] for name in ("version", "sha256")}


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/guidance", "cases:read"),
        ("/v1/guidance/CI-01", "cases:read"),
        ("/v1/cases/c/revisions/1/plan", "knowledge:read"),
    ],
)
def test_each_route_has_its_scope(treatment: Any, path: str, scope: str) -> None:
    assert treatment.get(path, scope=scope).status_code == 403
