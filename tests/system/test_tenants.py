"""A clinic sees its own cases and no others, not even that they exist."""

import pytest
from tests.system.product import Product, example


@pytest.fixture(scope="module")
def foreign_path(product: Product) -> str:
    return product.submit(example("bm01_completed"), key="tenants").headers["location"]


@pytest.mark.parametrize(
    "tail",
    [
        *("", "/revisions", "/revisions/1", "/assessment", "/plan"),
        *("/revisions/1/assessment", "/revisions/1/plan"),
    ],
)
def test_reading_a_foreign_case_finds_nothing(
    product: Product, foreign_path: str, tail: str
) -> None:
    answer = product.ask("GET", foreign_path + tail, token=product.token(tenant="another-clinic"))

    assert answer.status == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_changing_a_foreign_case_finds_nothing(product: Product, foreign_path: str) -> None:
    token = product.token(tenant="another-clinic")

    patched = product.ask(
        "PATCH", foreign_path, {"patient": {"age_years": 50}}, token=token, If_Match='"1"'
    )
    followed = product.ask(
        "POST",
        f"{foreign_path}/follow-ups",
        example("bm01_follow_up"),
        token=token,
        If_Match='"1"',
        Idempotency_Key="foreign",
    )

    assert (patched.status, followed.status) == (404, 404)
    assert product.ask("GET", foreign_path).headers["etag"].startswith('"1.')


def test_a_list_holds_only_ones_own_cases(product: Product, foreign_path: str) -> None:
    listed = product.ask("GET", "/v1/cases", token=product.token(tenant="another-clinic"))

    assert listed.status == 200
    assert listed.json()["cases"] == []


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/rules", "/v1/guidance", "/v1/vocabulary"])
def test_without_a_token_nothing_is_answered(product: Product, path: str) -> None:
    answer = product.ask("GET", path, token="")

    assert answer.status == 401
    assert "www-authenticate" in answer.headers


def test_a_token_without_the_scope_is_refused(product: Product) -> None:
    answer = product.ask("GET", "/v1/cases", token=product.token(scope="knowledge:read"))

    assert answer.status == 403
