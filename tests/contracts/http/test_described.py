"""The description of the whole is typed and explained; it is written here without any server."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import pytest
from openapi_spec_validator import validate

import diagnosis.routes
import intake.routes
import treatment.routes
from chassis.http.openapi import describe
from chassis.http.own_routes import version_routes
from gateway.description import merge

SERVICES = {"intake": intake, "diagnosis": diagnosis, "treatment": treatment}
OPEN = {
    ("RuleVersion", "when"),  # a condition, as deep as its author wrote it
    ("RuleVersion", "then"),  # depends on what the rule is for
    ("AssessmentDocument", "facts_used"),  # by name of the fact, as it was recorded
}
"""Members whose content only a rule's author knows, or that hold any value of a fact."""
SENT_BACK = "SentAssessment"
"""What one service answered and another takes as it was, with what is null in it."""


@cache
def document() -> dict[str, Any]:
    own = {
        name: describe(name, "1", [*service.routes.ROUTES, version_routes(name, "1", dict)])
        for name, service in SERVICES.items()
    }
    merged: dict[str, Any] = orjson.loads(orjson.dumps(merge("1", own)))
    return merged


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def schemas(part: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a description, with its place."""
    if isinstance(part, dict):
        yield place, part
        for name, inner in part.items():
            if name not in {"example", "examples", "default"}:
                yield from schemas(inner, f"{place}/{name}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from schemas(inner, f"{place}/{number}")


def test_it_is_valid() -> None:
    validate(document())


def test_every_operation_has_a_summary_and_a_description() -> None:
    scope = ("It needs the scope", "Any valid token")
    bare = [
        name
        for name, one in operations()
        if not one["summary"] or one["description"].startswith((one["summary"], *scope))
    ]
    assert not bare


def test_every_body_and_every_answer_of_json_is_a_named_schema() -> None:
    unnamed = [
        f"{name} {place}"
        for name, operation in operations()
        for place, content in schemas(operation)
        if place.rpartition("/")[2].endswith("json") and "$ref" not in content.get("schema", {})
    ]
    assert not unnamed


def test_every_code_is_explained() -> None:
    unexplained = [
        f"{place}: {one['enum']}"
        for place, one in schemas(document())
        if isinstance(one.get("enum"), list)
        and len(one.get("x-enum-descriptions", ())) != len(one["enum"])
    ]
    assert not unexplained


def test_a_union_has_a_discriminator() -> None:
    plain = [
        place
        for place, one in schemas(document())
        if isinstance(one.get("oneOf"), list) and "discriminator" not in one
    ]
    assert not plain


def test_no_truth_value_is_an_enumeration_and_no_request_speaks_of_null() -> None:
    bodies = {
        operation["requestBody"]["content"][kind]["schema"]["$ref"].rpartition("/")[2]
        for _, operation in operations()
        for kind in operation.get("requestBody", {}).get("content", {})
    }
    components = document()["components"]["schemas"]
    waiting, seen = set(bodies), {SENT_BACK}
    while waiting := waiting - seen:
        name = waiting.pop()
        seen.add(name)
        text = orjson.dumps(components[name]).decode()
        assert '"null"' not in text, name
        assert '"enum":[false]' not in text, name
        waiting |= {
            one["$ref"].rpartition("/")[2] for _, one in schemas(components[name]) if "$ref" in one
        } - seen
    assert len(seen) > 30


@pytest.mark.parametrize(
    "name",
    [
        "Problem", "Rule", "GuidanceRule", "RuleSetList", "SystemVersion", "CaseView", "CaseList",
        "RevisionList", "Accepted", "AssessmentResult", "PlanResult", "AssessmentDocument",
        "PlanDocument", "EvaluatedAssessment", "EvaluatedPlan", "AssessmentProof", "PlanProof",
        "Prepared", "VocabularyDocument",
    ],
)  # fmt: skip
def test_what_is_typed_stays_typed(name: str) -> None:
    """Everything within it has members with a type, but for what only a rule's author knows."""
    components = document()["components"]["schemas"]
    waiting, seen = {name}, set[str]()
    while waiting:
        current = waiting.pop()
        seen.add(current)
        for member, inner in components[current].get("properties", {}).items():
            if (current, member) not in OPEN:
                assert inner.get("additionalProperties") is not True, f"{current}.{member}"
            assert inner["description"], f"{current}.{member}"
        waiting |= {
            one["$ref"].rpartition("/")[2]
            for _, one in schemas(components[current])
            if "$ref" in one
        } - seen
