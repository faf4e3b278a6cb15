"""What changed between two sets, in words; where two documents differ; what a label says."""

import copy
import json

import pytest

from rules import Vocabulary
from rules.catalogue.differences import ABSENT, differences
from rules.catalogue.history import as_lines, compare
from rules.catalogue.label import RestsOn, faults, label
from rules.catalogue.pages import restored
from rules.catalogue.proof import SPELLED, impossible
from rules.catalogue.proof import compare as prove
from rules.language.loader import build

VOCABULARY = {
    "shipment.toml": {
        "fact": [
            {"name": "km", "label": "Distance", "type": "integer", "unit": "km"},
            {"name": "fragile", "label": "Fragile", "type": "boolean"},
            {"name": "years", "label": "Age of the driver", "type": "integer"},
        ]
    }
}
LABEL = {
    "developer": "We",
    "funding": "none",
    "intended_use": "Carrying.",
    "intended_users": "Carriers.",
    "population": "Parcels.",
    "limits": ["Not for pianos."],
    "grades": {"weak": "one report"},
    "attributes": {"age": ["years"], "language": []},
    "through": {"told": ["language"]},
}
CONTENT = {
    "ruleset": {"version": "1", "label": LABEL},
    "rules": {
        "ca_01.toml": {
            "id": "CA-01",
            "title": "Two carriers",
            "status": "active",
            "label": {"limits": ["Not on stairs."]},
            "version": [
                {
                    "in_force": {"from": "2026-01-01"},
                    "strength": "weak",
                    "because": "Far is heavy.",
                    "sources": ["Smith"],
                    "when": {"any": [{"fact": "km", "at_least": 70}, {"defined": "old"}]},
                    "then": {"carriers": 2, "notes": [{"when": "careful"}]},
                }
            ],
        }
    },
    "definitions": {
        "old.toml": {
            "id": "old",
            "because": "Old.",
            "sources": [],
            "when": {"fact": "years", "at_least": 65},
        },
        "careful.toml": {
            "id": "careful",
            "because": "Careful.",
            "sources": [],
            "when": {"fact": "fragile", "equals": True},
        },
    },
    "bibliography": {"Smith": {"authors": "Smith", "year": 2020, "read": "whole"}},
    "other": {"steps.toml": {"line": [{"when": "old", "says": "slow"}]}},
    "external": [],
}
RULE = ("rules", "ca_01.toml")
VERSION = (*RULE, "version", 0)


def knowledge(content=CONTENT):
    return build(copy.deepcopy(content), Vocabulary(copy.deepcopy(VOCABULARY)))


def changed(*path, to=None):
    content = copy.deepcopy(CONTENT)
    place = content
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return knowledge(content)


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
    assert as_lines(compare(knowledge(), changed("ruleset", "version", to="2"))) == [
        "Nothing changed."
    ]


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
    stored = restored(knowledge().canonical())
    assert as_lines(compare(stored, knowledge())) == ["Nothing changed."]


def test_differences_are_found_where_they_are():
    before = {"a": [1, {"b": True}], "c/d": 1, "gone": 1}
    after = {"a": [1, {"b": 1}, 2], "c/d": 2, "new": None}
    assert list(differences(before, after)) == [
        ("/a/1/b", True, 1),
        ("/a/2", ABSENT, 2),
        ("/c~1d", 1, 2),
        ("/gone", 1, ABSENT),
        ("/new", ABSENT, None),
    ]


def test_a_proof_says_where_two_documents_differ():
    assert prove(b'{"a":1}', b'{"a":1}')["differences"] == []
    found = prove(b'{"a":1,"b":2}', b'{"a":1,"b":3}')
    assert not found["matches"]
    assert found["differences"] == [{"pointer": "/b", "stored": 2, "recomputed": 3}]
    spelled = prove(b'{"a": 1}', b'{"a":1}')
    assert not spelled["matches"]
    assert spelled["differences"] == [{"pointer": "", "sentence": SPELLED}]
    assert "not JSON" in prove(b"{", b"{}")["differences"][0]["sentence"]
    assert impossible(b"{}", "why")["recomputed_sha256"] is None


def test_a_proof_shows_twenty_differences_at_most():
    stored, again = ({str(n): n + more for n in range(50)} for more in (0, 1))
    found = prove(json.dumps(stored).encode(), json.dumps(again).encode())
    assert len(found["differences"]) == 20


def test_a_label_joins_what_the_rule_and_what_the_set_say():
    chosen = knowledge()
    rule = chosen.rules["CA-01"]
    rests_on = RestsOn.of(chosen, rule)
    assert rests_on.definitions == ["careful", "old"]
    assert rests_on.facts == {"km", "years", "fragile"}
    said = label(chosen, rule, rests_on, {"km": frozenset({"start", "end"})})
    assert said["limits"] == ["Not on stairs.", "Not for pianos."]
    assert said["evidence_grade"]["meaning"] == "one report"
    assert said["source_attributes"]["release_date"] == "2026-01-01"
    assert said["source_attributes"]["uses"] == {
        "age": {"used": True, "facts": ["years"], "through": [], "recorded": True},
        "language": {"used": False, "facts": [], "through": [], "recorded": False},
    }


def test_what_was_decided_elsewhere_counts_as_used():
    chosen = knowledge()
    rests_on = RestsOn([], [], frozenset({"told"}))
    uses = label(chosen, chosen.rules["CA-01"], rests_on, {})["source_attributes"]["uses"]
    assert uses["language"] == {
        "used": True,
        "facts": [],
        "through": ["told"],
        "recorded": True,
    }


def test_a_label_that_lacks_or_invents_something_is_refused():
    assert list(faults(knowledge())) == []
    assert list(faults(changed("ruleset", "label", "funding"))) == [
        "ruleset.toml: label.funding is missing."
    ]
    assert list(faults(changed("ruleset", "label", "attributes", "age", to=["agee"]))) == [
        "ruleset.toml: label.attributes.age: there is no finding called agee."
    ]
    assert list(faults(changed(*RULE, "label", "colour", to="red"))) == [
        "ca_01.toml: label: there is no setting called colour."
    ]
