"""The answers about guidance and proofs, as typed documents."""

from msgspec import Struct

from rules.catalogue.serving.documents import NamedSet, RulePage, RuleSummary
from rules.catalogue.serving.set_documents import Proof


class GuidanceSummary(RuleSummary, frozen=True, kw_only=True):
    """A rule of the guidance in a list: its newest version in short.

    Attributes:
        says: What it advises, in one sentence.
    """

    says: str


class GuidanceList(Struct, frozen=True, kw_only=True):
    """A page of the guidance.

    Attributes:
        guidance: The set that the rules belong to.
        rules: The rules, in the order of their ids.
    """

    guidance: NamedSet
    rules: list[GuidanceSummary]


class GuidanceRule(RulePage, frozen=True, kw_only=True):
    """A rule of the guidance whole: every version, what it reads, its label, tests and use.

    Attributes:
        treatments: The treatments that it stands before.
        guidance: The set that it belongs to.
    """

    treatments: list[str]
    guidance: NamedSet


class PlanProof(Proof, frozen=True, kw_only=True):
    """Whether the stored facts, judged again by the guidance of their day, give the same bytes.

    Attributes:
        guidance: The set by which it was judged.
    """

    guidance: NamedSet
