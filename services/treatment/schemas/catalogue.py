"""The answers about guidance and proofs, as typed documents."""

from typing import Literal

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


class ServedPlan(Struct, frozen=True, kw_only=True):
    """Whether a representation of the document, written again, has the bytes first served.

    Attributes:
        representation: Which one.
            json: The document.
            text: The document as plain text.
            json with explanation: The document with the reasoning rule by rule.
        matches: Whether the digests are equal.
        served_sha256: Of what was served first.
        recomputed_sha256: Of what is written now.
    """

    representation: Literal["json", "text", "json with explanation"]
    matches: bool
    served_sha256: str
    recomputed_sha256: str


class PlanProof(Proof, frozen=True, kw_only=True):
    """Whether the stored facts, judged again by the guidance of their day, give the same bytes.

    Attributes:
        guidance: The set by which it was judged.
        wording_sha256: The wording of its day.
        words: What was served of it, written again.
    """

    case_id: str
    guidance: NamedSet
    wording_sha256: str
    words: list[ServedPlan]
