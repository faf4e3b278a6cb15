"""The index patient's whole journey, through the gateway of the system as its users start it."""

from typing import Any

import pytest
from tests.system.product import Product, Reply, eventually, example

LOCATION = "location"
USUAL_BYTES = 42 * 1024


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
    assert case.headers["preference-applied"] == "wait=20"


def test_a_usual_case_with_all_its_answers_is_a_short_document(
    product: Product, case: Reply
) -> None:
    whole = product.ask("GET", f"{case.headers[LOCATION]}")

    assert whole.json()["plan"]["modalities"]
    assert len(whole.body) < USUAL_BYTES


def test_before_its_block_the_index_case_is_probable_and_may_be_injected(
    product: Product, case: Reply
) -> None:
    path = case.headers[LOCATION]
    assessment = product.ask("GET", f"{path}/assessment?revision=1").json()
    plan = product.ask("GET", f"{path}/plan?revision=1").json()

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
    path = case.headers[LOCATION]
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
    assert month["plan"]["outcome_of_care"]["result"] == "responder"


def test_the_first_answer_stays_as_it_was_given(product: Product, case: Reply) -> None:
    path = case.headers[LOCATION]
    revisions = eventually(
        lambda: product.ask("GET", f"{path}/revisions").json()["revisions"], "the revisions"
    )

    first = product.ask("GET", f"{path}/assessment?revision=1")

    assert revisions
    assert first.json() == case.json()["assessment"]
    assert first.headers["etag"] == '"1"'


def test_intake_serves_the_bytes_that_the_owner_serves(product: Product, case: Reply) -> None:
    path = case.headers[LOCATION]

    for kind in ("assessment", "plan"):
        owned = product.ask("GET", f"{path}/{kind}?revision=1").body
        assert owned in case.body, kind


def test_a_clinician_reads_text_that_begins_with_what_must_not_be_missed(
    product: Product, case: Reply
) -> None:
    path = case.headers[LOCATION]

    text = product.ask("GET", f"{path}/assessment", Accept="text/plain").text

    assert (
        0
        <= text.lower().find("red flag")
        < text.find("CONFIRMED" if "CONFIRMED" in text else "PROBABLE")
    )


def test_the_stateless_answers_equal_the_stored_ones(product: Product, case: Reply) -> None:
    body = {name: value for name, value in example("bm01_completed").items() if name != "reference"}
    stored = case.json()

    on = stored["assessment"]["on"]
    prepared = product.ask("POST", "/v1/cases:prepare", {"on": on, **body}).json()
    case_facts = {"on": on, "case": prepared["facts"]}
    assessment = product.ask("POST", "/v1/assessments:evaluate", case_facts).json()
    plan = product.ask(
        "POST", "/v1/plans:evaluate", {**case_facts, "assessment": assessment}
    ).json()

    named = {"case_id", "revision"}
    for evaluated, kept in ((assessment, stored["assessment"]), (plan, stored["plan"])):
        assert {k: v for k, v in evaluated.items() if k not in named} == {
            k: v for k, v in kept.items() if k not in named
        }


def test_a_new_finding_travels_the_road_again(product: Product) -> None:
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
    documents = patched.json()
    assert documents["assessment"]["category"] == "OUT-OF-SCOPE-RED-FLAG"
    assert documents["assessment"]["likelihood"] == "PROBABLE"
    assert documents["assessment"]["red_flags"]["headline"]["urgency"] == "emergency"
    assert documents["plan"]["outcome"] == "withheld"
    assert documents["plan"]["referral"]["how_fast"]
    assert {m["status"] for m in documents["plan"]["modalities"]} == {"blocked"}


def test_a_case_without_any_finding_is_answered_with_the_first_questions(product: Product) -> None:
    answer = product.submit({"reference": "nothing-known"}, key="nothing-known").json()
    assessment, plan = answer["assessment"], answer["plan"]

    assert assessment["category"] == "NOT-ASSESSABLE"
    assert assessment["red_flags"]["screen"]["sentence"] == "red-flag screen: 0 of 13"
    assert assessment["examinations"]
    assert plan["step"]["code"] == "self_care"
    assert not [m for m in plan["modalities"] if m["status"] in {"offered", "optional_unproven"}]
