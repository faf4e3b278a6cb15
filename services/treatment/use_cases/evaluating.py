"""Plans of cases that are sent along and forgotten."""

from dataclasses import dataclass
from typing import Any

from rules import Knowledge, NothingInForceError
from rules.language.sentences import Sentences
from treatment.judge import Case, Decision
from treatment.use_cases.planning import brief_of, decide, document_of, explanation_of
from treatment.write import Brief, Plan


class NoGuidanceThen(Exception):
    """No guidance was in force on that date."""


@dataclass(frozen=True)
class Evaluated:
    """A plan that is not stored.

    Attributes:
        case: What was judged.
        decision: What was decided.
        brief: The screen.
    """

    case: Case
    decision: Decision
    brief: Brief


def evaluate(guidance: Knowledge, sentences: Sentences, case: Case, assessed: Brief) -> Evaluated:
    """Makes a plan without storing anything.

    Args:
        guidance: All guidance of all dates.
        sentences: The wording.
        case: What is judged.
        assessed: The brief of diagnosis.

    Raises:
        NoGuidanceThen: No guidance was in force on that date.
    """
    try:
        decision = decide(guidance, case)
    except NothingInForceError as error:
        raise NoGuidanceThen(str(error)) from None
    return Evaluated(case, decision, brief_of(guidance, sentences, case, assessed, decision))


def evaluated_document(
    guidance: Knowledge, sentences: Sentences, evaluated: Evaluated, assessed: Brief
) -> Plan:
    """Writes the full document of a plan that is not stored."""
    return document_of(guidance, sentences, evaluated.case, assessed)


def evaluated_explanation(guidance: Knowledge, evaluated: Evaluated) -> dict[str, Any]:
    """Shows why each rule of a plan that is not stored came out as it did."""
    return explanation_of(guidance, evaluated.case)
