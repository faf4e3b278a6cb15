"""A sparse schema loads exactly as marshmallow's own does."""

from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, ValidationError, fields, validate

from chassis.http.sparse import SparseSchema


def make(base):
    inner = base.from_dict(
        {
            "a": fields.Integer(strict=True, required=True),
            "b": fields.String(load_default="x", validate=validate.OneOf(["x", "y"])),
        },
        name="Inner",
    )
    return base.from_dict(
        {
            "one": fields.Nested(inner()),
            "many": fields.List(fields.Nested(inner()), validate=validate.Length(max=2)),
            "all": fields.Nested(inner(many=True)),
            "code": fields.String(required=True, allow_none=True),
            "renamed": fields.Integer(data_key="other", attribute="third"),
            "null": fields.Float(allow_none=True, load_default=list),
        },
        name="Outer",
    )


PLAIN, SPARSE = make(Schema), make(SparseSchema)
LEAF = st.sampled_from([None, 1, 2.5, True, "x", "z", [], {}])
INNER = st.dictionaries(st.sampled_from(["a", "b", "c"]), LEAF, max_size=3) | LEAF
OUTER = st.dictionaries(
    st.sampled_from(["one", "many", "all", "code", "other", "renamed", "null", "c"]),
    INNER | st.lists(INNER, max_size=3),
    max_size=8,
)


def outcome(schema, document):
    try:
        return schema.load(document)
    except ValidationError as error:
        return error.messages, error.valid_data


@settings(max_examples=300)
@given(
    OUTER | LEAF,
    st.sampled_from([None, True, ("code",), ("one.a",)]),
    st.sampled_from([RAISE, EXCLUDE, INCLUDE]),
)
def test_a_sparse_schema_agrees_with_marshmallow_on_every_document(document, partial, unknown):
    options = {"partial": partial, "unknown": unknown}
    assert outcome(SPARSE(**options), document) == outcome(PLAIN(**options), document)


@given(st.lists(OUTER, max_size=3))
def test_a_sparse_schema_agrees_on_lists_of_documents(documents):
    assert outcome(SPARSE(many=True), documents) == outcome(PLAIN(many=True), documents)
