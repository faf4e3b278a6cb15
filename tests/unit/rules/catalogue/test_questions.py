"""Questions as people would ask them."""

from tests.unit.rules.parcels import vocabulary

from rules.catalogue.questions import question


def test_a_fact_without_a_question_is_asked_by_its_label():
    assert question(vocabulary(), "fragile") == "Fragile?"
    assert question(vocabulary(), "parcels[2].weight_kg") == "Weight kg?"
    assert question(vocabulary(), "parcels") == "Parcels?"
