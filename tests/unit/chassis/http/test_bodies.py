"""JSON that two parsers could read in two ways is refused."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.bodies import parse_json
from chassis.http.errors import Problem

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_every_json_value_is_read_as_it_was_meant(value):
    assert parse_json(orjson.dumps(value)) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  ",
        b"{",
        b'{"a":1e999}',
        b'{"a":1}{}',
        b"{'a':1}",
        b'"\xff"',
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        b'{"a":1,}',
        b"[01]",
    ],
)
def test_what_is_not_json_is_malformed(raw):
    with pytest.raises(Problem) as caught:
        parse_json(raw)
    assert caught.value.kind.slug == "malformed-json"


@pytest.mark.parametrize(
    "raw", [b'{"a":1,"a":2}', b'[{"x":{"b":1,"b":1}}]', b'{"a":1,"\\u0061":2}']
)
def test_a_name_that_comes_twice_is_refused_at_any_depth(raw):
    with pytest.raises(Problem) as caught:
        parse_json(raw)
    assert caught.value.kind.slug == "duplicate-name"
    assert "once" in caught.value.detail


@pytest.mark.parametrize("raw", [b'{"a":NaN}', b'{"a":Infinity}', b'[{"x":-Infinity}]'])
def test_a_number_that_is_not_finite_is_refused_as_such(raw):
    with pytest.raises(Problem) as caught:
        parse_json(raw)
    assert caught.value.kind.slug == "not-finite"


def test_sixty_four_levels_are_read_and_sixty_five_are_not():
    assert parse_json(b"[" * 64 + b"]" * 64)
    with pytest.raises(Problem) as caught:
        parse_json(b"[" * 65 + b"]" * 65)
    assert caught.value.kind.slug == "too-deep"


@pytest.mark.parametrize("many", [b"", b",[]" * 100])
def test_the_limit_of_levels_is_the_same_for_objects_lists_and_both(many):
    def nested(levels):
        pairs, odd = divmod(levels - 1, 2)
        inner = b'{"a":[' * pairs + b"[" * odd + b"]" * odd + b"]}" * pairs
        return b"[" + inner + many + b"]"

    assert parse_json(nested(64))
    with pytest.raises(Problem) as caught:
        parse_json(nested(65))
    assert caught.value.kind.slug == "too-deep"
    assert caught.value.detail == "At most 64 levels are read."


def test_a_megabyte_of_brackets_is_refused_before_it_is_parsed():
    with pytest.raises(Problem) as caught:
        parse_json(b'{"a":' * 200_000)
    assert caught.value.kind.slug == "too-deep"


def test_brackets_inside_strings_are_no_depth():
    assert parse_json(orjson.dumps({"a": "[" * 200 + '\\"{'})) == {"a": "[" * 200 + '\\"{'}


def test_many_shallow_objects_are_not_deep():
    assert len(parse_json(b"[" + b",".join([b"{}"] * 500) + b"]")) == 500
