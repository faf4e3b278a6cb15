"""What each service says about the same patients today, made by its own code."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.contracts.events.golden import as_example, as_message

from chassis.envelope import Event, Message
from diagnosis import events as diagnosis_events
from diagnosis import use_cases as diagnosis
from diagnosis.judge import Ruleset
from diagnosis.write import load_sentences as assessment_sentences
from intake import events as intake_events
from intake.case import Moment, follow_up, open_case
from intake.events import Origin
from intake.schemas import CASE, FINDINGS, FOLLOW_UP
from rules import Knowledge
from treatment import events as treatment_events
from treatment.use_cases import recommending as treatment
from treatment.write import load_sentences

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
CASE_ID = "019b8f5e-7c00-7000-8000-000000000001"
MOMENT = Moment(date(2026, 11, 22), 1_795_348_800_000_000)
ORIGIN = Origin("desk", "request-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


def case_submitted(**changed: Any) -> Event:
    document = body("bm01_completed")
    for section, values in changed.items():
        document[section] = {**document.get(section, {}), **values}
    case = open_case(FINDINGS, "clinic", CASE_ID, CASE.load(document), MOMENT)
    return _fixed(intake_events.case_accepted(case, FINDINGS, ORIGIN), 1)


def case_revised() -> Event:
    case = open_case(FINDINGS, "clinic", CASE_ID, CASE.load(body("bm01_completed")), MOMENT)
    entry = FOLLOW_UP.load(body("bm01_block"))
    case = follow_up(FINDINGS, case, entry, MOMENT)
    return _fixed(intake_events.case_accepted(case, FINDINGS, ORIGIN), 2)


def intake_stopped(received: Message) -> Event:
    return _at_noon(intake_events.processing_stopped(received, "unreadable-event"))


def assessed(ruleset: Ruleset, received: Message) -> list[Event]:
    """What diagnosis says after a case that it never saw before."""
    case = diagnosis_events.submitted_case(received)
    found = diagnosis.assess(ruleset, assessment_sentences(), case, MOMENT.at)
    return [_at_noon(event) for event in diagnosis.outgoing(ruleset, found, {})]


def diagnosis_stopped(received: Message) -> Event:
    return _at_noon(diagnosis_events.processing_stopped(received, "unreadable-event"))


def planned(guidance: Knowledge, received: Message) -> Event:
    """What treatment says after an assessment of a case that it never saw before."""
    case = treatment_events.assessed_case(received)
    planned = treatment.recommend_plan(guidance, load_sentences(), case, None, MOMENT.at)
    return _at_noon(treatment._plan_made(planned))


def treatment_stopped(received: Message) -> Event:
    return _at_noon(treatment_events.processing_stopped(received, "unreadable-event"))


def everything(ruleset: Ruleset, guidance: Knowledge) -> dict[str, tuple[Event, int]]:
    """Every kind of event, each caused by the one before it, with its sequence number."""
    submitted, revised = case_submitted(), case_revised()
    received = as_message(as_example(submitted, 1))
    completed = assessed(ruleset, received)[-1]
    locking = case_submitted(red_flags={"saddle_sensation": "altered"})
    raised, *_, locked = assessed(ruleset, as_message(as_example(locking, 1)))
    assessment = as_message(as_example(completed, 1))
    plan = planned(guidance, assessment)
    withheld = planned(guidance, as_message(as_example(locked, 2)))
    return {
        "case.submitted": (submitted, 1),
        "case.revised": (revised, 2),
        "assessment.completed": (completed, 1),
        "red-flag.raised": (raised, 1),
        "plan.recommended": (plan, 1),
        "plan.withheld": (withheld, 1),
        "processing.stopped.intake": (intake_stopped(assessment), 2),
        "processing.stopped.diagnosis": (diagnosis_stopped(received), 1),
        "processing.stopped.treatment": (treatment_stopped(assessment), 1),
    }


def _fixed(event: Event, number: int) -> Event:
    return replace(event, event_id=f"019b8f5e-7c00-7000-8000-00000000100{number}")


def _at_noon(event: Event) -> Event:
    return replace(event, occurred_at="2026-11-22T12:00:00.000+00:00")
