"""Examples for the API description; tests send them."""

from typing import Any, Final

EVALUATE: Final[dict[str, Any]] = {
    "on": "2026-11-22",
    "facts": {
        "patient": {"age_years": 45, "sex_at_birth": "female"},
        "history": {"duration_days": 180},
        "pain": {"pain_nrs_now": 6},
        "nodule_examination": {"nodule_present": "definite"},
        "nodules": [
            {
                "id": "a",
                "site": "crest_medial",
                "mobility": "mobile",
                "tenderness": 2,
                "pain_reproduction": "familiar_pain",
            }
        ],
    },
}
