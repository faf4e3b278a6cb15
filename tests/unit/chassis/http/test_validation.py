"""Every fault at once, each with its place, and none of the caller's words."""

import pytest
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from chassis.http import validation
from chassis.http.errors import Problem


class Part(Schema):
    size_mm = fields.Integer(strict=True, required=True, validate=validate.Range(1, 300))
    side = fields.String(validate=validate.OneOf(["left", "right"]))
    at = fields.Date()


class Thing(Schema):
    pieces = fields.List(fields.Nested(Part()))
    name = fields.String(validate=validate.Length(1, 5))
    code = fields.String(validate=validate.Regexp("[a-z]+$"))
    weight = fields.Float(data_key="weight_kg", allow_nan=False)
    marks = fields.Dict(fields.String(), fields.Integer(strict=True))
    kind = fields.String(validate=validate.Equal("thing"))

    @validates_schema
    def check(self, data, **_kwargs):
        if data.get("name") == "liar":
            raise ValidationError("Name and weight contradict each other.")


def faults(document, schema=None):
    with pytest.raises(Problem) as caught:
        validation.load(schema or Thing(), document)
    assert caught.value.kind.slug == "validation-failed"
    return {fault["pointer"]: fault for fault in caught.value.errors}


def test_all_faults_come_at_once_with_their_pointers():
    found = faults({"pieces": [{"size_mm": "5"}, {"side": "up"}], "name": 7, "zz": 1})
    assert set(found) == {
        "/pieces/0/size_mm",
        "/pieces/1/size_mm",
        "/pieces/1/side",
        "/name",
        "/zz",
    }


def test_a_fault_says_what_was_found_and_what_is_allowed():
    found = faults({"pieces": [{"size_mm": 500, "side": "up"}]})
    assert found["/pieces/0/size_mm"]["found"] == "number 500"
    assert found["/pieces/0/size_mm"]["allowed"] == {"type": "integer", "min": 1, "max": 300}
    assert found["/pieces/0/side"]["found"] == "code up"
    assert found["/pieces/0/side"]["allowed"]["values"] == ["left", "right"]


def test_an_object_that_should_be_another_names_its_fields():
    found = faults({"pieces": ["left"]})["/pieces/0"]
    assert found["allowed"] == {"type": "object", "fields": ["at", "side", "size_mm"]}


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "null"),
        (True, "boolean true"),
        (1.5, "number 1.5"),
        ([], "array"),
        ({}, "object"),
        ("12 long words of text", "string of 21 characters"),
    ],
)
def test_what_was_found_is_named_by_its_kind(value, named):
    assert faults({"pieces": [{"size_mm": value}]})["/pieces/0/size_mm"]["found"] == named


def test_a_missing_field_was_found_as_nothing():
    assert faults({"pieces": [{}]})["/pieces/0/size_mm"]["found"] == "nothing"


@pytest.mark.parametrize("text", ["Mrs Miller, born 1961", "miller@example.org", "a" * 41])
def test_free_text_is_never_echoed(text):
    assert text not in str(faults({"pieces": [{"size_mm": 1, "side": text}], "name": text}))


@pytest.mark.parametrize("word", ["Miller", "miller", "Mrs.Miller", "1961-03-07", "A"])
def test_a_single_word_is_free_text_where_no_codes_are_defined(word):
    """It looks like a code, and only a field that has codes may repeat it."""
    document = {
        "pieces": [{"size_mm": word, "at": f"{word}x"}, word],
        "name": [word],
        "weight_kg": word,
        "marks": {"a": word},
        "unknown": word,
    }
    found = {fault["found"] for fault in faults(document).values()}
    assert f"string of {len(word)} characters" in found
    assert not [text for text in found if word in text]


def test_an_unknown_field_is_told_its_neighbours():
    assert faults({"pieces": [{"size_mm": 1, "x": 1}]})["/pieces/0/x"]["allowed"] == {
        "fields": ["at", "side", "size_mm"]
    }
    assert "weight_kg" in faults({"weight": 1})["/weight"]["allowed"]["fields"]


def test_pointers_are_escaped_and_a_huge_name_is_cut():
    found = faults({"a/b~c": 1, "x" * 5000: 1})
    assert "/a~1b~0c" in found
    assert all(len(pointer) < 200 for pointer in found)


def test_a_fault_of_the_whole_points_at_the_whole():
    assert faults({"name": "liar"})[""]["detail"].startswith("Name and weight")


def test_a_body_that_is_no_object_is_one_fault():
    assert faults([1, 2])[""]["found"] == "array"


def test_lengths_patterns_and_constants_are_said():
    found = faults({"name": "toolong", "code": "X1", "kind": "other"})
    assert found["/name"]["allowed"] == {"type": "string", "length_min": 1, "length_max": 5}
    assert found["/code"]["allowed"]["pattern"] == "[a-z]+$"
    assert found["/kind"]["allowed"]["values"] == ["thing"]


def test_values_of_a_mapping_have_their_own_places():
    assert faults({"marks": {"a": "x"}})["/marks/a/value"]["detail"] == "Not a valid integer."


def test_a_list_at_the_top_is_checked_item_by_item():
    found = faults([{"size_mm": 1}, {"size_mm": 0}], Part(many=True))
    assert found["/1/size_mm"]["allowed"]["min"] == 1


class Query(Schema):
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


def test_a_query_is_loaded_with_its_defaults():
    assert validation.load_query(Query(), []) == {"limit": 20}
    assert validation.load_query(Query(), [("limit", "5")]) == {"limit": 5}


@pytest.mark.parametrize(
    "pairs",
    [[("limit", "0")], [("limit", "x")], [("limit", "5"), ("limit", "5")], [("nope", "1")]],
)
def test_a_bad_query_names_the_parameter(pairs):
    with pytest.raises(Problem) as caught:
        validation.load_query(Query(), pairs)
    assert caught.value.kind.slug == "invalid-query"
    assert caught.value.errors[0]["parameter"] == pairs[0][0]


def test_without_a_schema_no_parameter_is_allowed():
    assert validation.load_query(None, []) == {}
    with pytest.raises(Problem):
        validation.load_query(None, [("a", "1")])
