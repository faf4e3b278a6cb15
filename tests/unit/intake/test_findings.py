"""Merging, tidying, answering for the others, and leaving things behind."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.case import Findings, merge, tidy
from intake.schemas import FINDINGS
from rules import Vocabulary

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)

RFC_7396_APPENDIX_A = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396_APPENDIX_A)
def test_merging_is_as_the_rfc_shows_it(target, patch, result):
    assert merge(target, patch) == result


@given(JSON, JSON)
def test_merging_twice_is_merging_once_and_changes_no_argument(target, patch):
    before = repr((target, patch))
    once = merge(target, patch)
    assert merge(once, patch) == once
    assert repr((target, patch)) == before


@given(JSON)
def test_tidying_twice_is_tidying_once(value):
    assert tidy(tidy(value)) == tidy(value)


def test_null_and_absent_are_one_thing_but_an_empty_list_is_an_answer():
    body = {
        "pain": {"pain_nrs_now": None},
        "patient": None,
        "nodules": [],
        "labs": [{"value": None}],
    }
    assert tidy(body) == {"nodules": [], "labs": [{}]}


def test_others_denies_every_member_that_is_not_listed():
    body = {"comorbidity": {"implants": {"pacemaker": True, "icd": None, "others": False}}}
    assert FINDINGS.answered(body)["comorbidity"]["implants"] == {
        "pacemaker": True,
        "icd": None,
        "stimulator": False,
        "metal_at_site": False,
    }


def test_without_others_what_is_not_listed_stays_unknown():
    body = {"comorbidity": {"implants": {"pacemaker": False}}}
    assert FINDINGS.answered(body) == body


def test_dates_leave_as_days_ago_and_typed_words_do_not_leave():
    body = {
        "red_flags": {"cancer_history": "past", "cancer_type": "typed"},
        "labs": [{"test": "esr", "performed_on": "2026-11-01"}],
        "pain_medications": [{"name_as_typed": "typed"}],
        "decisions": {"notes": "typed"},
        "nodules": [],
    }
    assert FINDINGS.outgoing(body, date(2026, 11, 22)) == {
        "red_flags": {"cancer_history": "past"},
        "labs": [{"test": "esr", "performed_days_ago": 21}],
        "pain_medications": [{}],
        "nodules": [],
    }


def test_statements_of_one_contact_can_be_cleared_alone():
    body = {
        "clinician_records": {"pain_not_aortic": True, "known_axial_spondyloarthritis": False},
        "patient": {"age_years": 40},
    }
    assert FINDINGS.without_statements(body) == {
        "clinician_records": {"known_axial_spondyloarthritis": False},
        "patient": {"age_years": 40},
    }


def test_a_set_inside_a_list_is_answered_element_by_element():
    vocabulary = Vocabulary(
        {
            "things.toml": {
                "section": "things",
                "title": "Things",
                "list": [
                    {
                        "name": "boxes",
                        "label": "Boxes",
                        "maximum_items": 3,
                        "field": [
                            {
                                "name": "colours",
                                "label": "Colours",
                                "type": "codes",
                                "values": [
                                    {"code": "red", "label": "red"},
                                    {"code": "blue", "label": "blue"},
                                ],
                            }
                        ],
                    }
                ],
            }
        }
    )
    body = {"boxes": [{"colours": {"red": True, "others": False}}, {"colours": {"red": False}}]}
    assert Findings(vocabulary).answered(body)["boxes"] == [
        {"colours": {"red": True, "blue": False}},
        {"colours": {"red": False}},
    ]
