"""The record of care says what its vocabulary describes, and nothing else."""

import tomllib

from tests.knowledge.sets import ROOT
from tests.support.care import EVERYTHING, care_of

from intake.case.findings import AGES
from intake.schemas import VOCABULARY

OWN = {name.partition(".")[0] for name in VOCABULARY.derived}


def test_every_derived_fact_is_described_and_every_described_one_is_derived():
    assert {*care_of(EVERYTHING), AGES} == OWN


def test_the_fields_of_derived_lists_are_those_of_the_vocabulary():
    found = care_of(EVERYTHING)
    for name in VOCABULARY.derived_lists:
        known = VOCABULARY.lists[name].fields
        assert all(element.keys() <= known.keys() for element in found[name])


def test_every_item_of_the_red_flag_screen_ages():
    screen = tomllib.loads((ROOT / "services/diagnosis/knowledge/screen.toml").read_text())
    needed = {name for item in screen["item"] for name in item.get("needs", ())}
    needed |= {
        name for item in screen["item"] for more in item.get("needs_when", ())
        for name in more["needs"]
    }  # fmt: skip
    aging = set(VOCABULARY.fact(AGES).codes)
    of_a_time = {"duration_days", "sex_at_birth"}  # one goes on by itself, the other stays
    assert {name.partition(".")[0] for name in needed} - of_a_time <= aging


def test_what_ages_is_a_fact_or_list_that_a_case_may_hold():
    names = {fact.written for section in VOCABULARY.sections for fact in section.facts}
    assert set(VOCABULARY.fact(AGES).codes) <= names | VOCABULARY.lists.keys()
