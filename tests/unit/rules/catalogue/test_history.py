"""What changed between two sets, in words."""

import copy

import pytest
from tests.unit.rules.catalogue.carriers import (
    CONTENT,
    RULE,
    VERSION,
    VOCABULARY,
    changed,
    knowledge,
)

from rules import Vocabulary
from rules.catalogue.history import compare
from rules.language.loader import build, from_canonical


def as_lines(changes):
    return [change.sentence for change in changes]


@pytest.mark.parametrize(
    ("path", "to", "sentence"),
    [
        (
            (*VERSION, "when", "any", 0, "at_least"),
            65,
            "CA-01: threshold of km (Distance) moved from 70 to 65.",
        ),
        (
            (*VERSION, "when", "any"),
            [{"fact": "km", "at_least": 70}],
            "CA-01: condition removed: “Old (old)”.",
        ),
        (
            (*VERSION, "when", "any"),
            [{"fact": "km", "above": 70}, {"defined": "old"}],
            "CA-01: “Distance: 70 km or more” became “Distance: more than 70 km”.",
        ),
        (
            (*VERSION, "in_force", "to"),
            "2027-01-01",
            "CA-01: the version from 2026-01-01 ends on 2027-01-01.",
        ),
        ((*VERSION, "because"), "Far.", "CA-01: sentence altered from “Far is heavy.” to “Far.”."),
        (
            (*VERSION, "project_choice"),
            "The distance.",
            "CA-01: project choice added: “The distance.”.",
        ),
        (
            (*VERSION, "then", "carriers"),
            3,
            "CA-01: what follows (carriers) altered from 2 to 3.",
        ),
        ((*RULE, "title"), "Three", "CA-01: title altered from “Two carriers” to “Three”."),
        (
            ("definitions", "old.toml", "when", "at_least"),
            60,
            (
                "definition old altered: threshold of years (Age of the driver) moved from 65 to "
                "60; rules that use it: CA-01, steps.toml."
            ),
        ),
        (
            ("definitions", "careful.toml", "when", "equals"),
            False,
            (
                "definition careful altered: “Fragile: yes” became “Fragile: no”; "
                "rules that use it: CA-01."
            ),
        ),
        (
            ("bibliography", "Smith", "read"),
            "opening",
            "source Smith: read altered from “whole” to “opening”.",
        ),
        (
            ("bibliography", "Jones"),
            {"title": "T"},
            "source Jones: added in the bibliography.",
        ),
        (
            ("other", "steps.toml", "line", 0, "says"),
            "slower",
            "steps.toml: line, 0, says altered from “slow” to “slower”.",
        ),
        (
            ("ruleset", "label", "funding"),
            "a lottery",
            "ruleset.toml: label, funding altered from “none” to “a lottery”.",
        ),
    ],
)
def test_a_change_is_told_in_one_sentence(path, to, sentence):
    assert as_lines(compare(knowledge(), changed(*path, to=to))) == [sentence]


def test_a_version_alone_is_no_change():
    assert as_lines(compare(knowledge(), changed("ruleset", "version", to="2"))) == []


def test_a_rule_that_came_or_went_is_told_with_its_title():
    without = changed("rules", "ca_01.toml")
    came, went = compare(without, knowledge()), compare(knowledge(), without)
    assert as_lines(came)[0] == "CA-01 (Two carriers): added, in force from 2026-01-01."
    assert as_lines(went)[0] == "CA-01 (Two carriers): taken out of the set."


def test_a_successor_is_told_by_what_it_says_otherwise():
    content = copy.deepcopy(CONTENT)
    first = content["rules"]["ca_01.toml"]["version"][0]
    second = copy.deepcopy(first)
    first["in_force"]["to"] = "2026-06-01"
    second["in_force"]["from"] = "2026-06-01"
    second["when"]["any"][0]["at_least"] = 50
    second["sources"] = []
    second["strength"] = "project choice"
    content["rules"]["ca_01.toml"]["version"].append(second)
    assert as_lines(compare(knowledge(), knowledge(content))) == [
        "CA-01: the version from 2026-01-01 ends on 2026-06-01.",
        (
            "CA-01: a new version from 2026-06-01: threshold of km (Distance) moved from 70 to 50; "
            "strength altered from “weak” to “project choice”; source removed: Smith."
        ),
    ]


def test_a_finding_that_came_or_was_altered_is_told():
    vocabulary = copy.deepcopy(VOCABULARY)
    vocabulary["shipment.toml"]["fact"][0]["label"] = "Way"
    vocabulary["shipment.toml"]["fact"].append({"name": "wet", "label": "Wet", "type": "boolean"})
    other = build(copy.deepcopy(CONTENT), Vocabulary(vocabulary))
    assert as_lines(compare(knowledge(), other)) == [
        "finding km: label altered from “Distance” to “Way”.",
        "finding wet (Wet): added.",
    ]


def test_a_set_that_was_stored_is_compared_like_one_that_was_read():
    stored = from_canonical(knowledge().canonical())
    assert as_lines(compare(stored, knowledge())) == []
