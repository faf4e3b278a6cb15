"""A small rule set with a label, for the tests of the catalogue."""

import copy

from rules import Vocabulary
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
