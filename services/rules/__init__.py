"""Three-valued rules: read from files, compiled to one function, explained.

A verdict is True, False or None (unknown); unknown is never false. Rules, definitions and the
vocabulary of facts are TOML files, so that whoever answers for them can change them.

    knowledge/facts/shipment.toml          section = "shipment"
                                           [[fact]]
                                           name = "distance_km"
                                           label = "Distance"
                                           type = "integer"
                                           [[list]]
                                           name = "parcels"
                                           label = "Parcels"
                                           [[list.field]]
                                           name = "weight_kg"
                                           label = "Weight"
                                           type = "number"
    knowledge/ruleset.toml                 version = "2026.1"
    knowledge/bibliography.toml            [Smith2020]
                                           title = "Lifting"
    knowledge/definitions/heavy.toml       id = "heavy"
                                           over = "parcels"
                                           because = "Twenty kilograms are heavy."
                                           sources = ["Smith2020"]
                                           when = { item = "weight_kg", at_least = 20 }
    knowledge/carrying/CA-01.toml          id = "CA-01"
                                           title = "Two carriers"
                                           status = "active"
                                           [[version]]
                                           in_force = { from = 2026-01-01 }
                                           strength = "weak"
                                           because = "Heavy parcels need two."
                                           sources = ["Smith2020"]
                                           then = { carriers = 2 }
                                           [version.when]
                                           any_of = "parcels"
                                           where = { defined = "heavy" }

Reading and judging:

    vocabulary = Vocabulary.load(folder / "facts")
    knowledge = load(folder, vocabulary, check_then)      # KnowledgeError lists every fault
    rules = in_force(knowledge, on)                       # compiled once; NothingInForceError
    facts = vocabulary.flatten(document)                  # {"distance_km": 12, "parcels": [{...}]}
    evaluation = rules.evaluate(facts, external={"EX-1": True})
    evaluation.verdict("CA-01")                           # True, False or None
    evaluation.items("RL-02")                             # a rule over a list: one per element
    evaluation.definition("heavy"); evaluation.definition_items("heavy")
    rules.explain(facts, evaluation, "CA-01")             # JSON tree

What is missing, and what could it change:

    for name in rules.undecided_facts(evaluation):        # "distance_km", "parcels[0].weight_kg",
        if name in vocabulary.lists: ...                  # or "parcels": elements may be missing
        for value in rules.completions(name, facts):      # one value for each way it could matter
            other = rules.with_fact(evaluation, name, value)
    view = rules.view(["CA-01", "heavy"])                 # equal views, equal conclusions
    reading_with = view.hypothesis(evaluation, "distance_km")
    reading_with(30)                                      # None: the view would stay as it is

Storing: ``knowledge.version``, ``knowledge.digest`` and ``knowledge.canonical()``;
``from_canonical(text)`` brings back a set that judges exactly as it did.
``linter.lint``, ``cases.read_cases`` and ``mutation.survivors`` serve whoever writes rules.
Rules decided elsewhere are declared with ``load(..., external_rules={"EX-1"})``; files that the
service reads itself with ``load(..., other={"sentences.toml"})`` are in ``knowledge.other``.
"""

from rules.engine.compiled import Compiled, Evaluation
from rules.in_force import in_force
from rules.language.errors import KnowledgeError, NothingInForceError
from rules.language.fact_paths import general, replaced
from rules.language.facts import Fact, ListFact, Section, Value
from rules.language.loader import from_canonical, load
from rules.language.model import Definition, Knowledge, Rule, RuleInForce, RuleVersion
from rules.language.vocabulary import Vocabulary
from rules.what_if.compiled import WhatIfRules
from rules.what_if.counterfactual import Counterfactuals
from rules.what_if.views import View

__all__ = [
    "Compiled",
    "Counterfactuals",
    "Definition",
    "Evaluation",
    "Fact",
    "Knowledge",
    "KnowledgeError",
    "ListFact",
    "NothingInForceError",
    "Rule",
    "RuleInForce",
    "RuleVersion",
    "Section",
    "Value",
    "View",
    "Vocabulary",
    "WhatIfRules",
    "from_canonical",
    "general",
    "in_force",
    "load",
    "replaced",
]
