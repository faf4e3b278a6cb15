"""Results by hand: data of the events of diagnosis and treatment."""

from typing import Any

ON = "2026-12-01"
DIAGNOSIS = {
    "do": {"text": "Examine the crest: is there a lump, and does pressing it bring the pain?"},
    "who": "Whoever examines here.",
    "when": "Not urgent: today, at this visit.",
    "urgency": "routine",
}
TREATMENT = {
    "do": {
        "text": "Offer a diagnostic block of the nodule on the right iliac crest; if it helps, "
        "a guided injection.",
        "rules": ["TX-04"],
        "facts": [{"name": "nodules[a].site", "words": "nodule on the right, medial crest"}],
    },
    "who": "Whoever injects under ultrasound here.",
    "when": "Not urgent: the next free visit.",
    "urgency": "routine",
}
SIGN_OFF = "Supports a clinician, replaces none; signed off by no clinician yet."
VERSIONS = {"ruleset": "0f3a90", "wording": "77ab10"}


def assessment(case_id: str, revision: int = 1, **brief: Any) -> dict[str, Any]:
    """Data of `assessment.completed`, without the facts; members of the brief by name."""
    decision = {"case_id": case_id, "revision": revision, "on": ON, "category": "PROBABLE"}
    decision |= {"likelihood": "PROBABLE", "locked": False, "hold": False, "verdicts": "tfu"}
    return _data(case_id, revision, decision, assessment_brief(revision, **brief))


def plan(case_id: str, revision: int = 1, **brief: Any) -> dict[str, Any]:
    """Data of `plan.recommended` or `plan.withheld`; members of the brief by name."""
    decision = {"outcome": "recommended", "step": {"line": "block", "waits": False}}
    return _data(case_id, revision, decision, plan_brief(revision, **brief))


def assessment_brief(revision: int | None = 1, **members: Any) -> dict[str, Any]:
    """A brief of diagnosis."""
    return {
        "kind": "assessment",
        "revision": revision,
        "on": ON,
        "subject": "woman, 47",
        "action": DIAGNOSIS,
        "why": [
            {"text": "The nodule is mobile and tender, and pressing it brings her usual pain."},
            {"text": "Ultrasound shows fat.", "rules": ["BC-08"]},
        ],
        "safety": {
            "text": "All 13 danger questions answered today, none positive.",
            "answered": 13,
            "of": 13,
        },
        "ask_next": [
            {
                "text": "A tap over the tender point for a Tinel sign.",
                "could_change": "With a positive tap an entrapped nerve is as likely.",
                "examination": "EX-TINEL",
                "facts": [{"name": "tinel_sign", "words": "Tinel sign"}],
            }
        ],
        "likely": {
            "category": "PROBABLE",
            "text": "A painful back mouse is probable.",
            "speaks_for": {"text": "pressure on the nodule brings the pain she knows"},
        },
        "otherwise": [
            {
                "name": "entrapped superior cluneal nerve",
                "rule": "DD-01",
                "settled_by": "A tap over the tender point for a Tinel sign.",
            }
        ],
        "later": "The plan is on its way.",
        "sign_off": SIGN_OFF,
        "versions": VERSIONS,
    } | members


def plan_brief(revision: int | None = 1, **members: Any) -> dict[str, Any]:
    """A brief of treatment, which takes over what diagnosis wrote."""
    brief = assessment_brief(revision)
    del brief["later"]
    return (
        brief
        | {
            "kind": "plan",
            "action": TREATMENT,
            "treatments": [
                {
                    "verdict": "may",
                    "modalities": [{"code": "injection", "words": "guided injection"}],
                    "reason": "weak: one small trial, case series",
                },
                {
                    "verdict": "unproven",
                    "modalities": [
                        {"code": name.lower(), "words": name}
                        for name in ("laser", "TECAR", "shockwave")
                    ],
                    "reason": "no study in back mice; never a must",
                },
            ],
            "tell": {"text": "The lump is fat and harmless; the pain is real."},
            "look_again": [
                {"text": "by message", "on": "2026-12-14"},
                {"text": "visit: 2 points and 30 % less is success", "on": "2026-12-28"},
            ],
            "if_it_fails": {"text": "Relief fades: one repeat."},
            "versions": VERSIONS | {"guidance": "91c2de"},
        }
        | members
    )


def _data(
    case_id: str, revision: int, decision: dict[str, Any], brief: dict[str, Any]
) -> dict[str, Any]:
    about = {"case_id": case_id, "revision": revision, "on": ON}
    return about | {"decision": decision, "brief": brief}
