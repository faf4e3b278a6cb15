"""The record of care as it travels: one pure function of what is recorded."""

from typing import Any

import msgspec

from intake.care import treatments, visits
from intake.care.recorded import UNLISTED, Contact, Nodule, Number, Recorded, Treatment
from intake.care.treatments import Done, EndedRelief, Latest
from intake.care.visits import Compared, FollowUp, Pair


class JudgedTreatment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The pain before the latest dated treatment and at the latest dated follow-up."""

    days_after: int
    nrs_before: int
    nrs_at_visit: int
    nodule_id: str | None = None
    relief_faded: bool | None = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What the latest dated follow-up shows of the latest dated treatment of a nodule, or block."""

    judged_treatments: list[JudgedTreatment]
    visits_between: list[Pair]
    ended_reliefs: list[EndedRelief]


class SinceTreatment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The newest follow-up held against what was before the newest needle, operation or block."""

    seen_after_treatment: bool | None
    days_from_treatment_to_contact: int | None = None
    scores: Compared = Compared()
    nrs_just_before: int | None = None
    nrs_since: int | None = None


class SinceCare(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The newest follow-up held against what was before the newest laser or other such care."""

    seen_after_care: bool | None
    days_from_care_to_contact: int | None = None
    care_baseline_nrs: int | None = None
    care_follow_up_nrs: int | None = None
    care_nrs_just_before: int | None = None
    care_nrs_since: int | None = None


