"""Paths of facts: general, replaced, and copies that leave the original alone."""

from rules.language.fact_paths import general, replaced

FACTS = {"km": 1, "parcels": [{"id": "a", "kg": 5}, {"id": "b"}]}


def test_a_general_path_has_no_position():
    assert general("parcels[2].weight_kg") == "parcels[].weight_kg"
    assert general("papers.permit") == "papers.permit"


def test_a_replaced_fact_is_in_the_copy_and_the_original_is_as_it_was():
    copy = replaced(FACTS, "parcels[1].kg", 7)
    assert copy["parcels"] == [{"id": "a", "kg": 5}, {"id": "b", "kg": 7}]
    assert FACTS["parcels"] == [{"id": "a", "kg": 5}, {"id": "b"}]
    assert copy["parcels"][0] is FACTS["parcels"][0]
    assert replaced(FACTS, "km", 2) == FACTS | {"km": 2}
    assert FACTS["km"] == 1
