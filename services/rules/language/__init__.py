"""The rule language: from TOML to conditions, definitions, rules and a vocabulary."""
