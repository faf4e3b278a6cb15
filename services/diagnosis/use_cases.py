"""What diagnosis can do; each function works in a transaction that its door opened."""

import datetime as dt
import functools
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
from diagnosis import domain, events
from diagnosis.domain import Ruleset
from diagnosis.events import CaseHeard
from diagnosis.models import AUDIT, JUDGEMENTS, OUTBOX
from diagnosis.repository import Assessments, CaseKey, Rulesets, StoredAssessment
from rules import Knowledge, KnowledgeError, NothingInForceError
from rules.catalogue import proof
from rules.catalogue.pages import About, read_tested
from rules.catalogue.serving.judgements import Counted, JudgementRow, Judgements

# What a stored text that was tampered with, or that this program no longer reads, can raise.
UNREPEATABLE: Final = (
    LookupError, ValueError, TypeError, AttributeError, KnowledgeError, NothingInForceError,
)  # fmt: skip


SIGN_OFF: Final = "clinical sign-off: none yet"
DECISIVE: Final = (
    "Had its verdict been another, with all findings as they are, the category, the headline, "
    "or whether treatment is locked or held would have been another."
)


class NotYetAssessed(Exception):
    """The service has not heard of the case yet, or not of that revision.

    Args:
        newest: The newest revision of the case that there is; None without any.
    """

    def __init__(self, newest: int | None = None) -> None:
        super().__init__()
        self.newest = newest


class NoRulesThen(Exception):
    """No rule was in force on that date."""


@dataclass(frozen=True)
class Judged:
    """A case and the document that was made of it."""

    case: CaseHeard
    document: Mapping[str, Any]
    stored: StoredAssessment
    letters: str


def assess_cases(connection: Connection, ruleset: Ruleset, messages: Sequence[Message]) -> None:
    """Assesses each case that was heard of: results, audit rows and events, all or none.

    Raises:
        Poison: A message cannot be read, or no rule was in force on its date.
    """
    at = clock.now_us()
    judged = [judge(ruleset, events.heard(message), at) for message in messages]
    before = Assessments(connection).flags_before(
        {entry.stored.key: entry.stored.revision for entry in judged}
    )
    Assessments(connection).add_all([entry.stored for entry in judged])
    Judgements(connection, JUDGEMENTS).add_all([_came_out(entry) for entry in judged])
    Audit(connection, AUDIT).add_all([_audited(entry) for entry in judged])
    told = [event for entry in judged for event in _told(entry, before)]
    Outbox(connection, OUTBOX).add_all(told)


def judge(ruleset: Ruleset, case: CaseHeard, at: int) -> Judged:
    """Assesses one case that was heard of.

    Raises:
        Poison: No rule was in force on its date.
    """
    message = case.message
    facts = ruleset.knowledge.vocabulary.flatten(case.facts)
    try:
        found = domain.assess(
            facts, ruleset, case.on, case_id=message.subject, revision=message.revision
        )
    except NothingInForceError as error:
        raise Poison("no-rules-in-force", str(error)) from None
    stored = StoredAssessment(
        CaseKey(message.tenant_id, message.subject),
        message.revision,
        case.on.isoformat(),
        orjson.dumps(found.document),
        orjson.dumps(facts),
        orjson.dumps(found.trace),
        [flag["rule"] for flag in found.document["red_flags"]["active"]],
        ruleset.sha256,
        message.event_id,
        at,
    )
    return Judged(case, found.document, stored, domain.verdict_letters(found))


def _came_out(judged: Judged) -> JudgementRow:
    stored = judged.stored
    who = (stored.key.tenant_id, stored.key.case_id, stored.revision)
    return JudgementRow(*who, stored.ruleset_sha256, judged.letters, stored.assessed_at)


def _told(judged: Judged, before: Mapping[CaseKey, frozenset[str]]) -> list[Event]:
    """Raises each red flag that was not active before, then tells the assessment."""
    known = before.get(judged.stored.key, frozenset())
    flags = domain.newly_active(judged.document, known)
    raised = [events.red_flag_raised(judged.case, flag) for flag in flags]
    return [*raised, events.assessment_completed(judged.case, judged.stored.document)]


def _audited(judged: Judged) -> AuditRow:
    stored = judged.stored
    return AuditRow(
        stored.key.tenant_id,
        stored.key.case_id,
        stored.revision,
        events.ASSESSED,
        "diagnosis",
        stored.cause,
        stored.assessed_at,
    )


