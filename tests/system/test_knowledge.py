"""Labels, versions and proofs through the gateway of the whole system."""

from typing import Any

import jsonschema
import pytest
from tests.system.product import Product, Reply, example


@pytest.fixture(scope="module")
def case(product: Product) -> Reply:
    answer = product.submit(example("bm01_completed"), key="of-knowledge")
    assert answer.status == 200, answer.text
    return answer


@pytest.mark.parametrize(("kind", "named"), [("assessment", "ruleset"), ("plan", "guidance")])
def test_what_was_answered_can_be_proven(
    product: Product, case: Reply, kind: str, named: str
) -> None:
    path = f"{case.headers['location']}/revisions/1"
    proof = product.ask("GET", f"{path}/{kind}/proof").json()
    document = product.ask("GET", f"{path}/{kind}").json()

    assert proof["matches"] is True, proof["differences"]
    assert proof[named]["sha256"] == document[named]["sha256"]
    described = product.ask("GET", "/openapi.json", token="").json()
    shown = described["paths"][f"/v1/cases/{{case_id}}/revisions/{{revision}}/{kind}/proof"]
    schema = shown["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(proof, schema | {"components": described["components"]})


@pytest.mark.parametrize("path", ["/v1/rules/RF-16", "/v1/guidance/TX-01"])
def test_a_label_tells_of_the_clinics_own_cases(product: Product, case: Reply, path: str) -> None:
    assert case.status == 200
    use = product.ask("GET", path).json()["use"]
    assert use["over"] >= 1
    assert use["judged"] == use["over"]
    assert use["since"] is not None


@pytest.mark.parametrize("path", ["/v1/rulesets", "/v1/guidance/versions"])
def test_the_set_that_answers_is_among_those_that_ran(product: Product, path: str) -> None:
    services: dict[str, Any] = product.ask("GET", "/v1/version").json()["services"]
    running = {
        services["diagnosis"]["ruleset"]["sha256"],
        services["treatment"]["guidance"]["sha256"],
    }
    (newest,) = product.ask("GET", path).json()["sets"]
    assert newest["sha256"] in running
    assert newest["sha256"][:12] in product.ask("GET", path, Accept="text/plain").text


def test_an_unchanged_rule_is_not_sent_twice(product: Product) -> None:
    first = product.ask("GET", "/v1/rules")
    again = product.ask("GET", "/v1/rules", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