class RecordOfCare(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is derived from recorded care.

    Attributes:
        judged: None: nothing was done, or nobody has looked before and since.
        needle_days_in_12_months: None: unknown, for a date is missing.
    """

    latest: Latest
    follow_up: FollowUp
    since_treatment: SinceTreatment
    since_care: SinceCare
    judged: Judged | None
    visits: list[visits.Visit]
    reliefs: list[treatments.Relief]
    steroid_events: list[treatments.SteroidEvent]
    open_adverse_events: list[treatments.AdverseEvent]
    needle_days_in_12_months: int | None
    body_mass_index: float | None
    nodule_count_certainty: str | None

    def facts(self) -> dict[str, Any]:
        """Write it as the facts of section `care`; what is unknown is left out."""
        facts: dict[str, Any] = {}
        for name, value in msgspec.to_builtins(self).items():
            if isinstance(value, dict):
                facts |= value
            elif value not in (None, []) or name in _ALWAYS_SENT:
                facts[name] = value
        facts |= facts.pop("scores", {})
        return {name: value for name, value in facts.items() if value is not None}


_ALWAYS_SENT = frozenset({"steroid_events", "open_adverse_events"})


def record_of_care(recorded: Recorded) -> RecordOfCare:
    """Derive the record of care.

    Args:
        recorded: Contacts, blocks, treatments and the rest, days ago instead of dates.
    """
    newest = visits.newest_follow_up(recorded.contacts)
    return RecordOfCare(
        latest=treatments.latest(recorded),
        follow_up=visits.follow_up(newest),
        since_treatment=_since_treatment(recorded, newest),
        since_care=_since_care(recorded, newest),
        judged=_judged(recorded),
        visits=visits.visits(recorded.contacts),
        reliefs=treatments.reliefs([*recorded.treatments_given, *recorded.blocks]),
        steroid_events=treatments.steroid_events(recorded),
        open_adverse_events=treatments.open_adverse_events(recorded),
        needle_days_in_12_months=treatments.needle_days(recorded),
        body_mass_index=body_mass_index(recorded.height_cm, recorded.weight_kg),
        nodule_count_certainty=nodule_count_certainty(recorded),
    )


def body_mass_index(height_cm: Number | None, weight_kg: Number | None) -> float | None:
    """Kilograms for each square metre, to one decimal."""
    if not height_cm or not weight_kg:
        return None
    return round(weight_kg / (height_cm / 100) ** 2, 1)


def nodule_count_certainty(recorded: Recorded) -> str | None:
    """Say whether the nodules that are described are all there are; None: nobody has looked."""
    described, count = recorded.nodules, recorded.nodule_count
    if described is None:
        if recorded.nodule_present == "none":
            return "complete"
        return None if recorded.nodule_present is None and count is None else "undescribed"
    if count is None:
        return "uncounted" if described else "complete"
    return "more_than_described" if count > len(described) else "complete"


def _since_treatment(recorded: Recorded, newest: Contact | None) -> SinceTreatment:
    done = treatments.latest_of(treatments.judged(recorded))
    seen = _seen_since(done, newest)
    if done is None or newest is None or not seen:
        scores = Compared() if seen is None else visits.compared({}, newest)
        return SinceTreatment(seen_after_treatment=seen, scores=scores)
    ago, days = _days(done, newest)
    others = visits.others(recorded.contacts, newest)
    rise = visits.compared(visits.just_before(others, ago), newest)
    return SinceTreatment(
        seen_after_treatment=True,
        days_from_treatment_to_contact=days,
        scores=visits.compared(visits.baseline(others, ago), newest),
        nrs_just_before=rise.baseline_nrs,
        nrs_since=rise.follow_up_nrs,
    )


def _since_care(recorded: Recorded, newest: Contact | None) -> SinceCare:
    given = recorded.treatments_given
    care = treatments.latest_of(o for o in given if o.modality in treatments.ENERGY_OR_MANUAL)
    seen = _seen_since(care, newest)
    if care is None or newest is None or not seen:
        return SinceCare(seen_after_care=seen)
    ago, days = _days(care, newest)
    others = visits.others(recorded.contacts, newest)
    scores = visits.compared(visits.baseline(others, ago), newest)
    rise = visits.compared(visits.just_before(others, ago), newest)
    return SinceCare(
        seen_after_care=True,
        days_from_care_to_contact=days,
        care_baseline_nrs=scores.baseline_nrs,
        care_follow_up_nrs=scores.follow_up_nrs,
        care_nrs_just_before=rise.baseline_nrs,
        care_nrs_since=rise.follow_up_nrs,
    )


def _seen_since(done: Done | None, newest: Contact | None) -> bool | None:
    """Whether somebody has looked since a treatment; unknown while a date is missing."""
    if done is None or newest is None:
        return False
    if done.performed_days_ago is None or newest.happened_days_ago is None:
        return None
    return newest.happened_days_ago <= done.performed_days_ago


def _days(done: Done, contact: Contact) -> tuple[int, int]:
    """Days since a treatment, and from it to a contact; both have a date."""
    ago, seen = done.performed_days_ago or 0, contact.happened_days_ago or 0
    return ago, ago - seen


def _judged(recorded: Recorded) -> Judged | None:
    """Hold the latest dated follow-up against what was before the latest dated treatment.

    Entries without a date are passed over. What a change means is for the rules to say; here are
    only pairs of scores, and days.
    """
    dated = [one for one in treatments.judged(recorded) if one.performed_days_ago is not None]
    contacts = [one for one in recorded.contacts if one.happened_days_ago is not None]
    done, newest = treatments.latest_of(dated), visits.newest_follow_up(contacts)
    if done is None or newest is None:
        return None
    ago, days = _days(done, newest)
    if days < 0:
        return None
    others = visits.others(contacts, newest)
    before = visits.baseline(others, ago)
    between = [one for one in others if ago - days < (one.happened_days_ago or 0) <= ago]
    return Judged(
        judged_treatments=[
            JudgedTreatment(
                days_after=pair.days_after,
                nrs_before=pair.nrs_before,
                nrs_at_visit=pair.nrs_at_visit,
                nodule_id=_nodule(recorded, done),
                relief_faded=newest.relief_faded,
            )
            for pair in visits.pairs(before, newest, ago)
        ],
        visits_between=[pair for one in between for pair in visits.pairs(before, one, ago)],
        ended_reliefs=treatments.ended_reliefs(done, days),
    )


def _nodule(recorded: Recorded, done: Done) -> str | None:
    """Name the nodule of a treatment; of a block only one that the case still describes."""
    if isinstance(done, Treatment):
        return done.nodule_id
    nodules = [Nodule(UNLISTED)] if recorded.nodules is None else recorded.nodules
    return done.nodule_id if done.nodule_id in {nodule.id for nodule in nodules} else None
