"""A small set of rules with every kind of condition, for the tests."""

from tests.unit.rules.parcels import compiled, definition, rule

FINE = {"fact": "fragile", "equals": True}
JOIN = {
    "any_of": "scans",
    "matching": "parcel_id",
    "where": {"fall_percent": ["before", "after"], "at_least": 50},
}
OVER = {
    "all": [
        {"item": "weight_kg", "at_least": 20},
        JOIN,
        {"compare": ["weight_kg", "limit"], "is": "above"},
    ]
}
BESIDE = {
    "definitions": [definition("heavy", {"item": "weight_kg", "above": 30}, "parcels")],
    "external": ["EX"],
}


def shipment_rules():
    return compiled(
        rule("A", {"any": [{"defined": "heavy"}, {"fact": "distance_km", "between": [5, 100]}]}),
        rule("B", OVER, "parcels"),
        rule("C", {"all": [{"rule": "B"}, {"rule": "EX"}, {"fact": "fragile", "known": True}]}),
        rule("D", {"fact": "colour", "in": ["red", "blue"]}),
        rule("E", {"count_of": "scans", "at_least": 1, "where": {"item": "after", "above": 3}}),
        rule(
            "F",
            {"all": [{"fact": "parcels", "known": True}, {"not": {"count": [FINE], "exactly": 1}}]},
        ),
        **BESIDE,
    )
