"""Which recorded facts stand behind the facts that treatment computes for its rules."""

from typing import Final

from chassis.knowledge import Knowledge
from treatment.domain.sentences import to_ask

_OWN: Final = "derived.toml"
_MORE: Final = {
    "pain_nrs_judged": frozenset({"pain_nrs_now", "pain_nrs_average"}),
    "stated_doses": frozenset({"planned_drugs", "weight_kg", "height_cm"}),
    "steroid_events": frozenset({"steroid_injections", "treatments_given", "blocks"}),
    "any_treatment_given": frozenset({"treatments_given", "blocks"}),
}


def computed_from(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """Maps each computed fact to the recorded facts that it rests on.

    What diagnosis decided rests on none here: the label says through what it may have used more.
    """
    table = knowledge.other[_OWN]
    owners = {entry["name"] for kind in ("fact", "list") for entry in table.get(kind, ())}
    names = [name for name in knowledge.vocabulary.names() if _owner(name) in owners]
    return {name: _MORE.get(_owner(name), frozenset(to_ask(name))) for name in names}


def _owner(name: str) -> str:
    return name.partition("[")[0].partition(".")[0]
