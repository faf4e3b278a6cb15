"""Which recorded facts stand behind the facts that treatment computes for its rules."""

from typing import Final

from rules import Knowledge
from treatment.domain.sentences import to_ask

_CARE: Final = frozenset({"contacts", "treatments_given", "blocks"})
_OWN: Final = "derived.toml"
_MORE: Final = {
    "pain_nrs_judged": frozenset({"pain_nrs_now", "pain_nrs_average"}),
    "stated_doses": frozenset({"planned_drugs", "weight_kg", "height_cm"}),
    "steroid_events": frozenset({"steroid_injections", "treatments_given", "blocks"}),
    "needle_days_in_12_months": frozenset(
        {"treatments_given", "previous_treatments", "steroid_injections", "blocks"}
    ),
    "any_treatment_given": frozenset({"treatments_given", "blocks"}),
    "visits_between": _CARE,
    "ended_reliefs": _CARE,
    "signs_before": frozenset(
        {
            "power",
            "reflexes",
            "sensation",
            "leg_weakness",
            "fever",
            "max_temp_c",
            "nodules",
            "new_signs_outside_legs.arm_or_hand_weakness",
            "new_signs_outside_legs.gait_change",
            "new_signs_outside_legs.severe_headache",
            "bladder_change",
        }
    ),
}


def computed_from(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """Maps each computed fact to the recorded facts that it rests on.

    What diagnosis decided rests on none here: the label says through what it may have used more.
    """
    table = knowledge.other[_OWN]
    owners = {entry["name"] for kind in ("fact", "list") for entry in table.get(kind, ())}
    owners |= {name.partition(".")[0] for name in knowledge.vocabulary.derived}
    names = [name for name in knowledge.vocabulary.names() if _owner(name) in owners]
    return {name: _MORE.get(_owner(name), frozenset(to_ask(name))) for name in names}


def _owner(name: str) -> str:
    return name.partition("[")[0].partition(".")[0]
