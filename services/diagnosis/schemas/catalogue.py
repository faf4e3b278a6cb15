"""The answers about rules and proofs, as typed documents."""

from typing import Literal

from msgspec import Struct

from rules.catalogue.serving.documents import NamedSet, RulePage, RuleSummary
from rules.catalogue.serving.set_documents import Difference, Proof


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


class AssessmentWording(Struct, frozen=True, kw_only=True):
    """The sentences by which a document was written.

    Attributes:
        version: Their version.
        sha256: The digest of their canonical content.
    """

    version: str
    sha256: str


class BriefComparison(Struct, frozen=True, kw_only=True):
    """Whether the brief, written again, has the bytes that were stored.

    Attributes:
        matches: Whether the bytes are the same.
        stored_sha256: The digest of what is stored.
        recomputed_sha256: The digest of what was written again; null if that was impossible.
        differences: The first places that differ.
    """

    matches: bool
    stored_sha256: str
    recomputed_sha256: str | None
    differences: list[Difference]


class ServedAssessment(Struct, frozen=True, kw_only=True):
    """Whether a representation of the document, written again, has the bytes first served.

    Attributes:
        representation: Which one.
            json: The document.
            text: The document as plain text.
            json-explanation: The document with the reasoning rule by rule.
        matches: Whether the digests are equal.
        served_sha256: Of what was served first.
        recomputed_sha256: Of what is written now.
    """

    representation: Literal["json", "text", "json-explanation"]
    matches: bool
    served_sha256: str
    recomputed_sha256: str


class AssessmentWords(Struct, frozen=True, kw_only=True):
    """What the words of an assessment prove.

    Attributes:
        wording: The sentences of its day.
        brief: The brief, written again.
        served: What was served of the document, written again.
    """

    wording: AssessmentWording
    brief: BriefComparison
    served: list[ServedAssessment]


class AssessmentProof(Proof, frozen=True, kw_only=True):
    """Whether the stored facts, judged again by the rules of their day, give the same bytes.

    Attributes:
        ruleset: The set by which it was judged.
        words: What its words prove; null if it could not be made again.
    """

    ruleset: NamedSet
    words: AssessmentWords | None
