"""Lists, one case, the vocabulary, the description."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate as validate_openapi

from intake.routes import ROUTES, examples
from intake.schemas import VOCABULARY


def test_cases_are_listed_newest_first_in_pages(intake):
    made = [intake.post(examples.CASE).json["case_id"] for _ in range(5)]
    listed, path = [], "/v1/cases?limit=2"
    while path:
        answer = intake.get(path)
        listed += [case["case_id"] for case in answer.json["cases"]]
        link = answer.headers.get("Link", "")
        path = link[1 : link.index(">")] if link else ""
    assert listed == made[::-1]


def test_the_list_can_be_asked_for_one_patient(intake):
    intake.post(examples.CASE | {"reference": "A 1"})
    wanted = intake.post(examples.CASE | {"reference": "B 2"}).json["case_id"]
    listed = intake.get("/v1/cases?reference=B%202").json["cases"]
    assert [(case["case_id"], case["reference"]) for case in listed] == [(wanted, "B 2")]


@pytest.mark.parametrize("cursor", ["!", "bm90", "WzFd"])
def test_a_cursor_that_is_not_ours_is_refused(intake, cursor):
    answer = intake.get(f"/v1/cases?cursor={cursor}")
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/invalid-cursor")


def test_an_unknown_filter_is_refused(intake):
    assert intake.get("/v1/cases?colour=red").status_code == 400


def test_a_case_shows_what_was_recorded_and_what_is_awaited(intake):
    case_id = intake.post(examples.CASE).json["case_id"]
    answer = intake.get(f"/v1/cases/{case_id}")
    assert answer.headers["ETag"].startswith('"1.submitted.json.')
    shown = answer.json
    assert shown["reference"] == "example-1"
    assert shown["case"]["patient"] == examples.CASE["patient"]
    assert shown["progress"]["waiting_for"] == "assessment"
    assert not {"brief", "assessment", "plan"} & shown.keys()
    assert shown["links"]["plan"] == f"/v1/cases/{case_id}/plan"
    assert shown["links"]["plan_document"] == f"/v1/cases/{case_id}/revisions/1/plan"


def test_revisions_are_listed_newest_first_in_pages(intake):
    case_id = intake.post(examples.CASE).json["case_id"]
    for revision in (1, 2):
        intake.patch(case_id, {"pain": {"pain_nrs_now": revision}}, revision)
    page = intake.get(f"/v1/cases/{case_id}/revisions?limit=2")
    assert [entry["revision"] for entry in page.json["revisions"]] == [3, 2]
    assert [entry["contact"] for entry in page.json["revisions"]] == ["correction"] * 2
    link = page.headers["Link"]
    (last,) = intake.get(link[1 : link.index(">")]).json["revisions"]
    assert (last["revision"], last["contact"]) == (1, "first")


def test_an_unknown_case_is_404_with_a_problem(intake):
    answer = intake.get("/v1/cases/nobody")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_the_vocabulary_names_every_fact_and_its_range(intake):
    answer = intake.get("/v1/vocabulary")
    named = {
        fact["name"]: fact
        for section in answer.json["sections"]
        for fact in section.get("fact", ())
    }
    assert answer.json["digest"] == VOCABULARY.digest
    assert (named["age_years"]["minimum"], named["age_years"]["maximum"]) == (0, 120)
    assert all(fact.get("range_source") for fact in named.values() if "maximum" in fact)


def test_the_vocabulary_says_how_a_case_is_written(intake):
    instructions = " ".join(intake.get("/v1/vocabulary").json["how_to"])
    assert all(
        word in instructions for word in ('"reference"', "`codes`", '"others": false', "null")
    )


def test_a_missing_reference_is_explained_in_words(intake):
    (fault,) = intake.post({}).json["errors"]
    assert fault["detail"].startswith("Missing: The clinic's own name for the patient")
    assert "pattern" not in fault["allowed"]


def test_a_scope_opens_its_own_doors_only(intake):
    reads = intake.keys.token(scope="cases:read")
    for method, path in (("POST", "/v1/cases"), ("GET", "/v1/vocabulary")):
        answer = intake.client.open(
            path, method=method, json={}, headers={"Authorization": f"Bearer {reads}"}
        )
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/missing-scope")


def test_the_version_names_the_vocabulary(intake):
    assert intake.get("/v1/version").json["vocabulary"] == VOCABULARY.digest


def test_intake_is_ready_without_a_broker(intake):
    intake.broker.close()
    for probe in ("/livez", "/readyz", "/startupz"):
        assert intake.client.get(probe).status_code == 200


def test_the_description_is_valid_and_its_examples_are_accepted(intake):
    description = intake.client.get("/openapi.json").json
    validate_openapi(description)
    case_id = intake.post(examples.CASE).json["case_id"]
    posted = 0
    for route in (route for part in ROUTES for route in part.all if route.body is not None):
        for example in route.examples.values():
            revision = intake.get(f"/v1/cases/{case_id}").json["revision"]
            sent = {"If-Match": f'"{revision}"', "Idempotency-Key": f"example-{posted}"}
            path = route.rule.replace("<case_id>", case_id)
            answer = intake.client.open(
                path, method=route.method, json=example, headers=intake.headers(**sent)
            )
            stores = not route.rule.endswith(":prepare")
            assert answer.status_code == (202 if stores else 200), (route.rule, answer.text)
            posted += 1
    assert posted == 4


def test_the_published_examples_are_accepted_one_after_the_other(intake):
    folder = Path(__file__).parents[3] / "docs" / "examples"
    first, block, later = (
        json.loads((folder / f"bm01_{name}.json").read_text())
        for name in ("completed", "block", "follow_up")
    )
    case_id = intake.post(first).json["case_id"]
    assert intake.follow_up(case_id, block, 1).status_code == 202
    assert intake.follow_up(case_id, later, 2).status_code == 202
    instructions = intake.outgoing()[-1]["data"]["facts"]
    assert [contact["pain_nrs_now"] for contact in instructions["contacts"]] == [7, 2, 0]
    assert instructions["care"]["earlier_blocks"] == "recorded"
    assert instructions["pain"]["pain_nrs_now"] == 0


def test_the_findings_of_an_earlier_revision_can_be_read_back(intake):
    case_id = intake.post(examples.CASE).json["case_id"]
    intake.patch(case_id, {"pain": {"pain_nrs_now": 3}}, 1)
    first = intake.get(f"/v1/cases/{case_id}/revisions/1")
    assert first.headers["ETag"].startswith('"1.')
    assert (first.json["revision"], first.json["newest_revision"]) == (1, 2)
    assert first.json["contact"] == "first"
    assert first.json["case"]["pain"] == {"pain_nrs_now": 6}
    newest = intake.get(f"/v1/cases/{case_id}").json
    assert newest["case"]["pain"] == {"pain_nrs_now": 3}
    assert intake.get(f"/v1/cases/{case_id}/revisions/2").json == newest
    assert first.json["revisions"] == newest["revisions"]


def test_each_revision_says_where_it_can_be_read_back(intake):
    case_id = intake.post(examples.CASE).json["case_id"]
    for number in range(1, 24):
        intake.patch(case_id, {"pain": {"pain_nrs_now": number % 2}}, number)
    listed = intake.get(f"/v1/cases/{case_id}/revisions?limit=100").json["revisions"]
    assert len(listed) == 24
    for entry in listed:
        assert intake.get(entry["links"]["revision"]).json["revision"] == entry["revision"]


@pytest.mark.parametrize("revision", [3, 0, "x", 2**31, 2**40, "-1"])
def test_a_revision_that_there_is_not_is_not_shown(intake, revision):
    case_id = intake.post(examples.CASE).json["case_id"]
    assert intake.get(f"/v1/cases/{case_id}/revisions/{revision}").status_code == 404


def test_a_revision_is_no_longer_chosen_by_a_parameter(intake):
    case_id = intake.post(examples.CASE).json["case_id"]
    assert intake.get(f"/v1/cases/{case_id}?revision=1").status_code == 400
