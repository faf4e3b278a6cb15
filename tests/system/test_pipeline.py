"""The index patient's course, through the gateway of the system as its users start it."""

from typing import Any

import pytest
from tests.system.product import Product, Reply, example

LOCATION = "location"
MOST_BYTES = 15_000


@pytest.fixture(scope="module")
def case(product: Product) -> Reply:
    answer = product.submit(example("bm01_completed"), key="the-road")
    assert answer.status == 200, answer.text
    return answer


def follow_up(product: Product, path: str, body: Any, key: str) -> Reply:
    etag = product.ask("GET", path).headers["etag"]
    answer = product.ask(
        "POST", f"{path}/follow-ups", body, Idempotency_Key=key, If_Match=etag, Prefer="wait=20"
    )
    assert answer.status == 200, answer.text
    return answer


def modality(plan: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(m for m in plan["modalities"] if m["modality"] == name)
    return found


def test_a_waiting_client_gets_assessment_and_plan_in_one_answer(case: Reply) -> None:
    whole = case.json()

    assert whole["assessment"]["likelihood"] == "PROBABLE"
    assert whole["plan"]["outcome"] == "recommended"
    assert whole["brief"]["kind"] == "plan"
    assert case.headers["preference-applied"] == "wait=20"


@pytest.mark.parametrize("body", [example("bm01_completed"), {"reference": "minimal"}])
def test_an_answer_is_small(product: Product, body: dict[str, Any]) -> None:
    waited = product.submit(body, key=f"small-{len(body)}")
    read = product.ask("GET", waited.headers[LOCATION])

    assert waited.status == 200
    assert max(len(waited.body), len(read.body)) <= MOST_BYTES


def test_before_its_block_the_index_case_is_probable_and_may_be_injected(
    product: Product, case: Reply
) -> None:
    path = f"{case.headers[LOCATION]}/revisions/1"
    assessment = product.ask("GET", f"{path}/assessment").json()
    plan = product.ask("GET", f"{path}/plan").json()

    assert assessment["category"] == "PROBABLE"
    assert assessment["red_flags"]["screen"]["sentence"] == "red-flag screen: 13 of 13"
    assert assessment["red_flags"]["locked"] is False
    assert assessment["sign_off"] == "clinical sign-off: none yet"
    assert modality(plan, "injection")["status"] == "offered"
    for unproven in ("laser", "tecar", "shockwave"):
        assert modality(plan, unproven)["status"] == "optional_unproven"


def test_every_sentence_of_an_answer_leads_to_a_rule_and_its_paper(
    product: Product, case: Reply
) -> None:
    path = f"{case.headers[LOCATION]}/revisions/1"
    assessment = product.ask("GET", f"{path}/assessment").json()

    for reason in assessment["reasons"]["for"] + assessment["reasons"]["against"]:
        rule = product.ask("GET", f"/v1/rules/{reason['rule']}")
        assert rule.status == 200, reason
        assert set(reason["sources"]) <= set(assessment["citations"])
        newest = rule.json()["versions"][-1]
        assert reason["sources"] or newest["strength"] == "project choice", reason


def test_after_block_and_follow_up_it_is_confirmed_and_a_responder(
    product: Product, case: Reply
) -> None:
    path = case.headers[LOCATION]

    block = follow_up(product, path, example("bm01_block"), "the-block").json()
    month = follow_up(product, path, example("bm01_follow_up"), "the-month").json()

    assert block["assessment"]["likelihood"] == "CONFIRMED"
    assert month["assessment"]["likelihood"] == "CONFIRMED"
    document = product.ask("GET", month["links"]["plan_document"]).json()
    assert document["outcome_of_care"]["result"] == "responder"


def test_the_first_answer_stays_as_it_was_given(product: Product, case: Reply) -> None:
    path = f"{case.headers[LOCATION]}/revisions/1"

    first = product.ask("GET", path).json()

    assert first["brief"] == case.json()["brief"]
    assert first["assessment"] == case.json()["assessment"]
    assert first["plan"] == case.json()["plan"]


def test_a_full_document_never_changes_and_says_so(product: Product, case: Reply) -> None:
    for kind in ("assessment", "plan"):
        address = case.json()["links"][f"{kind}_document"]
        first = product.ask("GET", address)
        again = product.ask("GET", address, If_None_Match=first.headers["etag"])

        assert first.status == 200
        assert "immutable" in first.headers["cache-control"]
        assert (again.status, again.body) == (304, b"")


def test_a_clinician_reads_one_screen_that_begins_with_what_to_do(
    product: Product, case: Reply
) -> None:
    text = product.ask("GET", case.headers[LOCATION], Accept="text/plain").text

    shown = text.splitlines()
    assert next(filter(None, shown[1:])).startswith("DO ")
    assert 0 < text.find("SAFE ") < text.find("LIKELY ")
    assert len(shown) <= 40
    assert max(map(len, shown)) <= 80


def test_the_stateless_answers_equal_the_stored_ones(product: Product) -> None:
    submission = example("bm01_completed")
    stored = product.submit(submission, key="stateless").json()
    body = {name: value for name, value in submission.items() if name != "reference"}

    prepared = product.ask("POST", "/v1/cases:prepare", body).json()
    assessed = product.ask("POST", "/v1/assessments:evaluate", prepared).json()

    named = {"case_id", "revision"}
    planned = product.ask("POST", "/v1/plans:evaluate", prepared | {"assessment": assessed}).json()
    for answer, name in ((assessed, "assessment"), (planned, "plan")):
        assert _without(answer["decision"], named) == _without(stored[name], named)
    assert _without(planned["brief"], named) == _without(stored["brief"], named)


def _without(document: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def test_a_client_that_asks_for_gzip_gets_less_and_304_while_nothing_changed(
    product: Product, case: Reply
) -> None:
    path = case.headers[LOCATION]
    plain = product.ask("GET", path)
    packed = product.ask("GET", path, Accept_Encoding="gzip")
    again = product.ask("GET", path, If_None_Match=packed.headers["etag"], Accept_Encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.body == plain.body  # it was unpacked on its way here
    assert int(packed.headers["content-length"]) < len(plain.body) / 2
    assert (again.status, again.body) == (304, b"")


def test_the_description_is_compressed_where_it_is_asked_for(product: Product) -> None:
    packed = product.ask("GET", "/openapi.json", token="", Accept_Encoding="gzip")
    plain = product.ask("GET", "/openapi.json", token="", Accept_Encoding="identity")

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.body == plain.body
    assert int(packed.headers["content-length"]) < len(plain.body) / 5


def test_a_new_finding_is_assessed_and_planned_anew(product: Product) -> None:
    first = product.submit(example("bm01_completed"), key="a-growing-lump")
    path = first.headers[LOCATION]

    patched = product.ask(
        "PATCH",
        path,
        {"red_flags": {"bladder_change": "new_under_14_days"}},
        If_Match='"1"',
        Prefer="wait=20",
    )

    assert patched.status == 200, patched.text
    whole = patched.json()
    assert whole["assessment"]["category"] == "OUT-OF-SCOPE-RED-FLAG"
    assert whole["assessment"]["likelihood"] == "PROBABLE"
    assert whole["assessment"]["headline"]["urgency"] == "emergency"
    assert whole["brief"]["action"]["urgency"] == "emergency"
    assert whole["plan"]["outcome"] == "withheld"
    plan = product.ask("GET", whole["links"]["plan_document"]).json()
    assert plan["referral"]["how_fast"]
    assert {m["status"] for m in plan["modalities"]} == {"blocked"}


def test_a_case_without_any_finding_is_answered_with_the_first_questions(product: Product) -> None:
    answer = product.submit({"reference": "nothing-known"}, key="nothing-known").json()
    links = answer["links"]
    assessment = product.ask("GET", links["assessment_document"]).json()
    plan = product.ask("GET", links["plan_document"]).json()

    assert assessment["category"] == "NOT-ASSESSABLE"
    assert assessment["red_flags"]["screen"]["sentence"] == "red-flag screen: 0 of 13"
    assert assessment["examinations"]
    assert 1 <= len(answer["brief"]["ask_next"]) <= 3
    assert plan["step"]["code"] == "self_care"
    assert not [m for m in plan["modalities"] if m["status"] in {"offered", "optional_unproven"}]
