"""A case: opened once, then revised by corrections and follow-ups, never edited in place."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, Literal, TypeAlias

from intake.case.coherence import ImplausibleCase, faults, nodules_named
from intake.case.contradictions import Fault, Path
from intake.case.findings import Body, Findings, merge, tidy

Contact: TypeAlias = Literal["first", "follow_up", "correction"]

SCORES: Final = {
    "pain_nrs_now": ("pain", "pain_nrs_now"),
    "pain_nrs_average": ("pain", "pain_nrs_average"),
    "pain_nrs_worst": ("pain", "pain_nrs_worst"),
    "rmdq": ("decisions", "rmdq"),
    "odi": ("decisions", "odi"),
    "peg": ("decisions", "peg_score"),
}
"""The scores of a contact, and the findings that hold the newest of each."""

PRESENT_PAIN: Final = ("pain_nrs_now", "pain_nrs_average")
"""Judged together: a contact that gives one makes an older other unknown."""

RESULTS: Final = ("investigations", "labs")

NO_CARE: Final = frozenset({"injection", "dry_needling", "surgery"})
"""Single acts: that one was done answers no question about a course of care."""

FOUR_WEEKS: Final = timedelta(days=28)

MOST_DAYS: Final = 36_500
MOST_YEARS: Final = 120
"""The vocabulary's own limits of a duration and of an age."""

DAYS_A_YEAR: Final = 365.25


