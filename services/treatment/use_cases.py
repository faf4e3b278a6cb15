"""What treatment can do; each function works in a transaction that its door opened."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from chassis import clock
from chassis.envelope import Event, Message
from chassis.messaging.errors import Poison
from chassis.messaging.sending.outbox import Outbox
from chassis.storage.audit import Audit, AuditRow
from rules import Knowledge, KnowledgeError, NothingInForceError
from rules.catalogue import proof
from rules.catalogue.pages import About, read_tested
from rules.catalogue.serving.judgements import Counted, JudgementRow, Judgements
from treatment import domain, events
from treatment.domain import Decided, Plan
from treatment.events import AssessmentHeard
from treatment.models import AUDIT, JUDGEMENTS, OUTBOX
from treatment.repository import CaseKey, GuidanceTexts, Plans, StoredPlan

# What a stored text that was tampered with, or that this program no longer reads, can raise.
UNREPEATABLE: Final = (
    LookupError, ValueError, TypeError, AttributeError, KnowledgeError, NothingInForceError,
)  # fmt: skip


SIGN_OFF: Final = "clinical sign-off: none yet"
DECISIVE: Final = (
    "Had its verdict been another, with all findings and the assessment as they are, the step or "
    "the status of a treatment would have been another."
)


class NotYetPlanned(Exception):
    """The service has not heard of the case yet, or not of that revision.

    Args:
        newest: The newest revision of the case that there is; None without any.
    """

    def __init__(self, newest: int | None = None) -> None:
        super().__init__()
        self.newest = newest


class NoGuidanceThen(Exception):
    """No guidance was in force on that date."""


@dataclass(frozen=True)
class Made:
    """What was heard of a case, and the plan that was made of it."""

    heard: AssessmentHeard
    stored: StoredPlan
    letters: str


def recommend_plans(
    connection: Connection, guidance: Knowledge, messages: Sequence[Message]
) -> None:
    """Makes a plan for each case that was assessed: results, audit rows and events, all or none.

    Raises:
        Poison: A message cannot be read, or no guidance was in force on its date.
    """
    at = clock.now_us()
    heard = [events.heard(message) for message in messages]
    before = Plans(connection).facts_before({_key(one.message): _revision(one) for one in heard})
    made = [recommend_plan(guidance, one, before.get(_key(one.message)), at) for one in heard]
    Plans(connection).add_all([one.stored for one in made])
    Judgements(connection, JUDGEMENTS).add_all([_came_out(one) for one in made])
    Audit(connection, AUDIT).add_all([_audited(one) for one in made])
    Outbox(connection, OUTBOX).add_all([_told(one) for one in made])


def _key(message: Message) -> CaseKey:
    return CaseKey(message.tenant_id, message.subject)


def _revision(heard: AssessmentHeard) -> int:
    return heard.message.revision


def recommend_plan(
    guidance: Knowledge, heard: AssessmentHeard, previous: bytes | None, at: int
) -> Made:
    """Makes the plan of one case.

    Args:
        guidance: All guidance of all dates.
        heard: What diagnosis says.
        previous: The facts of the revision before, as JSON; None if there was none.
        at: Microseconds UTC, for the record.

    Raises:
        Poison: No guidance was in force on its date.
    """
    message = heard.message
    facts = orjson.dumps(heard.facts)
    before = orjson.loads(previous) if previous is not None else None
    try:
        decided = Decided.of(heard.assessment, heard.facts, guidance, heard.on, before)
    except NothingInForceError as error:
        raise Poison("no-rules-in-force", str(error)) from None
    stored = StoredPlan(
        _key(message),
        message.revision,
        heard.on.isoformat(),
        domain.as_bytes(decided.document),
        orjson.dumps(heard.assessment),
        facts,
        previous,
        decided.document["outcome"],
        guidance.digest,
        message.event_id,
        at,
    )
    return Made(heard, stored, domain.verdict_letters(decided.judgement))


def _came_out(made: Made) -> JudgementRow:
    stored = made.stored
    who = (stored.key.tenant_id, stored.key.case_id, stored.revision)
    return JudgementRow(*who, stored.guidance_sha256, made.letters, stored.planned_at)


def _told(made: Made) -> Event:
    return events.plan_made(made.heard, made.stored.outcome, made.stored.document)


def _audited(made: Made) -> AuditRow:
    stored = made.stored
    who = (stored.key.tenant_id, stored.key.case_id, stored.revision)
    action = events.PLANNED[stored.outcome]
    return AuditRow(*who, action, "treatment", stored.cause, stored.planned_at)


def note_trouble(connection: Connection, message: Message, reason_code: str) -> None:
    """Tells everybody that a message could not be applied here."""
    told = events.processing_stopped(message, reason_code)
    who = (message.tenant_id, message.subject, message.revision)
    # the message itself stays without an audit row until it is applied
    row = AuditRow(*who, events.STOPPED, "treatment", told.event_id, clock.now_us())
    Audit(connection, AUDIT).add_all([row])
    Outbox(connection, OUTBOX).add(told)


def show_plan(
    connection: Connection, tenant_id: str, case_id: str, revision: int | None = None
) -> StoredPlan:
    """Returns the plan of a revision, or the newest one that there is.

    Raises:
        NotYetPlanned: There is none.
    """
    stored, key = Plans(connection), CaseKey(tenant_id, case_id)
    found = stored.get(key, revision)
    if found is None:
        newest = stored.get(key) if revision is not None else None
        raise NotYetPlanned(newest.revision if newest else None)
    return found


def explain_plan(connection: Connection, guidance: Knowledge, stored: StoredPlan) -> dict[str, Any]:
    """Renders the explanation trees of a stored plan, with the guidance that made it."""
    used = _guidance_of(connection, guidance, stored.guidance_sha256)
    previous = orjson.loads(stored.previous_facts) if stored.previous_facts is not None else None
    on = dt.date.fromisoformat(stored.judged_on)
    assessment, facts = orjson.loads(stored.assessment), orjson.loads(stored.facts)
    return domain.explain(assessment, facts, used, on, previous)


def _guidance_of(connection: Connection, guidance: Knowledge, sha256: str) -> Knowledge:
    return guidance if sha256 == guidance.digest else GuidanceTexts(connection).knowledge(sha256)


def prove_plan(connection: Connection, stored: StoredPlan) -> dict[str, Any]:
    """Plans again from what was stored, by the stored guidance of its day; compares the bytes."""
    try:
        used = GuidanceTexts(connection).knowledge(stored.guidance_sha256)
        return proof.compare(stored.document, _again(stored, used))
    except UNREPEATABLE as error:
        return proof.impossible(stored.document, f"It could not be planned again: {error}")


def _again(stored: StoredPlan, used: Knowledge) -> bytes:
    previous = orjson.loads(stored.previous_facts) if stored.previous_facts is not None else None
    assessment, facts = orjson.loads(stored.assessment), orjson.loads(stored.facts)
    on = dt.date.fromisoformat(stored.judged_on)
    return domain.as_bytes(domain.recommend(assessment, facts, used, on, previous))


def keep_guidance(connection: Connection, guidance: Knowledge) -> None:
    """Keeps the full text of the guidance, before any plan is made with it."""
    GuidanceTexts(connection).keep(guidance, domain.EVALUATOR, clock.now_us())


def guidance_versions(connection: Connection) -> GuidanceTexts:
    """Returns all guidance that ran here."""
    return GuidanceTexts(connection)


def about_guidance(guidance: Knowledge, on: dt.date) -> About:
    """Returns what is said of the rules beside their text."""
    can_decide = domain.can_decide(domain.in_force(guidance, on))
    tested = read_tested(domain.FOLDER)
    return About(domain.computed_from(guidance), tested, can_decide, DECISIVE, SIGN_OFF)


def how_used(connection: Connection, guidance: Knowledge, tenant_id: str, rule_id: str) -> Counted:
    """Counts how a rule came out in the clinic's newest plans, by whichever guidance."""
    judgements = Judgements(connection, JUDGEMENTS)
    places: dict[str, int] = {}
    for sha256 in judgements.sets(tenant_id):
        names = domain.tallied(_guidance_of(connection, guidance, sha256))
        places |= {sha256: names.index(rule_id)} if rule_id in names else {}
    return judgements.count(tenant_id, places)


def evaluate(
    guidance: Knowledge,
    assessment: Mapping[str, Any],
    facts: Mapping[str, Any],
    on: dt.date,
    *,
    explained: bool = False,
) -> Plan:
    """Makes a plan without storing anything.

    Args:
        guidance: All guidance of all dates.
        assessment: The assessment document.
        facts: By section, dates as days ago.
        on: The date to judge by.
        explained: Whether to add the explanation trees.

    Raises:
        NoGuidanceThen: No guidance was in force on that date.
        UnreadableAssessment: The document lacks what a plan rests on.
    """
    read = domain.basis(assessment)
    try:
        plan = domain.recommend(read, facts, guidance, on)
    except NothingInForceError as error:
        raise NoGuidanceThen(str(error)) from None
    if explained:
        plan["explanation"] = domain.explain(read, facts, guidance, on)
    return plan
