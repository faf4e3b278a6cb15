"""What the label of a rule says."""

from tests.unit.rules.catalogue.carriers import RULE, changed, knowledge

from rules.catalogue.label import RestsOn, faults, label


def test_a_label_joins_what_the_rule_and_what_the_set_say():
    chosen = knowledge()
    rule = chosen.rules["CA-01"]
    rests_on = RestsOn.of(chosen, rule)
    assert rests_on.definitions == ["careful", "old"]
    assert rests_on.facts == {"km", "years", "fragile"}
    written = label(chosen, rule, rests_on, {"km": frozenset({"start", "end"})})
    assert written["limits"] == ["Not on stairs.", "Not for pianos."]
    assert written["evidence_grade"]["meaning"] == "one report"
    assert written["source_attributes"]["release_date"] == "2026-01-01"
    assert written["source_attributes"]["uses"] == {
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
