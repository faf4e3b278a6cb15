"""What stands against each treatment, written by hand from sections 8 and 13 of the notes (CI)."""

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]

NEEDLES = {"injection", "dry_needling"}
PHYSICAL = NEEDLES | {"laser", "tecar", "shockwave", "manual_therapy"}
WARFARIN_LIMIT = 3
FEVER = 38.0
ADULT = 18


def _is(name: str, *values: Any) -> Callable[[Facts], bool]:
    return lambda facts: facts.get(name) in values and name in facts


def _warfarin_without_a_low_inr(facts: Facts) -> bool:
    return facts.get("anticoagulant") == "warfarin" and facts.get("inr", 99) >= WARFARIN_LIMIT


def _may_be_pregnant(facts: Facts) -> bool:
    can_be = facts.get("sex_at_birth") in {"female", "other"}
    return can_be and facts.get("pregnancy_status") in {"yes", "possible"}


FORBIDS: list[tuple[Callable[[Facts], bool], set[str]]] = [
    (_is("skin_findings.infection", True), PHYSICAL),  # CI-01
    (_is("vesicles_at_site", True), PHYSICAL),  # CI-01
    (_is("skin_findings.wound", True), PHYSICAL),  # CI-01
    (_is("skin_findings.warmth", True), PHYSICAL),  # CI-01
    (_is("fever", True), NEEDLES | {"shockwave"}),  # CI-01
    (lambda facts: facts.get("max_temp_c", 0) >= FEVER, NEEDLES | {"shockwave"}),  # CI-01
    (_is("allergies.amide_anaesthetic", True), {"injection"}),  # CI-05
    (_warfarin_without_a_low_inr, NEEDLES),  # CI-06
    (_is("implants.pacemaker", True), {"tecar", "shockwave"}),  # CI-07
    (_is("implants.icd", True), {"tecar", "shockwave"}),  # CI-07
    (_is("implants.stimulator", True), {"tecar", "shockwave"}),  # CI-07
    (_is("implants.metal_at_site", True), {"tecar"}),  # CI-08
    (_may_be_pregnant, {"tecar", "shockwave", "laser"}),  # CI-09
    (_is("malignancy_in_field", True), PHYSICAL),  # CI-10
    (_is("epilepsy", "light_sensitive"), {"laser"}),  # CI-11
    (_is("photosensitiser_or_eye_disease", True), {"laser"}),  # CI-11
    (_is("bleeding_disorder", "significant"), {"shockwave"}),  # CI-12
    (_is("sensitive_tissue_in_focus", True), {"shockwave"}),  # CI-12
    (_is("needle_phobia", True), NEEDLES),  # CI-13
    (lambda facts: facts.get("age_years", ADULT) < ADULT, {"shockwave"}),  # CI-15
    (_is("osteoporosis", True), {"shockwave", "manual_therapy"}),  # CI-16
    *((_is(f"consent.{code}", False), {code}) for code in (*PHYSICAL, "surgery")),
]

NEEDS: dict[str, set[str]] = {
    "skin_findings.infection": PHYSICAL,
    "vesicles_at_site": PHYSICAL,
    "fever": NEEDLES | {"shockwave"},
    "allergies.amide_anaesthetic": {"injection"},
    "anticoagulant": NEEDLES,
    "bleeding_disorder": NEEDLES | {"shockwave"},
    "implants.pacemaker": {"tecar", "shockwave"},
    "implants.icd": {"tecar", "shockwave"},
    "implants.stimulator": {"tecar", "shockwave"},
    "implants.metal_at_site": {"tecar"},
    "malignancy_in_field": PHYSICAL,
    "epilepsy": {"laser"},
    "photosensitiser_or_eye_disease": {"laser"},
    "sensitive_tissue_in_focus": {"shockwave"},
    "needle_phobia": NEEDLES,
    "age_years": NEEDLES | {"shockwave"},
    "osteoporosis": {"shockwave", "manual_therapy"},
    "skin_inspected": PHYSICAL,
    **{f"consent.{code}": {code} for code in (*PHYSICAL, "surgery")},
}
"""What must be answered before a treatment may be offered."""


def forbidden(facts: Facts) -> set[str]:
    """Name the treatments against which something stands."""
    return {code for stands, codes in FORBIDS if stands(facts) for code in codes}


def unanswered(facts: Facts) -> set[str]:
    """Name the treatments for which something was not asked that must be asked."""
    found = {code for name, codes in NEEDS.items() if name not in facts for code in codes}
    if facts.get("sex_at_birth") != "male" and "pregnancy_status" not in facts:
        found |= {"tecar", "shockwave", "laser", "injection", "dry_needling"}  # CI-09
    return found
