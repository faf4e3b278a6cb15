"""Undecided facts by name."""

from tests.unit.rules.parcels import compiled, rule
from tests.unit.rules.shipments import shipment_rules


def test_undecided_facts_are_named_and_nothing_else():
    rules = shipment_rules()
    evaluation = rules.evaluate({"distance_km": 200, "scans": [{"after": 1}, {"parcel_id": "z"}]})
    assert rules.undecided_facts(evaluation, ["A"]) == {"parcels"}
    assert rules.undecided_facts(evaluation, ["D"]) == {"colour"}
    assert rules.undecided_facts(evaluation, ["C"]) == {"parcels", "fragile"}
    assert rules.undecided_facts(evaluation, ["heavy"]) == {"parcels"}
    known = {
        "limit": 10,
        "parcels": [{"id": "a", "weight_kg": 25}, {"weight_kg": 5}],
        "fragile": True,
    }
    evaluation = rules.evaluate({**known, "scans": [{"after": 1}, {"parcel_id": "z"}]})
    assert rules.undecided_facts(evaluation, ["B"]) == {"scans[0].parcel_id", "scans[0].before"}
    assert rules.undecided_facts(evaluation, ["F"]) == set()
    gap = rules.evaluate({"parcel_count": 2, "parcels": [{"weight_kg": 10}]})
    assert rules.undecided_facts(gap, ["heavy"]) == {"parcels"}
    assert rules.undecided_facts(rules.evaluate({}), ["F"]) == {"parcels", "fragile"}


def test_a_question_whether_an_element_is_known_stays_open_until_it_is():
    where = {"item": "before", "known": True}
    scanned = {"any_of": "scans", "matching": "parcel_id", "where": where}
    rules = compiled(rule("R", scanned, "parcels"))
    evaluation = rules.evaluate({"parcels": [{"id": "a"}], "scans": [{"parcel_id": "a"}]})
    assert evaluation.items("R") == [False]
    assert rules.undecided_facts(evaluation) == {"scans[0].before"}
