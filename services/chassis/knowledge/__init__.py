"""Three-valued rules read from files, compiled to one function, and explained."""

from chassis.knowledge.compiled import Compiled, Evaluation, RuleInForce
from chassis.knowledge.errors import KnowledgeError, NothingInForceError
from chassis.knowledge.loader import load
from chassis.knowledge.model import Definition, Knowledge, Rule, RuleVersion
from chassis.knowledge.vocabulary import Fact, ListFact, Vocabulary

__all__ = [
    "Compiled",
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
    "Vocabulary",
    "load",
]
