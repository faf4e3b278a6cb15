"""What a case is, how it grows, and how far it has come; pure, without any framework."""

from intake.domain.case import (
    Case,
    Contact,
    GrowsByFollowUps,
    Moment,
    correct,
    follow_up,
    open_case,
    says_the_same,
)
from intake.domain.coherence import ImplausibleCase, faults
from intake.domain.contradictions import Fault
from intake.domain.findings import Findings, merge, tidy
from intake.domain.progress import (
    Kind,
    Progress,
    Result,
    ResultSummary,
    State,
    held_up,
    is_planned,
    progress,
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
    "merge",
    "open_case",
    "progress",
    "says_the_same",
    "tidy",
]
