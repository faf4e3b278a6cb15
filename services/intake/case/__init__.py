"""What a case is, how it grows, and how far it has come; pure, without any framework."""

from intake.case.coherence import ImplausibleCase, faults
from intake.case.contradictions import Fault
from intake.case.findings import Findings, merge, tidy
from intake.case.preparation import prepare
from intake.case.progress import (
    Kind,
    Progress,
    Result,
    ResultSummary,
    State,
    held_up,
    is_planned,
    progress,
)
from intake.case.revisions import (
    Case,
    Contact,
    GrowsByFollowUps,
    Moment,
    correct,
    follow_up,
    is_unchanged,
    open_case,
)

__all__ = [
    "Case",
    "Contact",
    "Fault",
    "Findings",
    "GrowsByFollowUps",
    "ImplausibleCase",
    "Kind",
    "Moment",
    "Progress",
    "Result",
    "ResultSummary",
    "State",
    "correct",
    "faults",
    "follow_up",
    "held_up",
    "is_planned",
    "is_unchanged",
    "merge",
    "open_case",
    "prepare",
    "progress",
    "tidy",
]
