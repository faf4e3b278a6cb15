"""What a case is, how it grows, and how far it has come; pure, without any framework."""

from intake.case.revisions import (
    Case,
    Contact,
    GrowsByFollowUps,
    Moment,
    correct,
    follow_up,
    open_case,
    is_unchanged,
)
from intake.case.coherence import ImplausibleCase, faults
from intake.case.contradictions import Fault
from intake.case.findings import Findings, merge, tidy
from intake.case.progress import (
    Document,
    Mark,
    Note,
    Progress,
    State,
    held_up,
    is_planned,
    progress,
)

__all__ = [
    "Case",
    "Contact",
    "Document",
    "Fault",
    "Findings",
    "GrowsByFollowUps",
    "ImplausibleCase",
    "Mark",
    "Moment",
    "Note",
    "Progress",
    "State",
    "correct",
    "faults",
    "follow_up",
    "held_up",
    "is_planned",
    "merge",
    "open_case",
    "progress",
    "is_unchanged",
    "tidy",
]
