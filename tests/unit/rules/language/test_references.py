"""Which rules and definitions depend on which."""

from tests.unit.rules.catalogue.carriers import knowledge

from rules.language.references import definitions_of, files_that_use, rules_of, rules_that_use


def test_a_rule_depends_on_what_its_condition_and_its_conclusion_name():
    content = knowledge()
    assert definitions_of(content, content.rules["CA-01"]) == ["careful", "old"]
    assert rules_of(content, content.rules["CA-01"]) == []


def test_users_of_a_definition_are_rules_and_files():
    assert rules_that_use(knowledge(), "old") == ["CA-01"]
    assert files_that_use(knowledge(), "old") == ["steps.toml"]
    assert files_that_use(knowledge(), "careful") == []
