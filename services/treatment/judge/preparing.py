"""Prepares facts for the rules: what the assessment and the recorded findings imply."""

from collections.abc import Mapping
from typing import Any, Final

from treatment.judge.assessment import AssessmentCompleted, Withheld
from treatment.judge.guidance import Guidance
from treatment.judge.roles import Roles

Facts = Mapping[str, Any]
Element = Mapping[str, Any]
Dosing = Mapping[str, Any]

UNLISTED: Final = "unlisted"  # the nodule that is known only to exist
SOURCES: Final = frozenset({"POSSIBLE", "PROBABLE", "CONFIRMED"})
ANAESTHETICS: Final = frozenset({"lidocaine", "bupivacaine", "other_anaesthetic"})


def prepare(assessment: AssessmentCompleted, facts: Facts, guidance: Guidance) -> dict[str, Any]:
    """Makes the facts that the rules read, but for what the revision before says.

    Args:
        assessment: The decision of diagnosis.
        facts: Flat facts as recorded; they are not changed.
        guidance: What it is judged by.

    Returns:
        New flat facts, with the derived ones; what is unknown is absent.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    derived = derive(assessment, known, guidance)
    return {name: value for name, value in (known | derived).items() if value is not None}


def derive(assessment: AssessmentCompleted, known: Facts, guidance: Guidance) -> dict[str, Any]:
    """Works out the derived facts, the same names for every case; None is unknown.

    Args:
        assessment: The decision of diagnosis.
        known: Flat facts without None.
        guidance: What it is judged by.
    """
    derived = _assessed(assessment, guidance.roles) | _of_an_undated_record(known)
    return derived | derive_findings(assessment, known, guidance.dosing)


def _of_an_undated_record(known: Facts) -> dict[str, Any]:
    """Leave visits and reliefs out unless the latest treatment itself was seen since.

    They belong to the latest *dated* treatment; while a date is missing, or nobody has looked, they
    may not be those of the latest one.
    """
    seen = known.get("seen_after_treatment") is True
    return {} if seen else dict.fromkeys(("visits_between", "ended_reliefs"))


def derive_findings(
    assessment: AssessmentCompleted, known: Facts, dosing: Dosing
) -> dict[str, Any]:
    """Works out what of `derive` rests on findings, and not on the assessment or care alone."""
    return {
        "assessed_nodules": assessed_nodules(assessment, known),
        "pain_nrs_judged": _pain(known),
        "stated_doses": [_dose(drug, known, dosing) for drug in _stated(known)],
    }


def outside(assessment: AssessmentCompleted, roles: Roles) -> dict[str, bool | None]:
    """Takes over the verdicts of the rules that diagnosis decides."""
    return {rule: assessment.for_plan.get(rule) for rule in roles.decided_in_diagnosis}


def _assessed(assessment: AssessmentCompleted, roles: Roles) -> dict[str, Any]:
    verdicts = assessment.for_plan
    competitors = (assessment.competitor_found, verdicts.get(roles.competing))
    return {
        "assessment_likelihood": assessment.likelihood.lower().replace("-", "_"),
        "assessment_locked": assessment.locked,
        "assessment_hold": assessment.hold,
        **_withheld(assessment.withheld),
        "assessment_screen_complete": assessment.screen.complete,
        "assessment_competitor_found": True in competitors,
        "block_was_negative": verdicts.get(roles.negative_block),
        "cluneal_entrapment_leads": _leads(assessment, roles.cluneal_entrapment),
    }


def _leads(assessment: AssessmentCompleted, rule: str) -> bool:
    """Whether a differential stands first and is listed, not only to be examined."""
    leading = next(iter(assessment.differentials), None)
    return leading is not None and leading.rule == rule and leading.state == "listed"


def _withheld(groups: Withheld) -> dict[str, bool | None]:
    """Says for needle, energy and manual treatment whether an active red flag withholds them."""
    rules = {"needle": groups.needle, "energy": groups.energy, "manual": groups.manual}
    return {
        f"assessment_withholds.{name}": None if one is None else bool(one)
        for name, one in rules.items()
    }


def nodules(facts: Facts) -> list[Element] | None:
    """Lists the nodules of a case; one that is only said to exist has no findings of its own."""
    present, listed = facts.get("nodule_present"), facts.get("nodules")
    if listed is None:
        if present is None:
            return None
        return [] if present == "none" else [{"id": UNLISTED, "certainty": present}]
    inherited = {"certainty": present} if present in ("definite", "doubtful") else {}
    forced = {"certainty": "doubtful"} if present == "none" else {}  # it contradicts itself
    return [
        {"id": f"nodule-{index}", **inherited, **_answered(one), **forced}
        for index, one in enumerate(listed, start=1)
    ]


def _answered(element: Element) -> Element:
    return {name: value for name, value in element.items() if value is not None}


def assessed_nodules(assessment: AssessmentCompleted, facts: Facts) -> list[Element] | None:
    """Says of each nodule what is recorded, and what was decided about it."""
    recorded = nodules(facts)
    if recorded is None:
        return None
    decided = {one.id: one for one in assessment.nodules}  # of one id twice, the last counts
    sources = {name for name, one in decided.items() if one.likelihood in SOURCES}
    fat = {name for name, one in decided.items() if one.fat_on_imaging is True}
    return [
        {
            "id": one["id"],
            "certainty": one.get("certainty"),
            "size_trend": one.get("size_trend"),
            "possible_source": one["id"] in sources,
            "fat_recorded": one["id"] in fat,
        }
        for one in recorded
    ]


def _pain(facts: Facts) -> int | None:
    scores = [facts[name] for name in ("pain_nrs_now", "pain_nrs_average") if name in facts]
    return max(scores, default=None)


def _stated(facts: Facts) -> list[Element]:
    return [
        drug
        for drug in facts.get("planned_drugs", ())
        if drug.get("drug") in ANAESTHETICS and drug.get("amount_mg") is not None
    ]


def _dose(drug: Element, facts: Facts, dosing: Dosing) -> Element:
    weight = _dosing_weight(facts, dosing)
    named = {name: drug.get(name) for name in ("drug", "with_adrenaline", "amount_mg")}
    return named | {"mg_per_kg": drug["amount_mg"] / weight if weight else None}


def _dosing_weight(facts: Facts, dosing: Dosing) -> float | None:
    """Kilograms that a dose is held against; without the height nobody knows which to use."""
    height, weight = facts.get("height_cm"), facts.get("weight_kg")
    if not height or not weight:
        return None
    square = (height / 100) ** 2
    heavy = weight / square > dosing["ideal_weight_above"]
    return float(dosing["ideal_body_mass_index"] * square if heavy else weight)
