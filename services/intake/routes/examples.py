"""Bodies for the API description; the tests post them."""

from typing import Any, Final

CASE: Final[dict[str, Any]] = {
    "reference": "example-1",
    "patient": {"age_years": 45, "sex_at_birth": "female"},
    "history": {"duration_days": 180},
    "pain": {"pain_nrs_now": 6},
    "nodule_examination": {"nodule_present": "definite", "nodule_count": 1},
    "nodules": [
        {
            "id": "a",
            "side": "right",
            "site": "crest_medial",
            "mobility": "mobile",
            "consistency": "rubbery",
            "tenderness": 2,
            "pain_reproduction": "familiar_pain",
        }
    ],
}

PREPARE: Final[dict[str, Any]] = {name: CASE[name] for name in CASE if name != "reference"}

PATCH: Final[dict[str, Any]] = {
    "examination": {"power": "normal", "reflexes": "normal", "sensation": "normal"},
    "comorbidity": {"implants": {"pacemaker": False, "others": False}},
}

FOLLOW_UP: Final[dict[str, Any]] = {
    "contact": {"pain_nrs_now": 2, "worse_or_new_sign": False},
    "treatments_given": [{"modality": "manual_therapy", "nodule_id": "a", "sessions": 4}],
    "findings": {"red_flags": {"fever": False}},
}

ACCEPTED: Final[dict[str, Any]] = {
    "case_id": "019ab1f2-6c00-7000-8000-000000000001",
    "revision": 1,
    "progress": {
        "state": "submitted",
        "outcome": None,
        "waiting_for": "assessment",
        "stopped": None,
    },
    "links": {"self": "/v1/cases/019ab1f2-6c00-7000-8000-000000000001"},
}
