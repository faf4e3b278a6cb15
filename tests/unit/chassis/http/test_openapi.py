"""The description is valid, complete, and its examples are true."""

import re

import pytest
from marshmallow import Schema, fields
from openapi_spec_validator import validate

from chassis.http.app import PUBLIC
from chassis.http.openapi import describe
from chassis.http.routing import ANY_TOKEN, Response, ResponseSpec, Routes


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


def test_the_document_is_valid_openapi_31(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_door_is_described_and_nothing_else(app, document):
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    routed = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == routed


def test_every_operation_names_its_scope_and_its_problems(document):
    operation = document["paths"]["/v1/things"]["post"]
    assert operation["security"] == [{"bearer": ["things:write"]}]
    assert {"202", "400", "401", "403", "406", "413", "415", "422", "503"} <= set(
        operation["responses"]
    )
    assert "The thing is too odd" in operation["responses"]["422"]["description"]


def test_the_schema_is_the_one_that_checks(document):
    part = document["components"]["schemas"]["Part"]
    assert part["properties"]["size_mm"] == {"type": "integer", "minimum": 1, "maximum": 300}
    assert part["required"] == ["size_mm"]


def test_the_examples_are_accepted(client, headers, document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {})
            for kind, body in content.items():
                for example in body.get("examples", {}).values():
                    answer = client.open(
                        path, method=method, json=example["value"], headers=headers
                    )
                    assert answer.status_code < 300, (path, kind, answer.text)


def test_query_path_and_header_parameters_are_described():
    class Query(Schema):
        limit = fields.Integer()

    routes = Routes("x")

    here = ResponseSpec("Here.", {"type": "object"}, {"a": 1}, {"ETag": "The revision."})
    declared = {"query": Query(), "headers": {"Prefer": "Waits."}, "responses": {200: here}}

    @routes.route("GET", "/v1/x/<x_id>", scope=ANY_TOKEN, **declared)
    def read(_request, _dependencies, x_id):
        return Response(x_id)

    operation = describe("x", "1", [routes])["paths"]["/v1/x/{x_id}"]["get"]
    assert {(p["in"], p["name"]) for p in operation["parameters"]} == {
        ("path", "x_id"),
        ("query", "limit"),
        ("header", "Prefer"),
    }
    answer = operation["responses"]["200"]
    assert answer["headers"]["ETag"]["description"] == "The revision."
    assert answer["content"]["application/json"]["example"] == {"a": 1}


def test_views_of_one_schema_do_not_share_a_name():
    class Whole(Schema):
        a = fields.Integer(required=True)
        b = fields.Integer()

    routes = Routes("x")
    for number, schema in enumerate((Whole(), Whole(partial=True), Whole(only=("a",)))):
        routes.route("POST", f"/v1/{number}", scope=ANY_TOKEN, body=schema)(
            lambda _c, _p: Response()
        )
    names = set(describe("x", "1", [routes])["components"]["schemas"])
    assert {"Whole", "WholePartial", "Whole_a"} <= names
