"""Prepare facts for the rules: what the assessment and the recorded findings imply."""

from collections.abc import Mapping
from typing import Any, Final

from treatment.domain.guidance import DECIDED_IN_DIAGNOSIS

Facts = Mapping[str, Any]
Assessment = Mapping[str, Any]
Element = Mapping[str, Any]
Dosing = Mapping[str, Any]

UNLISTED: Final = "unlisted"  # the nodule that is known only to exist
SOURCES: Final = frozenset({"POSSIBLE", "PROBABLE", "CONFIRMED"})
ANAESTHETICS: Final = frozenset({"lidocaine", "bupivacaine", "other_anaesthetic"})


def prepare(assessment: Assessment, facts: Facts, dosing: Dosing) -> dict[str, Any]:
    """Make the facts that the rules read, but for what the revision before says.

    Args:
        assessment: The assessment document.
        facts: Flat facts as recorded; they are not changed.
        dosing: Which weight a dose is held against.

    Returns:
        New flat facts, with the derived ones; what is unknown is absent.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    derived = derive(assessment, known, dosing)
    facts = known | derived
    return {name: value for name, value in facts.items() if value is not None}


def derive(assessment: Assessment, known: Facts, dosing: Dosing) -> dict[str, Any]:
    """Derive what rests on the assessment and on findings; None is unknown.

    Args:
        assessment: The assessment document.
        known: Flat facts without None.
        dosing: Which weight a dose is held against.
    """
    derived = _assessed(assessment) | _of_an_undated_record(known)
    return derived | derive_findings(assessment, known, dosing)


def _of_an_undated_record(known: Facts) -> dict[str, Any]:
    """Leave visits and reliefs out unless the latest treatment itself was seen since.

    They belong to the latest *dated* treatment; while a date is missing, or nobody has looked, they
    may not be those of the latest one.
    """
    seen = known.get("seen_after_treatment") is True
    return {} if seen else dict.fromkeys(("visits_between", "ended_reliefs"))


def derive_findings(assessment: Assessment, known: Facts, dosing: Dosing) -> dict[str, Any]:
    """Derive what rests on findings, and not on the assessment or care alone."""
    return {
        "assessed_nodules": assessed_nodules(assessment, known),
        "pain_nrs_judged": _pain(known),
        "stated_doses": [_dose(drug, known, dosing) for drug in _stated(known)],
    }


def outside(assessment: Assessment) -> dict[str, bool | None]:
    """Take over the verdicts of the rules that diagnosis decides."""
    verdicts = assessment.get("verdicts") or {}
    return {rule: verdicts.get(rule) for rule in DECIDED_IN_DIAGNOSIS}


def _assessed(assessment: Assessment) -> dict[str, Any]:
    flags, verdicts = assessment["red_flags"], assessment.get("verdicts") or {}
    leading: Mapping[str, Any] = next(iter(assessment.get("differentials") or ()), {})
    return {
        "assessment_likelihood": assessment["likelihood"].lower().replace("-", "_"),
        "assessment_locked": flags["locked"],
        "assessment_hold": flags["hold"],
        **_withheld(flags.get("withheld") or {}),
        "assessment_screen_complete": flags["screen"]["complete"],
        "assessment_competitor_found": _found(assessment.get("competing"), verdicts.get("BC-05")),
        "block_was_negative": verdicts.get("BC-08"),
        "cluneal_entrapment_leads": leading.get("rule") == "DD-01"
        and leading.get("state") == "listed",
    }


def _withheld(groups: Mapping[str, Any]) -> dict[str, bool | None]:
    """Say for needle, energy and manual treatment whether an active red flag withholds them."""
    withheld = {name: groups.get(name) for name in ("needle", "energy", "manual")}
    return {
        f"assessment_withholds.{name}": None if rules is None else bool(rules)
        for name, rules in withheld.items()
    }


def _found(*verdicts: bool | None) -> bool:
    return any(verdict is True for verdict in verdicts)


def nodules(facts: Facts) -> list[Element] | None:
    """List the nodules of a case; one that is only said to exist has no findings of its own."""
    present, listed = facts.get("nodule_present"), facts.get("nodules")
    if listed is None:
        if present is None:
            return None
        return [] if present == "none" else [{"id": UNLISTED, "certainty": present}]
    inherited = {"certainty": present} if present in ("definite", "doubtful") else {}
    forced = {"certainty": "doubtful"} if present == "none" else {}  # it contradicts itself
    return [
        {"id": f"nodule-{index}", **inherited, **_known(one), **forced}
        for index, one in enumerate(listed, start=1)
    ]


def _known(element: Element) -> Element:
    return {name: value for name, value in element.items() if value is not None}


def assessed_nodules(assessment: Assessment, facts: Facts) -> list[Element] | None:
    """Join for each nodule what is recorded, and what the assessment made of it."""
    recorded = nodules(facts)
    if recorded is None:
        return None
    assessed = {one["id"]: one for one in assessment.get("nodules") or ()}
    return [
        {
            "id": one["id"],
            "certainty": one.get("certainty"),
            "size_trend": one.get("size_trend"),
            "possible_source": assessed.get(one["id"], {}).get("likelihood") in SOURCES,
            "fat_recorded": assessed.get(one["id"], {}).get("fat_on_imaging") is True,
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
