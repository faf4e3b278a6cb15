"""What is served of sets of rules, and of proofs by them, as typed documents."""

import datetime as dt
from typing import Any

import msgspec
from msgspec import Struct

from rules.catalogue.history import ChangeKind, ChangePart


class Evaluators(Struct, frozen=True, kw_only=True):
    """The programs that judged.

    Attributes:
        then: The one that made the stored document.
        now: The one that answers.
    """

    then: str | None
    now: str


class Difference(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A place where the stored document and the one that was made again differ.

    Attributes:
        pointer: JSON pointer of the place; the whole document if empty.
        sentence: What differs, if the values do not say it.
        stored: What is stored there; absent if there is nothing.
        recomputed: What was made again; absent if there is nothing.
    """

    pointer: str
    sentence: str | None = None
    stored: Any = msgspec.UNSET
    recomputed: Any = msgspec.UNSET


class Proof(Struct, frozen=True, kw_only=True):
    """Whether the stored facts, judged again by the rules of their day, give the same bytes.

    Attributes:
        case_id: Of what.
        revision: Which revision of it.
        on: The day by which it was judged.
        matches: Whether the bytes are the same.
        sentence: The result in one sentence.
        stored_sha256: The digest of what is stored.
        recomputed_sha256: The digest of what was made again; null if that was impossible.
        evaluator: The programs.
        covers: What the proof covers.
        differences: The first places that differ.
    """

    case_id: str
    revision: int
    on: dt.date
    matches: bool
    sentence: str
    stored_sha256: str
    recomputed_sha256: str | None
    evaluator: Evaluators
    covers: str
    differences: list[Difference]


class ComparedSet(Struct, frozen=True, kw_only=True):
    """The set that another is compared to.

    Attributes:
        version: Its version.
        sha256: The digest of its canonical content.
        evaluator: The program that ran it.
    """

    version: str
    sha256: str
    evaluator: str


class SetChange(Struct, frozen=True, kw_only=True):
    """One change from one set to the next.

    Attributes:
        kind: What happened.
        part: To which part of the set.
        subject: The id of the rule, or the name of what changed.
        sentence: The change in words.
    """

    kind: ChangeKind
    part: ChangePart
    subject: str
    sentence: str


class RuleSet(Struct, frozen=True, kw_only=True):
    """A set of rules that ran here.

    Attributes:
        version: Its version.
        sha256: The digest of its canonical content.
        evaluator: The program that ran it.
        first_run_at: When it first ran.
        compared_to: The set before it; null for the first one.
        changes: What changed since that.
    """

    version: str
    sha256: str
    evaluator: str
    first_run_at: dt.datetime
    compared_to: ComparedSet | None
    changes: list[SetChange]


class RuleSetList(Struct, frozen=True, kw_only=True):
    """The sets of rules that ran here, the newest first.

    Attributes:
        sets: Each set.
    """

    sets: list[RuleSet]
