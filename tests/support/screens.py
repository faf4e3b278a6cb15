"""The one screen of a case, made as the three services make it one after the other."""

import datetime as dt
import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from tests.support.planning import ASSESSMENT_SENTENCES, SENTENCES, Planned, plan, sent

import treatment.judge
from diagnosis.judge import Ruleset, load_ruleset
from diagnosis.judge import judge as judge_assessment
from diagnosis.write import brief as write_assessment_brief
from intake.brief import Brief
from intake.case import Case, Moment, Progress, follow_up, open_case
from intake.case.findings import Findings
from intake.schemas.requests import FINDINGS
from intake.write import Shown, screen
from rules import Knowledge
from treatment.judge import in_force, load_guidance
from treatment.write import Brief as PlanBrief
from treatment.write import write_brief

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"
CASE_ID: Final = "01a2b3c4-d5e6-7f80-91a2-b3c4d5e6f708"
LATER: Final = dt.timedelta(days=49)
ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
FIRST: Final = dt.date(2026, 11, 23)
PLANNED: Final = Progress("planned", "recommended")
Facts = Mapping[str, Any]


@functools.cache
def ruleset() -> Ruleset:
    """All rules of all dates."""
    return load_ruleset()


@functools.cache
def guidance() -> Knowledge:
    """All guidance of all dates."""
    return load_guidance()


def planned(facts: Facts, on: dt.date, previous: Facts | None = None) -> Planned:
    """Assess and plan facts as an event carries them."""
    return plan(facts, ruleset(), guidance(), on, previous)


def planned_flat(flat: Facts, on: dt.date) -> Planned:
    """Assess and plan flat facts, which both services read as they are."""
    rules, used = ruleset().in_force(on), in_force(guidance(), on)
    assessment = judge_assessment(flat, ruleset(), on)
    written = write_assessment_brief(assessment, flat, rules, ASSESSMENT_SENTENCES)
    brief = msgspec.json.decode(msgspec.json.encode(written), type=PlanBrief)
    case = treatment.judge.Case(sent(assessment), flat, on, None)
    decision = treatment.judge.judge(case, used)
    screen_of = write_brief(decision, case, brief, used, SENTENCES)
    return Planned(assessment, decision, screen_of, case, brief, guidance())


def as_screen(made: Planned, revision: int = 1) -> str:
    """Write the screen of a plan."""
    brief = msgspec.json.decode(msgspec.json.encode(made.brief), type=Brief)
    return screen(Shown(CASE_ID, revision, revision, made.case.on, PLANNED, brief))


def example(name: str) -> dict[str, Any]:
    """Read a body of docs/examples, its dates moved to when the rules are in force."""
    text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
    body: dict[str, Any] = json.loads(ISO_DATE.sub(_later, text))
    return body


def _later(found: re.Match[str]) -> str:
    return (dt.date.fromisoformat(found.group()) + LATER).isoformat()


def course(findings: Findings = FINDINGS) -> list[tuple[Facts, dt.date]]:
    """The README's patient: first visit, block with injection, follow-up of one month."""
    days = [FIRST + dt.timedelta(days=after) for after in (0, 7, 38)]
    case = open_case(findings, "clinic", CASE_ID, example("bm01_completed"), Moment(days[0], 0))
    cases: list[Case] = [case]
    for day, name in zip(days[1:], ("bm01_block", "bm01_follow_up"), strict=True):
        cases.append(follow_up(findings, cases[-1], example(name), Moment(day, 0)))
    return [
        (findings.outgoing(one.body, day, one.answered_earlier), day)
        for one, day in zip(cases, days, strict=True)
    ]
