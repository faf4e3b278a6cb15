"""What a rule reads, and which values of a fact matter."""

from tests.unit.rules.parcels import compiled, rule
from tests.unit.rules.shipments import shipment_rules


def test_facts_and_rules_find_each_other():
    rules = shipment_rules()
    assert rules.facts_of("A") == {
        "distance_km", "parcels", "parcels[].weight_kg", "parcel_count"
    }  # fmt: skip
    assert rules.facts_of("C") == rules.facts_of("B") | {"fragile"}
    assert "scans[].parcel_id" in rules.facts_of("B")
    assert "limit" in rules.facts_of("B")
    assert rules.facts_of("unheard of") == frozenset()
    assert rules.facts_of_definition("heavy") == {"parcels", "parcels[].weight_kg", "parcel_count"}


def test_completions_try_one_value_for_each_way_a_fact_could_matter():
    rules = shipment_rules()
    facts = {"limit": 40, "parcels": [{"id": "a"}], "scans": [{"before": 8}, {"after": 3}, {}]}
    assert rules.completions("fragile", facts) == [True, False]
    assert rules.completions("colour", facts) == ["red", "blue", "grey"]
    assert rules.completions("distance_km", facts) == [0, 5, 101]
    assert rules.completions("parcels[0].weight_kg", facts) == [0, 20, 35, 40, 100]
    assert rules.completions("parcels[0].weight_kg", {**facts, "limit": None}) == [0, 20, 100]
    assert rules.completions("scans[0].after", facts) == [2.9, 3.5, 4, 4.1]
    assert rules.completions("scans[1].before", facts) == [5.9, 6, 6.1]
    assert len(rules.completions("scans[2].before", facts)) == 1
    assert len(rules.completions("speed", facts)) == 1
    points = compiled(
        rule("A", {"fall_points": ["speed", "limit"], "above": 5}),
        rule("B", {"fall_percent": ["limit", "speed"], "at_least": 100}),
        rule("C", {"fact": "distance_km", "not_equals": 7}),
        rule("D", {"fact": "distance_km", "below": 7.5}),
        rule("E", {"fact": "distance_km", "in": [9, 11]}),
        rule("F", {"fact": "speed", "known": True}),
    )
    assert points.completions("speed", {"limit": 2}) == [-0.1, 0, 3.5, 7, 7.1]
    assert points.completions("limit", {"speed": 2}) == [-3.1, -3, -2.9]
    assert points.completions("distance_km", {}) == [0, 7, 8, 9, 10, 11, 12]
