"""Examples for the API description; tests send them."""

from typing import Any, Final

EVALUATE: Final[dict[str, Any]] = {
    "on": "2026-11-22",
    "case": {
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
        "kind": "assessment",
        "likelihood": "POSSIBLE",
        "red_flags": {
            "locked": False,
            "hold": False,
            "withheld": {"needle": [], "energy": [], "manual": []},
            "screen": {"answered": 0, "of": 13, "complete": False},
        },
        "nodules": [{"id": "a", "likelihood": "POSSIBLE", "fat_on_imaging": None}],
        "competing": None,
        "verdicts": {
            "BC-05": None,
            "BC-08": False,
            "NE-01": True,
            "NE-02": False,
            "NE-03": True,
            "NE-04": False,
            "NE-05": False,
        },
    },
}
