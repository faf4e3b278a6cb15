"""The answers about rules and proofs, as typed documents."""

from msgspec import Struct

from rules.catalogue.serving.documents import NamedSet, RulePage, RuleSummary
from rules.catalogue.serving.set_documents import Proof


class RuleList(Struct, frozen=True, kw_only=True):
    """A page of rules.

    Attributes:
        ruleset: The set that they belong to.
        rules: The rules, in the order of their ids.
    """

    ruleset: NamedSet
    rules: list[RuleSummary]


class Rule(RulePage, frozen=True, kw_only=True):
    """A rule whole: every version, its conditions, what it reads, its label, tests and use.

    Attributes:
        ruleset: The set that it belongs to.
    """

    ruleset: NamedSet


class AssessmentProof(Proof, frozen=True, kw_only=True):
    """Whether the stored facts, judged again by the rules of their day, give the same bytes.

    Attributes:
        ruleset: The set by which it was judged.
    """

    ruleset: NamedSet
