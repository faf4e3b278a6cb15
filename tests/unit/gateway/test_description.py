"""Three descriptions become one."""

import pytest
from openapi_spec_validator import validate

from gateway.description import merge


def described(path, schema, operation="read"):
    reply = {"schema": {"$ref": "#/components/schemas/Thing"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {
            path: {
                "get": {
                    "operationId": operation,
                    "tags": [path.rpartition("/")[2]],
                    "responses": {"200": {"description": "", "content": {"a/b": reply}}},
                }
            },
            "/v1/version": {
                "get": {"operationId": "version", "responses": {"200": {"description": ""}}}
            },
        },
        "components": {"schemas": {"Thing": schema, "Problem": {"type": "object"}}},
    }


@pytest.fixture
def merged():
    return merge(
        "1.0",
        {
            "intake": described("/v1/a", {"type": "string"}),
            "diagnosis": described("/v1/b", {"type": "integer"}),
        },
    )


def test_the_whole_is_valid(merged):
    validate(merged)


def test_all_paths_are_there_and_the_version_once(merged):
    assert set(merged["paths"]) == {"/v1/a", "/v1/b", "/v1/version"}


def test_what_is_equal_keeps_its_name_and_what_differs_gets_its_service_in_front(merged):
    own = {"SystemVersion", "ServiceVersion", "SetInUse"}
    assert set(merged["components"]["schemas"]) - own == {
        "Problem",
        "IntakeThing",
        "DiagnosisThing",
    }
    reply = merged["paths"]["/v1/b"]["get"]["responses"]["200"]["content"]["a/b"]
    assert reply["schema"] == {"$ref": "#/components/schemas/DiagnosisThing"}


def test_operations_have_ids_of_their_own(merged):
    ids = [item["get"]["operationId"] for item in merged["paths"].values()]
    assert len(set(ids)) == len(ids)


def referring(name, schemas):
    """A description whose answer is one of its own schemas."""
    document = described(f"/v1/{name}", {})
    document["components"]["schemas"] = schemas
    return document


def test_what_refers_to_something_that_differs_differs_itself():
    pair = {"Pair": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}
    merged = merge(
        "1.0",
        {
            "intake": referring("a", pair | {"Thing": {"type": "string"}}),
            "diagnosis": referring("b", pair | {"Thing": {"type": "integer"}}),
        },
    )
    schemas = merged["components"]["schemas"]
    assert schemas["IntakePair"]["items"] == {"$ref": "#/components/schemas/IntakeThing"}
    assert schemas["DiagnosisPair"]["items"] == {"$ref": "#/components/schemas/DiagnosisThing"}
    assert "Pair" not in schemas


def test_what_another_service_describes_is_its_schema():
    about = {"service": "diagnosis", "schema": "Decision"}
    case = {"type": "object", "properties": {"made": {"$ref": "#/components/schemas/Made"}}}
    theirs = {"Decision": {"type": "string"}, "Thing": {"$ref": "#/components/schemas/Decision"}}
    merged = merge(
        "1.0",
        {
            "intake": referring("a", {"Thing": case, "Made": {"x-described-by": about}}),
            "diagnosis": referring("b", theirs),
            "treatment": referring("c", {"Thing": {}, "Decision": {"type": "integer"}}),
        },
    )
    schemas = merged["components"]["schemas"]
    assert schemas["IntakeThing"]["properties"]["made"] == {
        "$ref": "#/components/schemas/DiagnosisDecision"
    }
    assert schemas["DiagnosisDecision"] == {"type": "string"}
    assert "Made" not in schemas
    validate(merged)
