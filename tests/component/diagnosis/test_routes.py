"""What diagnosis answers over HTTP."""

from typing import Any

import pytest


def test_a_case_that_was_not_heard_of_is_not_yet_assessed(diagnosis: Any) -> None:
    answer = diagnosis.assessment()
    assert answer.status_code == 404
    assert answer.json["type"] == "/problems/not-yet-assessed"
    assert answer.headers["Retry-After"] == "1"


def test_each_revision_has_its_assessment(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal)
    diagnosis.tell(minimal | {"pain": {"pain_nrs_now": 3}}, revision=2)
    diagnosis.hear()
    assert [diagnosis.assessment(revision=at).json["revision"] for at in (1, 2)] == [1, 2]
    late = diagnosis.assessment(revision=3)
    assert late.status_code == 404
    assert late.json["detail"].startswith("The newest revision here is 2.")


def test_another_clinic_sees_nothing(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    assert diagnosis.assessment(tenant="other").status_code == 404


def test_the_explanation_comes_on_request(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    assert "explanation" not in diagnosis.assessment().json
    trees = diagnosis.assessment(query="?expand=explanation").json["explanation"]
    assert trees["BC-02"]["verdict"] is None
    assert set(trees) == set(diagnosis.assessment().json["verdicts"])


def test_the_assessment_reads_as_text(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    answer = diagnosis.assessment(Accept="text/plain")
    assert answer.content_type.startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[0].startswith("ASSESSMENT, case ")
    headings = [line.split("   ")[0] for line in lines if line[:1].isupper() and line.isupper()]
    assert answer.text.index("RED FLAGS") < answer.text.index("LIKELIHOOD")
    assert "SOURCES" in headings


def test_evaluating_gives_the_stored_answer_without_storing(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    stored = diagnosis.assessment().json
    body = {"on": "2026-11-22", "facts": minimal}
    evaluated = diagnosis.evaluate(body, "?expand=document").json["document"]
    assert evaluated["case_id"] is None
    assert evaluated["revision"] is None
    head = {"case_id", "revision"}
    same = {name: value for name, value in stored.items() if name not in head}
    assert {name: value for name, value in evaluated.items() if name not in head} == same
    assert diagnosis.rows("SELECT count(*) FROM assessments") == [(1,)]


def test_evaluating_takes_dates_and_days_ago(diagnosis: Any, minimal: Any) -> None:
    dated = minimal | {"investigations": [{"kind": "mri", "performed_on": "2026-11-12"}]}
    counted = minimal | {"investigations": [{"kind": "mri", "performed_days_ago": 10}]}
    answers = [
        diagnosis.evaluate({"on": "2026-11-22", "facts": case}).json for case in (dated, counted)
    ]
    assert answers[0] == answers[1]


def test_evaluating_writes_out_what_was_denied_as_a_whole(diagnosis: Any, minimal: Any) -> None:
    denied = minimal | {"red_flags": {"new_signs_outside_legs": {"others": False}}}
    answer = diagnosis.evaluate({"on": "2026-11-22", "facts": denied}, "?expand=document").json[
        "document"
    ]
    assert answer["facts_used"]["new_signs_outside_legs.gait_change"] is False


@pytest.mark.parametrize(
    ("case", "pointer"),
    [
        ({"patient": {"age_years": 500}}, "/facts/patient/age_years"),
        ({"patient": {"shoe_size": 42}}, "/facts/patient/shoe_size"),
        ({"reference": "P-1"}, "/facts/reference"),
        ({"red_flags": {"cancer_type": "private words"}}, "/facts/red_flags/cancer_type"),
        ({"red_flags": {"fever": "yes"}}, "/facts/red_flags/fever"),
        ({"nodules": [{"site": "psis"}]}, "/facts/nodules/0/id"),
        (
            {"investigations": [{"performed_on": "2026-11-23"}]},
            "/facts/investigations/0/performed_on",
        ),
    ],
)
def test_evaluating_names_the_place_of_each_fault(
    diagnosis: Any, case: dict[str, Any], pointer: str
) -> None:
    answer = diagnosis.evaluate({"on": "2026-11-22", "facts": case})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert "private words" not in answer.text


def test_evaluating_before_the_first_ruleset_is_refused(diagnosis: Any, minimal: Any) -> None:
    answer = diagnosis.evaluate({"on": "2026-10-31", "facts": minimal})
    assert answer.status_code == 422
    assert answer.json["type"] == "/problems/no-rules-in-force"


def test_evaluating_explains_and_reads_as_text(diagnosis: Any, minimal: Any) -> None:
    body = {"on": "2026-11-22", "facts": minimal}
    assert "explanation" in diagnosis.evaluate(body, "?expand=explanation").json
    text = diagnosis.evaluate(body, Accept="text/plain").text
    assert text.startswith("ASSESSMENT, judged on 2026-11-22")


def test_the_rules_are_listed_in_pages(diagnosis: Any) -> None:
    first = diagnosis.get("/v1/rules?limit=30")
    second = diagnosis.get(first.headers["Link"].split(">")[0].strip("<"))
    ids = [rule["id"] for page in (first, second) for rule in page.json["rules"]]
    assert ids == sorted(ids)
    assert {"RF-01", "RF-17", "BC-15", "DD-12", "NE-09"} <= set(ids)
    assert "Link" not in second.headers


def test_a_rule_is_shown_whole(diagnosis: Any) -> None:
    rule = diagnosis.get("/v1/rules/BC-02").json
    assert rule["sign_off"] == "clinical sign-off: none yet"
    assert rule["versions"][0]["in_force"] == {"from": "2026-11-01", "to": None}
    assert "nodules[].tenderness" in rule["facts"]
    assert rule["citations"]["Bicket2016"]["pmid"] == "27008292"
    assert diagnosis.get("/v1/rules/bc-02").json == rule
    missing = diagnosis.get("/v1/rules/BC-99")
    assert missing.status_code == 404
    assert "GET /v1/rules" in missing.json["detail"]


def test_the_version_names_the_ruleset(diagnosis: Any, minimal: Any) -> None:
    version = diagnosis.get("/v1/version").json["ruleset"]
    answer = diagnosis.evaluate({"facts": minimal}).json["decision"]
    assert version == {name: answer["ruleset"][name] for name in ("version", "sha256")}


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/rules", "cases:read"),
        ("/v1/rules/BC-02", "cases:read"),
        ("/v1/cases/c/revisions/1/assessment", "knowledge:read"),
    ],
)
def test_each_door_has_its_scope(diagnosis: Any, path: str, scope: str) -> None:
    assert diagnosis.get(path, scope=scope).status_code == 403


def test_an_old_assessment_is_explained_by_the_rules_that_made_it(
    diagnosis: Any, minimal: Any
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    with diagnosis.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO rulesets SELECT 'old', version, content, 0 FROM rulesets"
        )
        connection.exec_driver_sql("UPDATE assessments SET ruleset_sha256 = 'old'")
    trees = diagnosis.assessment(query="?expand=explanation").json["explanation"]
    assert trees["RF-16"]["verdict"] is False


@pytest.mark.parametrize("value", [1, "2026-02-31", "yesterday"])
def test_a_date_that_is_none_is_refused(diagnosis: Any, value: Any) -> None:
    answer = diagnosis.evaluate({"on": value, "facts": {}})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/on"]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("patient", "age_years", 45.5),
        ("patient", "weight_kg", "70"),
        ("patient", "sex_at_birth", "unknown"),
        ("pain", "pain_map", {"groin": 1}),
    ],
)
def test_values_are_taken_as_they_are_or_refused(
    diagnosis: Any, section: str, name: str, value: Any
) -> None:
    answer = diagnosis.evaluate({"on": "2026-11-22", "facts": {section: {name: value}}})
    assert answer.status_code == 422


def test_null_means_unknown(diagnosis: Any) -> None:
    case = {"patient": {"age_years": None, "weight_kg": 70.5}, "nodules": None, "pain": None}
    answer = diagnosis.evaluate({"on": "2026-11-22", "facts": case}, "?expand=document")
    assert answer.status_code == 200
    assert "age_years" not in answer.json["document"]["facts_used"]


def test_a_full_assessment_is_kept_for_a_year_and_not_sent_twice(
    diagnosis: Any, minimal: Any
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    first = diagnosis.assessment()
    assert set(first.headers["Cache-Control"].split(", ")) == {
        "private", "immutable", "max-age=31536000",
    }  # fmt: skip
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = diagnosis.assessment(**{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert diagnosis.assessment(Accept="text/plain").headers["ETag"] != tag
    assert diagnosis.assessment(query="?expand=explanation").headers["ETag"] != tag


def test_evaluating_answers_decision_and_brief(diagnosis: Any, minimal: Any) -> None:
    body = {"on": "2026-11-22", "facts": minimal}
    assert set(diagnosis.evaluate(body).json) == {"decision", "brief"}
    assert "document" in diagnosis.evaluate(body, "?expand=document").json
