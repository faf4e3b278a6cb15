"""Examples for the API description; tests send them."""

from typing import Any, Final

EVALUATE: Final[dict[str, Any]] = {
    "on": "2026-11-22",
    "facts": {
        "patient": {"age_years": 45, "sex_at_birth": "female"},
        "history": {"duration_days": 180},
        "pain": {"pain_nrs_now": 6},
        "nodule_examination": {"nodule_present": "definite"},
        "nodules": [{"id": "a", "site": "crest_medial", "mobility": "mobile", "tenderness": 2}],
        "care": {
            "any_treatment_given": False,
            "followed_up": False,
            "follow_up_worse_or_new_sign": False,
            "relief_faded_recorded": False,
            "relief_fading_denied": False,
            "seen_after_treatment": False,
            "seen_after_care": False,
            "needle_days_in_12_months": 0,
            "steroid_events": [{}, {}],
            "open_adverse_events": [],
        },
    },
    "assessment": {
        "decision": {
            "likelihood": "POSSIBLE",
            "locked": False,
            "hold": False,
            "withheld": {"needle": [], "energy": [], "manual": []},
            "screen": {"complete": False},
            "nodules": [{"id": "a", "likelihood": "POSSIBLE", "fat_on_imaging": None}],
            "competitor_found": None,
            "for_plan": {
                "BC-05": None,
                "BC-08": False,
                "NE-01": True,
                "NE-02": False,
                "NE-03": True,
                "NE-04": False,
                "NE-05": False,
            },
        },
        "brief": {
            "kind": "assessment",
            "on": "2026-11-22",
            "subject": "woman, 45",
            "action": {
                "do": {"text": "Ask the red-flag questions."},
                "who": "You.",
                "when": "At this visit.",
                "urgency": "same_day",
            },
            "safety": {"text": "No question is answered.", "answered": 0, "of": 13},
            "sign_off": "No clinician has signed these rules off yet.",
            "versions": {"ruleset": "54a1b38f94f3", "wording": "6d1f0c2b9e77"},
        },
    },
}
