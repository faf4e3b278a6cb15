"""The order in which rules and definitions are judged."""

from tests.unit.rules.parcels import compiled, rule

from rules.engine.schedule import steps

SEALED = {"item": "sealed", "equals": True}


def order(*rules):
    units = compiled(*rules).units
    return [
        (step.over, [unit.key[1] for unit in step.units if isinstance(unit.key, tuple)])
        for step in steps(units)
    ]


def test_each_is_judged_after_what_it_needs():
    assert order(rule("A", {"rule": "B"}), rule("B", {"fact": "fragile", "equals": True})) == [
        (None, ["B"]),
        (None, ["A"]),
    ]


def test_rules_over_one_list_share_a_pass_even_if_one_uses_another():
    passes = order(rule("A", SEALED, "parcels"), rule("B", {"not": {"rule": "A"}}, "parcels"))
    assert passes == [("parcels", ["A", "B"])]


def test_what_asks_about_the_whole_list_comes_after_the_pass():
    listed = order(rule("C", {"rule": "A"}), rule("A", SEALED, "parcels"))
    assert listed == [("parcels", ["A"]), (None, ["C"])]