def note_trouble(connection: Connection, message: Message, reason_code: str) -> None:
    """Tells everybody that a message could not be applied here."""
    stopped = events.processing_stopped(message, reason_code)
    who = (message.tenant_id, message.subject, message.revision)
    row = AuditRow(*who, events.STOPPED, "diagnosis", stopped.event_id, clock.now_us())
    Audit(connection, AUDIT).add(row)
    Outbox(connection, OUTBOX).add(stopped)


def show_assessment(
    connection: Connection, tenant_id: str, case_id: str, revision: int | None = None
) -> StoredAssessment:
    """Returns the assessment of a revision, or the newest one that there is.

    Raises:
        NotYetAssessed: There is none.
    """
    stored, key = Assessments(connection), CaseKey(tenant_id, case_id)
    found = stored.get(key, revision)
    if found is None:
        newest = stored.get(key) if revision is not None else None
        raise NotYetAssessed(newest.revision if newest else None)
    return found


def explain_assessment(
    connection: Connection, ruleset: Ruleset, stored: StoredAssessment
) -> dict[str, Any]:
    """Renders the explanation trees of a stored assessment, with the rules that made it."""
    used = _ruleset_of(connection, ruleset, stored.ruleset_sha256)
    rules = used.in_force(dt.date.fromisoformat(stored.judged_on))
    return domain.explain(orjson.loads(stored.facts), rules)


def _ruleset_of(connection: Connection, ruleset: Ruleset, sha256: str) -> Ruleset:
    if sha256 == ruleset.sha256:
        return ruleset
    return _wrapped(Rulesets(connection).knowledge(sha256))


@functools.lru_cache(maxsize=8)
def _wrapped(knowledge: Knowledge) -> Ruleset:
    return Ruleset(knowledge)


def prove_assessment(connection: Connection, stored: StoredAssessment) -> dict[str, Any]:
    """Assesses the stored facts again by the stored rules of their day, and compares the bytes."""
    try:
        used = _wrapped(Rulesets(connection).knowledge(stored.ruleset_sha256))
        return proof.compare(stored.document, _again(stored, used))
    except UNREPEATABLE as error:
        return proof.impossible(stored.document, f"It could not be assessed again: {error}")


def _again(stored: StoredAssessment, used: Ruleset) -> bytes:
    found = domain.assess(
        orjson.loads(stored.facts),
        used,
        dt.date.fromisoformat(stored.judged_on),
        case_id=stored.key.case_id,
        revision=stored.revision,
    )
    return orjson.dumps(found.document)


def keep_ruleset(connection: Connection, ruleset: Ruleset) -> None:
    """Keeps the full text of the ruleset, before anything is assessed with it."""
    Rulesets(connection).keep(ruleset.knowledge, domain.EVALUATOR, clock.now_us())


def rulesets(connection: Connection) -> Rulesets:
    """Returns every ruleset that ran here."""
    return Rulesets(connection)


def about_rules(ruleset: Ruleset, on: dt.date) -> About:
    """Returns what is said of the rules beside their text."""
    rules = ruleset.in_force(on)
    tested = read_tested(domain.FOLDER)
    return About(domain.computed_from(rules), tested, domain.can_decide(rules), DECISIVE, SIGN_OFF)


def how_used(connection: Connection, ruleset: Ruleset, tenant_id: str, rule_id: str) -> Counted:
    """Counts how a rule came out in the clinic's newest assessments, by whichever ruleset."""
    judgements = Judgements(connection, JUDGEMENTS)
    places: dict[str, int] = {}
    for sha256 in judgements.sets(tenant_id):
        names = domain.tallied(_ruleset_of(connection, ruleset, sha256).knowledge)
        places |= {sha256: names.index(rule_id)} if rule_id in names else {}
    return judgements.count(tenant_id, places)


def evaluate(
    ruleset: Ruleset, facts: Mapping[str, Any], on: dt.date, *, explained: bool = False
) -> dict[str, Any]:
    """Assesses facts without storing anything.

    Args:
        ruleset: All rules of all dates.
        facts: By section, as a case holds them.
        on: The date to judge by.
        explained: Whether to add the explanation trees.

    Raises:
        NoRulesThen: No rule was in force on that date.
    """
    flat = ruleset.knowledge.vocabulary.flatten(facts)
    try:
        document = domain.assess(flat, ruleset, on).document
    except NothingInForceError as error:
        raise NoRulesThen(str(error)) from None
    if explained:
        document["explanation"] = domain.explain(flat, ruleset.in_force(on))
    return document
