"""Whole screens, as they are kept in `screens/*.txt` and reviewed by reading.

`python -m tests.knowledge.screens` writes them again after a change of the wording; read the
difference before it is committed.
"""

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.support.care import with_care
from tests.support.screens import as_screen, course, planned

FOLDER: Final = Path(__file__).parent / "screens"
ON: Final = dt.date(2026, 11, 30)
NODULE: Final = {
    "site": "crest_medial",
    "mobility": "mobile",
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
}
MINIMAL: Final = {
    "patient": {"age_years": 45, "sex_at_birth": "female"},
    "history": {"duration_days": 180},
    "pain": {"pain_nrs_now": 6},
    "nodule_examination": {"nodule_present": "definite"},
    "nodules": [{"id": "a", **NODULE}],
}
DOUBTFUL: Final = {"id": "loin", "certainty": "doubtful", "side": "left", "site": "paraspinal"}
GROWING: Final = {"size_trend": "growing_slowly", "depth": "deep_to_fascia"}
ANEURYSM: Final = {
    "kind": "ultrasound",
    "region": "abdomen",
    "performed_days_ago": 0,
    "result": "aneurysm",
    "aneurysm_mm": 62,
}


def written() -> Iterator[tuple[str, str]]:
    """Yield each screen with its name."""
    visits = course()
    first, on = visits[0]
    made = planned(first, on)
    yield "readme_patient", as_screen(made)
    last, month = visits[2]
    yield "after_follow_up", as_screen(planned(last, month, visits[1][0]), 3)
    yield "emergency", as_screen(planned(_emergency(first), on))
    yield "hold", as_screen(planned(_with(first, "red_flags", osteoporosis=True), on))
    yield "minimal", as_screen(planned(with_care(MINIMAL), ON))
    nodules = [*first["nodules"], DOUBTFUL]
    yield "several_nodules", as_screen(planned(with_care(first | {"nodules": nodules}), on))
    nodules[1] = {**nodules[1], **GROWING}
    yield "one_of_several", as_screen(planned(with_care(first | {"nodules": nodules}), on))


def _emergency(first: Any) -> dict[str, Any]:
    facts = _with(first, "red_flags", collapse=True)
    facts["patient"] |= {"age_years": 58, "sex_at_birth": "male", "pregnancy_status": None}
    facts["patient"] = {k: v for k, v in facts["patient"].items() if v is not None}
    facts["examination"] |= {"systolic_mmhg": 85, "pulse_per_min": 118}
    facts["investigations"] = [*facts["investigations"], ANEURYSM]
    return facts


def _with(facts: Any, section: str, **values: Any) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(dict(facts))
    changed[section] = {**changed.get(section, {}), **values}
    return changed


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in written():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
