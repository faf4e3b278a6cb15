"""Whatever a client sends, the answer is one clear problem, and the system lives on."""

from typing import Any

import pytest
from tests.system.product import Product, example

DEEP = b'{"reference":' + b"[" * 10_000 + b"]" * 10_000 + b"}"


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"not json", 400, "malformed-json"),
        (b'{"reference": "a", "reference": "b"}', 400, "duplicate-name"),
        (b'{"reference": "a", "patient": {"weight_kg": NaN}}', 400, "not-finite"),
        (DEEP, 400, "too-deep"),
        (b'{"reference": "' + b"a" * 2_000_000 + b'"}', 413, "body-too-large"),
        (b"[]", 422, "validation-failed"),
        (b"{}", 422, "validation-failed"),
    ],
    ids=["not json", "duplicate key", "NaN", "deep", "too large", "not an object", "nothing"],
)
def test_a_bad_body_gets_its_own_problem(
    product: Product, body: bytes, status: int, slug: str
) -> None:
    answer = product.ask("POST", "/v1/cases", body, Idempotency_Key="bad-body", Connection="close")

    assert answer.status == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["type"].endswith(slug), answer.text


def test_every_mistake_is_named_at_once_with_its_place(product: Product) -> None:
    body: dict[str, Any] = example("bm01_completed")
    body["patient"]["age_years"] = 470
    body["pain"]["pain_nrs_now"] = "seven"
    body["red_flags"]["bladder_change"] = "Mrs Rossi says no"
    body["shoe_size"] = 42
    body["nodules"][0]["site"] = "elbow"

    answer = product.ask("POST", "/v1/cases", body, Idempotency_Key="all-mistakes")

    problem = answer.json()
    pointers = {error["pointer"] for error in problem["errors"]}
    assert answer.status == 422
    assert pointers == {
        "/patient/age_years",
        "/pain/pain_nrs_now",
        "/red_flags/bladder_change",
        "/shoe_size",
        "/nodules/0/site",
    }
    assert "Rossi" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/nowhere", {}, 404),
        ("GET", "/nowhere", {}, 404),
        ("DELETE", "/v1/cases", {}, 405),
        ("GET", "/v1/cases", {"Accept": "image/png"}, 406),
        ("POST", "/v1/cases", {"Content-Type": "text/csv", "Idempotency-Key": "k"}, 415),
        ("GET", "/v1/cases?cursor=nonsense", {}, 400),
        ("GET", "/v1/cases?limit=0", {}, 400),
        ("GET", "/v1/cases/no-such-case", {}, 404),
        ("GET", "/v1/rules/XX-99", {}, 404),
        ("GET", "/v1/guidance/XX-99", {}, 404),
    ],
)
def test_what_does_not_exist_is_said_so(
    product: Product, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    body = b"{}" if method == "POST" else None

    answer = product.ask(method, path, body, **headers)

    assert answer.status == status, answer.text
    problem = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert problem["status"] == status
    assert problem["type"]
    assert problem["title"]
    assert product.is_ready()


def test_a_post_without_an_idempotency_key_is_told_what_to_do(product: Product) -> None:
    answer = product.ask("POST", "/v1/cases", example("bm01_completed"))

    assert answer.status == 400
    assert "Idempotency-Key" in answer.text


def test_a_change_needs_the_revision_that_it_changes(product: Product) -> None:
    path = product.submit(example("bm01_completed"), key="etags").headers["location"]
    change = {"patient": {"weight_kg": 71}}

    assert product.ask("PATCH", path, change).status == 428
    assert product.ask("PATCH", path, change, If_Match='"9"').status == 412
    assert product.ask("PATCH", path, change, If_Match='"1"').status in {200, 202}
    assert product.ask("PATCH", path, change, If_Match='"1"').status == 412
