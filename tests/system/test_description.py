"""The API description is true: valid, complete, and its examples work as they stand."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate
from tests.system.product import Product

NEEDS_A_CASE = "{case_id}"


@pytest.fixture(scope="module")
def description(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = product.ask("GET", "/openapi.json", token="").json()
    return found


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "patch", "put", "delete"}:
                yield method.upper(), path, operation


def _operations_by_name(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, _, operation in _operations(description):
        yield operation["operationId"], operation


def _fits(document: Any, schema: dict[str, Any], description: dict[str, Any]) -> None:
    """A reference is looked up among the components of the same description."""
    jsonschema.validate(document, schema | {"components": description["components"]})


def _examples(operation: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        for name, shown in content.get("examples", {}).items():
            yield kind, name, shown["value"]


def _whole(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the components that it refers to."""
    return {**schema, "components": description["components"]}


def test_it_is_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    validate(description)


def test_every_answer_that_is_no_problem_has_a_schema(description: dict[str, Any]) -> None:
    for method, path, operation in _operations(description):
        good = {status: one for status, one in operation["responses"].items() if status < "300"}
        assert good, f"{method} {path} describes no answer"
        for status, one in good.items():
            assert one["content"], f"{method} {path} {status} has no content"
            for kind, content in one["content"].items():
                named = {"type", "$ref", "oneOf", "anyOf"} & content["schema"].keys()
                assert named, f"{method} {path} {status} {kind}"


def test_what_a_route_demands_is_a_required_parameter(description: dict[str, Any]) -> None:
    demanded = {
        (operation["operationId"], parameter["name"])
        for _, _, operation in _operations(description)
        for parameter in operation["parameters"]
        if parameter["in"] == "header" and parameter["required"]
    }
    assert demanded == {
        ("submit_case", "Idempotency-Key"),
        ("add_follow_up", "Idempotency-Key"),
        ("add_follow_up", "If-Match"),
        ("correct_case", "If-Match"),
    }


@pytest.mark.parametrize(
    ("path", "addressed"),
    [
        ("/v1/cases", "/v1/cases"),
        ("/v1/cases/{case_id}", "{case}"),
        ("/v1/cases/{case_id}/revisions", "{case}/revisions"),
        ("/v1/cases/{case_id}/revisions/{revision}", "{case}/revisions/1"),
        ("/v1/cases/{case_id}/assessment", "{case}/assessment"),
        ("/v1/cases/{case_id}/plan", "{case}/plan"),
        ("/v1/rules", "/v1/rules"),
        ("/v1/rules/{rule_id}", "/v1/rules/RF-07"),
        ("/v1/rules/{rule_id}", "/v1/rules/RFS-13"),
        ("/v1/rulesets", "/v1/rulesets"),
        ("/v1/guidance/versions", "/v1/guidance/versions"),
        ("/v1/guidance", "/v1/guidance"),
        ("/v1/guidance/{rule_id}", "/v1/guidance/CI-06"),
        ("/v1/vocabulary", "/v1/vocabulary"),
        ("/v1/version", "/v1/version"),
    ],
)
def test_answers_are_as_described(
    product: Product, description: dict[str, Any], path: str, addressed: str
) -> None:
    body = next(body for _, _, body in _examples(description["paths"]["/v1/cases"]["post"]))
    case = product.submit(body, key="case-as-described").headers["location"]
    described = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]

    answer = product.ask("GET", addressed.replace("{case}", case))

    assert answer.status == 200
    _fits(answer.json(), described["schema"], description)


@pytest.mark.parametrize("path", ["/v1/assessments:evaluate", "/v1/plans:evaluate"])
def test_documents_are_as_described(
    product: Product, description: dict[str, Any], path: str
) -> None:
    operation = description["paths"][path]["post"]
    described = operation["responses"]["200"]["content"]
    body = next(body for _, _, body in _examples(operation))

    answer = product.ask("POST", f"{path}?expand=explanation", body)

    assert set(described) == {"application/json", "text/plain"}
    _fits(answer.json(), described["application/json"]["schema"], description)


def test_it_names_every_path_of_the_issue(description: dict[str, Any]) -> None:
    wanted = {
        "/v1/cases": {"get", "post"},
        "/v1/cases/{case_id}": {"get", "patch"},
        "/v1/cases/{case_id}/revisions": {"get"},
        "/v1/cases/{case_id}/revisions/{revision}": {"get"},
        "/v1/cases:prepare": {"post"},
        "/v1/cases/{case_id}/follow-ups": {"post"},
        "/v1/cases/{case_id}/assessment": {"get"},
        "/v1/cases/{case_id}/plan": {"get"},
        "/v1/assessments:evaluate": {"post"},
        "/v1/plans:evaluate": {"post"},
        "/v1/rules": {"get"},
        "/v1/rules/{rule_id}": {"get"},
        "/v1/guidance": {"get"},
        "/v1/guidance/{rule_id}": {"get"},
        "/v1/vocabulary": {"get"},
        "/v1/version": {"get"},
        "/v1/rulesets": {"get"},
        "/v1/guidance/versions": {"get"},
        "/v1/cases/{case_id}/revisions/{revision}/assessment": {"get"},
        "/v1/cases/{case_id}/revisions/{revision}/assessment/proof": {"get"},
        "/v1/cases/{case_id}/revisions/{revision}/plan": {"get"},
        "/v1/cases/{case_id}/revisions/{revision}/plan/proof": {"get"},
    }

    for path, methods in wanted.items():
        assert methods <= set(description["paths"].get(path, {})), path


def test_every_body_that_can_be_sent_is_shown_by_an_example_that_works(
    product: Product, description: dict[str, Any]
) -> None:
    checked = 0
    first = dict(_operations_by_name(description))["submit_case"]
    base = next(body for _, _, body in _examples(first))
    for method, path, operation in _operations(description):
        if "requestBody" not in operation:
            continue
        shown = list(_examples(operation))
        assert shown, f"{method} {path} shows no example"
        for kind, name, body in shown:
            headers = {"Content_Type": kind, "Idempotency_Key": f"example-{checked}"}
            if NEEDS_A_CASE in path:
                case = product.submit(base, key=f"case-of-example-{checked}")
                headers |= {"If_Match": case.headers["etag"]}
                path_now = path.replace("/v1/cases/{case_id}", case.headers["location"])
            else:
                path_now = path

            answer = product.ask(method, path_now, body, **headers)

            assert answer.status in {200, 202}, f"{method} {path} {name}: {answer.text}"
            checked += 1
    assert checked >= 5


@pytest.mark.parametrize("path", ["/v1/rules", "/v1/guidance"])
def test_every_rule_of_a_list_can_be_read_whole(product: Product, path: str) -> None:
    seen, address = set(), f"{path}?limit=7"
    while address:
        page = product.ask("GET", address)
        assert page.status == 200
        for rule in next(value for value in page.json().values() if isinstance(value, list)):
            assert product.ask("GET", f"{path}/{rule['id']}").json()["id"] == rule["id"]
            seen.add(rule["id"])
        link = page.headers.get("link", "")
        address = link.partition("<")[2].partition(">")[0] if 'rel="next"' in link else ""
    assert len(seen) >= 30
