"""The quick look never lets through what the schema would refuse or change."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from intake.schemas import CASE, VOCABULARY

EXAMPLE = json.loads(
    (Path(__file__).parents[3] / "docs" / "examples" / "bm01_completed.json").read_text()
)


def slowly(document: Any) -> Any:
    """What the schema alone says: the loaded document, or None if it refuses."""
    try:
        return Schema.load(CASE, document)
    except ValidationError:
        return None


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 500),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["a", "none", "2026-11-22", "20261122", "a\n", " x"]),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just({"others": False}),
    st.just({"others": True}),
    st.just({"zebra": True}),
)


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for step, one in inner if isinstance(value, (dict, list)) else ():
        yield from places(one, (*path, step)) if isinstance(one, (dict, list)) else [(*path, step)]


PLACES = [path for path in places(EXAMPLE) if path]


def bent(path, value, *, drop):
    document = json.loads(json.dumps(EXAMPLE))
    *above, last = path
    home = document
    for step in above:
        home = home[step]
    if drop:
        del home[last]
    else:
        home[last] = value
    return document


@settings(max_examples=400)
@given(st.sampled_from(PLACES), ODD, st.booleans())
def test_what_looks_flawless_is_taken_unchanged_by_the_schema(path, value, drop):
    document = bent(path, value, drop=drop)
    if CASE.is_flawless(document):
        assert slowly(document) == document
        return
    taken = slowly(document)  # a whole number may be written 18.0: the slow look makes it 18
    assert taken is None or (isinstance(value, float) and taken == document)


def test_the_examples_look_flawless():
    assert CASE.is_flawless(EXAMPLE)
    assert CASE.load(EXAMPLE) is EXAMPLE


@pytest.mark.parametrize("document", [None, [], "x", {}, {"reference": 1}, {"reference": ""}])
def test_what_is_no_body_does_not_look_flawless(document):
    assert not CASE.is_flawless(document)


def test_every_section_and_list_is_looked_at():
    for name in [section.name for section in VOCABULARY.sections if section.facts]:
        assert CASE.is_flawless({"reference": "r", name: {}})
        assert not CASE.is_flawless({"reference": "r", name: {"zebra": 1}})
    for name in (name for name, entry in VOCABULARY.lists.items() if not entry.derived):
        assert CASE.is_flawless({"reference": "r", name: []})
        assert not CASE.is_flawless({"reference": "r", name: [{"zebra": 1}]})
