"""The first sentence that a clinician reads says no more than was found."""

from typing import Any

from tests.unit.diagnosis.test_screen import ON, RULESET

from diagnosis.write import load_sentences
from diagnosis.write.summary import summary

RULES = RULESET.in_force(ON)
SCREEN = {"sentence": "red-flag screen: 13 of 13"}


def summarised(*active: dict[str, Any]) -> str:
    headline = active[0] if active else None
    flags = {"headline": headline, "active": list(active), "screen": SCREEN}
    flags["locked"] = any(flag["urgency"] == "same_day" for flag in active)
    document = {"likelihood": "PROBABLE", "provisional": None, "competitors": []}
    return summary(RULES, load_sentences(), {"red_flags": flags, **document})


def test_a_clear_screen_is_said_to_exclude_nothing() -> None:
    assert "No red flag found (red-flag screen: 13 of 13); this does not exclude" in summarised()


def test_a_released_flag_that_still_withholds_something_says_so() -> None:
    flag = {"rule": "RF-05", "title": "Risk of fracture", "urgency": "routine", "action": "-"}
    text = summarised({**flag, "withholds": ["energy", "manual"]})

    assert "No red flag locks or holds treatment" in text
    assert "RF-05, still without energy or manual treatment" in text


def test_what_locks_is_said_alone_and_no_nodule_is_praised_beside_it() -> None:
    infection = {
        "rule": "RF-08",
        "title": "Suspected spinal infection",
        "urgency": "same_day",
        "action": "Cultures and MRI.",
        "withholds": [],
    }

    sentence = summarised(infection)

    assert sentence.startswith("Today: Suspected spinal infection (RF-08). Cultures and MRI.")
    assert "fit" not in sentence
    assert sentence.endswith("whatever a nodule may explain waits until then.")