class GrowsByFollowUps(Exception):
    """A correction tried to rewrite a list that only grows."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__("These lists only grow: send what was done as a follow-up.")
        sentence = "This list only grows: POST to the case's follow-ups."
        self.errors = [{"pointer": f"/{name}", "detail": sentence} for name in sorted(names)]


@dataclass(frozen=True)
class Moment:
    """When something was accepted.

    Attributes:
        on: The date in UTC by which rules, ages and days ago are judged.
        at: Microseconds since 1970, UTC.
    """

    on: date
    at: int


@dataclass(frozen=True)
class Case:
    """A case as it stood at one revision.

    Attributes:
        tenant_id: The clinic.
        case_id: Ours.
        reference: The clinic's own name for the patient; never leaves this service.
        revision: 1, 2, 3 ...
        contact: What made the revision.
        body: Sections and lists as recorded, dates as ISO text; free text included.
        accepted: When this revision was accepted.
        opened: When the first one was.
        answered_earlier: The ISO dates of answers that were given before the day of this revision,
            by name; all others were given on it.
    """

    tenant_id: str
    case_id: str
    reference: str
    revision: int
    contact: Contact
    body: Body
    accepted: Moment
    opened: Moment
    answered_earlier: Mapping[str, str] = field(default_factory=dict)


def open_case(
    findings: Findings, tenant_id: str, case_id: str, document: Body, moment: Moment
) -> Case:
    """Returns the first revision of a case.

    Args:
        findings: What the vocabulary says.
        tenant_id: The clinic.
        case_id: The new case's id.
        document: The body as sent, checked by the schema; `reference` is in it.
        moment: When it was accepted.

    Raises:
        ImplausibleCase: With every contradiction.
    """
    sent = dict(document)
    reference = sent.pop("reference")
    body = tidy(findings.answered(sent))
    _refuse(findings, body, moment)
    return Case(tenant_id, case_id, reference, 1, "first", body, moment, moment)


def correct(findings: Findings, case: Case, patch: Body, moment: Moment) -> Case:
    """Returns the next revision, with findings corrected or added by a merge patch.

    It is judged by its own day: duration and age have gone on as at a follow-up.

    Raises:
        GrowsByFollowUps: The patch names a list that only grows.
        ImplausibleCase: What would result contradicts itself.
    """
    if names := findings.growing & patch.keys():
        raise GrowsByFollowUps(names)
    sent = dict(patch)
    named = replace(case, reference=sent.pop("reference", case.reference))
    body = _merged(findings, case.body, sent)
    if not is_unchanged(replace(named, body=body), case):  # else it makes no revision
        body = _merged(findings, merge(case.body, _gone_on(case, moment)), sent)
    aged = replace(named, answered_earlier=_earlier(findings, case, body, sent, moment.on, moment))
    return _next(findings, aged, "correction", body, moment=moment)


def is_unchanged(revised: Case, case: Case) -> bool:
    """Whether a revision has the very findings, and the reference, of the one before it."""
    return (revised.body, revised.reference) == (case.body, case.reference)


def follow_up(findings: Findings, case: Case, entry: Body, moment: Moment) -> Case:
    """Returns the next revision: another contact, what was done since, and what was found.

    The contact's scores become the newest ones; statements made for one contact expire, and the
    duration of the pain and the age go on, unless `findings` brings them again. The first follow-up
    also writes the first contact down, if the clinic did not, so that the scores before any
    treatment stay.

    Args:
        findings: What the vocabulary says.
        case: The newest revision.
        entry: `contact`, and optionally `blocks`, `treatments_given` and `findings`
            (a merge patch).
        moment: When it was accepted; also the contact's date, unless it has its own.

    Raises:
        GrowsByFollowUps: `findings` names a list that only grows.
        ImplausibleCase: What would result contradicts itself.
    """
    found = entry.get("findings") or {}
    if names := findings.growing & found.keys():
        raise GrowsByFollowUps(f"findings/{name}" for name in names)
    contact = {"happened_on": moment.on.isoformat(), **tidy(entry["contact"]), "kind": "follow_up"}
    body = _appended(case, contact, entry)
    body = merge(findings.without_statements(body), _newest_scores(body, contact))
    body = merge(body, _gone_on(case, moment))
    body = _care_done(_merged(findings, body, found), found, moment)
    asked_on = date.fromisoformat(contact["happened_on"])
    aged = replace(case, answered_earlier=_earlier(findings, case, body, found, asked_on, moment))
    return _next(findings, aged, "follow_up", body, moment=moment, place=_sent_place(case))


def _earlier(
    findings: Findings, case: Case, body: Body, patch: Body, asked_on: date, moment: Moment
) -> dict[str, str]:
    """Returns the dates of the answers that were given before the day of the new revision.

    Args:
        findings: What the vocabulary says.
        case: The revision before.
        body: The body of the new one.
        patch: What was asked again; its answers have the date of their contact.
        asked_on: That date.
        moment: When the new revision was accepted.
    """
    asked, day = findings.aging(patch), moment.on.isoformat()
    dates = {
        name: asked_on.isoformat()
        if name in asked
        else case.answered_earlier.get(name, case.accepted.on.isoformat())
        for name in sorted(findings.aging(body))
    }
    return {name: answered for name, answered in dates.items() if answered < day}


def _sent_place(case: Case) -> Callable[[Path], Path]:
    """Where in a follow-up something was said that now stands elsewhere in the case."""

    def place(path: Path) -> Path:
        home, *rest = path
        if home == "contacts":
            return ("contact", *rest[1:])
        if home in ("blocks", "treatments_given") and rest:
            return (home, int(rest[0]) - len(case.body.get(home, ())), *rest[1:])
        return path if home in ("blocks", "treatments_given") else ("findings", *path)

    return place


def _appended(case: Case, contact: Body, entry: Body) -> dict[str, Any]:
    body = dict(case.body)
    body["contacts"] = [*(body.get("contacts") or [_first_contact(case)]), contact]
    for name in ("blocks", "treatments_given"):
        if added := tidy(entry.get(name)):
            body[name] = [*body.get(name, ()), *added]
    if body.get("blocks"):
        body["care"] = {**body.get("care", {}), "earlier_blocks": "recorded"}
    return body


def _first_contact(case: Case) -> dict[str, Any]:
    scores = {
        name: case.body[section][fact]
        for name, (section, fact) in SCORES.items()
        if fact in case.body.get(section, {})
    }
    return {"happened_on": case.opened.on.isoformat(), "kind": "first", **scores}


def _newest_scores(body: Body, contact: Body) -> dict[str, Any]:
    if any(other.get("happened_on", "") > contact["happened_on"] for other in body["contacts"]):
        return {}  # written down late; a later contact knows better
    newest: dict[str, Any] = {}
    asked = any(name in contact for name in PRESENT_PAIN)
    for name, (section, fact) in SCORES.items():
        if name in contact or (asked and name in PRESENT_PAIN):
            newest.setdefault(section, {})[fact] = contact.get(name)
    return newest


def _gone_on(case: Case, moment: Moment) -> Body:
    """Returns the duration and the age that were recorded, as they are now.

    Nothing else says that the pain of the first contact has become a long one. What was not
    recorded stays unknown. A clock that was set back takes nothing away. Nobody becomes older
    too early, for a child is no case for adult rules: only full years between two revisions count.
    """
    days = max(0, (moment.on - case.accepted.on).days)
    years = int(days / DAYS_A_YEAR)
    grown: dict[str, Any] = {}
    for section, fact, more, most in (
        ("history", "duration_days", days, MOST_DAYS),
        ("patient", "age_years", years, MOST_YEARS),
    ):
        if fact in case.body.get(section, {}):
            grown[section] = {fact: min(case.body[section][fact] + more, most)}
    return grown


def _merged(findings: Findings, body: Body, patch: Body) -> dict[str, Any]:
    merged: dict[str, Any] = tidy(merge(body, findings.answered(patch, body)))
    return _tests_done(merged, patch)


def _tests_done(merged: dict[str, Any], patch: Body) -> dict[str, Any]:
    """Lets a result that comes in end an answer that no test was done."""
    brought = any(patch.get(name) for name in RESULTS)
    flags = merged.get("red_flags", {})
    answered = "earlier_tests" in (patch.get("red_flags") or {})
    if answered or not brought or flags.get("earlier_tests") != "none":
        return merged
    return {**merged, "red_flags": {**flags, "earlier_tests": "done_result_recorded"}}


def _care_done(merged: dict[str, Any], patch: Body, moment: Moment) -> dict[str, Any]:
    """Lets care of four weeks ago end an answer that nobody was treated yet."""
    history = merged.get("history", {})
    answered = "gain_after_care" in (patch.get("history") or {})
    if answered or history.get("gain_after_care") != "not_treated":
        return merged
    if not any(_long_since(one, moment) for one in merged.get("treatments_given", ())):
        return merged
    left = {name: value for name, value in history.items() if name != "gain_after_care"}
    return {**merged, "history": left}


def _long_since(treatment: Body, moment: Moment) -> bool:
    """Whether conservative care began four weeks ago, or nobody says when."""
    if treatment.get("modality") in NO_CARE:
        return False
    performed = treatment.get("performed_on")
    return performed is None or (moment.on - date.fromisoformat(performed)) >= FOUR_WEEKS


def _next(
    findings: Findings,
    case: Case,
    contact: Contact,
    body: Body,
    *,
    moment: Moment,
    place: Callable[[Path], Path] = tuple,
) -> Case:
    _refuse(findings, body, moment, nodules_named(findings, case.body), place)
    return replace(case, revision=case.revision + 1, contact=contact, body=body, accepted=moment)


def _refuse(
    findings: Findings,
    body: Body,
    moment: Moment,
    known: frozenset[str] = frozenset(),
    place: Callable[[Path], Path] = tuple,
) -> None:
    if found := faults(findings, body, moment.on, known):
        raise ImplausibleCase([_moved(fault, place) for fault in found])


def _moved(fault: Fault, place: Callable[[Path], Path]) -> Fault:
    against = None if fault.against is None else place(fault.against)
    return replace(fault, path=place(fault.path), against=against)
