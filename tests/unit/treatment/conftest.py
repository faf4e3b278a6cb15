"""An assessment and facts that let everything through, to be changed one by one."""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from tests.support.assessed import brief_of, decision_of
from tests.support.care import with_care

from treatment.judge import Case, in_force, load_guidance
from treatment.write import Plan, load_sentences, write_document

ON = date(2026, 11, 22)
MODALITIES = (
    "injection", "laser", "tecar", "shockwave", "dry_needling", "manual_therapy", "surgery",
)  # fmt: skip
ASSESSMENT: dict[str, Any] = {
    "kind": "assessment",
    "case_id": "c",
    "revision": 1,
    "likelihood": "PROBABLE",
    "red_flags": {
        "headline": None,
        "locked": False,
        "locks": [],
        "hold": False,
        "holds": [],
        "withheld": {"needle": [], "energy": [], "manual": []},
        "active": [],
        "screen": {"complete": True},
    },
    "nodules": [{"id": "a", "likelihood": "PROBABLE", "fat_on_imaging": True}],
    "competing": False,
    "differentials": [],
    "verdicts": {
        "BC-05": False,
        "BC-08": False,
        "NE-01": False,
        "NE-02": False,
        "NE-03": False,
        "NE-04": False,
        "NE-05": True,
    },
    "ruleset": {"version": "1", "sha256": "0" * 64},
    "citations": {},
}
FACTS: dict[str, Any] = with_care(
    {
        "patient": {"age_years": 47, "sex_at_birth": "female", "pregnancy_status": "no"},
        "history": {"duration_days": 730, "gain_after_care": "none"},
        "pain": {"pain_nrs_now": 6, "pain_nrs_average": 6, "disabling_pain": False},
        "red_flags": {
            "fever": False,
            "corticosteroid_use": "none",
            "osteoporosis": False,
            "leg_weakness": "none",
        },
        "comorbidity": {
            "diabetes": "none",
            "anticoagulant": "none",
            "bleeding_disorder": "none",
            "implants": dict.fromkeys(["pacemaker", "icd", "stimulator", "metal_at_site"], False),
            "allergies": {"amide_anaesthetic": False, "corticosteroid": False},
            "photosensitiser_or_eye_disease": False,
            "epilepsy": "none",
            "impaired_skin_sensation": False,
            "needle_phobia": False,
            "nsaid_unsuitable": False,
            "surgery_planned_within_6_months": False,
            "malignancy_in_field": False,
            "sensitive_tissue_in_focus": False,
        },
        "nodule_examination": {"nodule_present": "definite"},
        "nodules": [{"id": "a", "site": "psis"}],
        "examination": {
            "skin_inspected": True,
            "skin_findings": dict.fromkeys(["infection", "wound", "warmth"], False),
            "vesicles_at_site": False,
            "power": "normal",
            "reflexes": "normal",
            "sensation": "normal",
        },
        "care": {"earlier_blocks": "none"},
        "steroid_injections": [],
        "decisions": {
            "prefers_conservative": False,
            "consent": dict.fromkeys([*MODALITIES, "corticosteroid"], True),
            "requested_modalities": dict.fromkeys(MODALITIES, True),
        },
    }
)
GUIDANCE = load_guidance()
SENTENCES = load_sentences()


def merged(known: Any, changed: Any) -> Any:
    """Merge changes into a copy; None takes away."""
    if not isinstance(changed, dict):
        return changed
    result = dict(known) if isinstance(known, dict) else {}
    for name, value in changed.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def document(assessment: Any, facts: Any, previous: Any = None, guidance: Any = GUIDANCE) -> Plan:
    """The full plan of a case whose assessment is given as a document."""
    case = case_of(assessment, facts, previous, guidance)
    return write_document(case, brief_of(assessment), in_force(guidance, ON), SENTENCES)


def case_of(assessment: Any, facts: Any, previous: Any = None, guidance: Any = GUIDANCE) -> Case:
    """What is judged."""
    flatten = guidance.vocabulary.flatten
    before = None if previous is None else flatten(previous)
    return Case(decision_of(assessment), flatten(facts), ON, before)


@pytest.fixture
def planned() -> Callable[..., Plan]:
    """Makes the plan of the open case with changes to its facts and to its assessment."""

    def plan(changes: Any = None, assessed: Any = None, previous: Any = None) -> Plan:
        facts = with_care(merged(copy.deepcopy(FACTS), changes or {}))
        assessment = merged(copy.deepcopy(ASSESSMENT), assessed or {})
        return document(assessment, facts, previous)

    return plan


@pytest.fixture
def status(planned: Callable[..., Plan]) -> Callable[..., dict[str, str]]:
    """The status of each treatment."""

    def statuses(*changes: Any) -> dict[str, str]:
        return {one["modality"]: one["status"] for one in planned(*changes)["modalities"]}

    return statuses
