"""Why a verdict came out, as a tree."""

from tests.unit.rules.shipments import shipment_rules


def test_an_explanation_names_facts_values_and_what_was_expected():
    rules = shipment_rules()
    facts = {"limit": 10, "parcels": [{"id": "a", "weight_kg": 25}, {}], "parcel_count": 3}
    facts["scans"] = [{"parcel_id": "a", "before": 8, "after": 4}, {"parcel_id": "z"}]
    evaluation = rules.evaluate(facts, {"EX": True})
    first = rules.explain(facts, evaluation, "B", 0)
    assert first["op"] == "all"
    weight, scanned, compared = first["children"]
    assert weight == {
        "op": "at_least",
        "verdict": True,
        "item": "parcels[].weight_kg",
        "label": "Weight kg",
        "value": 25,
        "unit": "kg",
        "expected": 20,
    }
    assert scanned["list"] == "scans"
    assert [child["element"] for child in scanned["children"]] == [0]
    assert scanned["children"][0]["value"] == 50
    assert [side["value"] for side in compared["compare"]] == [25, 10]
    whole = rules.explain(facts, evaluation, "B")
    assert whole["incomplete"] is True
    assert [child["element"] for child in whole["children"]] == ["a", 1]
    used = rules.explain(facts, evaluation, "C")["children"]
    assert [(child["op"], child.get("id")) for child in used] == [
        ("rule", "B"),
        ("external", "EX"),
        ("known", None),
    ]
    defined = rules.explain(facts, evaluation, "A")["children"][0]
    assert defined["children"][0]["list"] == "parcels"


def test_the_grounds_of_a_rule_are_its_explanation_without_what_is_inside_of_what_is_not_true():
    rules = shipment_rules()
    facts = {"limit": 10, "parcels": [{"id": "a", "weight_kg": 25}, {}], "parcel_count": 3}
    facts["scans"] = [{"parcel_id": "a", "before": 8, "after": 4}]
    evaluation = rules.evaluate(facts, {"EX": True})

    def closed(tree):
        if tree["verdict"] is not True:
            kept = {"element": tree["element"]} if "element" in tree else {}
            return kept | {"op": "", "verdict": tree["verdict"]}
        inside = tree.get("children")
        return tree | ({"children": [closed(part) for part in inside]} if inside else {})

    assert evaluation.verdict("B") is True
    assert rules.grounds(evaluation, "B") == closed(rules.explain(facts, evaluation, "B"))
    assert rules.explain(facts, evaluation, "E")["at_least"] == 1
    assert rules.explain(facts, evaluation, "D")["expected"] == ["red", "blue"]
    known, denied = rules.explain(facts, evaluation, "F")["children"]
    assert (known["label"], known["value"]) == ("Parcels", 2)
    assert denied["op"] == "not"
    assert denied["children"][0]["exactly"] == 1
    assert rules.explain({}, rules.evaluate({}), "F")["children"][0]["value"] is None
