"""Ways to change a case: worse, poorer, in another order."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.knowledge.properties.services import RULES

Facts = dict[str, Any]

NEGATIVE = (None, False, "none", "normal")
POSITIVE_ANSWERS: list[tuple[str, Any]] = [
    ("bladder_change", "new_under_14_days"),
    ("bowel_change", "new_under_14_days"),
    ("saddle_sensation", "altered"),
    ("leg_weakness", "progressive"),
    ("new_signs_outside_legs.gait_change", True),
    ("fever", True),
    ("systemic_illness", True),
    ("bloodstream_infection", True),
    ("injecting_drugs", True),
    ("cancer_history", "current"),
    ("weight_loss", True),
    ("injury", "major"),
    ("bruise_over_spine", "present"),
    ("osteoporosis", True),
    ("previous_fragility_fracture", True),
    ("corticosteroid_use", "long_term"),
    ("pulsatile_abdominal_mass", True),
    ("collapse", True),
    ("urinary_symptom", True),
    ("pain_map.flank", True),
    ("flank_mass", True),
    ("focal_spinous_tenderness", True),
    ("unplanned_return_within_7_days", True),
]

COMPETITORS = frozenset().union(*(RULES.compiled.facts_of(rule) for rule in RULES.competitors)) | {
    "slr_right_felt",
    "slr_left_felt",
    "centralisation",
    "labs",
}
"""What speaks for another explanation: named in rules.md section 5, it need not be answered.

Raised ESR or CRP are among it, so the laboratory results as a whole are too.
"""

ACTS_WHEN_RECORDED = {
    # events and results: "acts only when recorded" (rules.md section 1)
    "investigations", "labs", "blocks", "contacts", "treatments_given",
    # The minimal case of rules.md section 5 answers none of these and is POSSIBLE to PROBABLE, so
    # silence about them cannot keep another likelihood open. docs/knowledge.md tells each reason.
    "certainty", "cough_impulse_or_reducible", "lowest_power_mrc", "size_short_mm",
}  # fmt: skip


NOT_IN_THE_SCREEN = {
    "gain_after_care", "focal_spinous_tenderness", "unplanned_return_within_7_days",
    "paraesthesia.saddle", "max_temp_c", "flank_mass", "lump_excised_before",
    "onset_mechanism", "bruise_over_spine", "skin_findings.bruise", "post_void_residual_ml",
    "skin_findings.wound", "skin_findings.warmth", "systolic_mmhg", "radiation_level",
}  # fmt: skip
"""Outside the thirteen questions (rules.md section 1), so that they need not be answered before an
offer; recorded, each holds or locks treatment. docs/knowledge.md tells it."""


EVENTS = {"investigations", "labs", "contacts"}
WITHDRAWAL = ".old_or_excluded"
"""That a result no longer counts acts only when it is recorded, as the result itself does."""
MAY_ADD_AN_OFFER = COMPETITORS | NOT_IN_THE_SCREEN | EVENTS
"""What may be taken away whole with the effect that something is offered."""


def harmful(facts: Facts, chance: random.Random) -> tuple[str, Any]:
    """Choose a dangerous answer to a question that has not been answered dangerously."""
    open_ = [(name, value) for name, value in POSITIVE_ANSWERS if facts.get(name) in NEGATIVE]
    return chance.choice(open_ or POSITIVE_ANSWERS)


def poorer(facts: Facts, chance: random.Random) -> tuple[str, Facts | None]:
    """Take one finding away; a count is not taken, because it says what kind of list it is."""
    paths = [name for name in facts if not isinstance(facts[name], list) and name != "nodule_count"]
    paths += [name for name in ("investigations", "labs", "contacts") if name in facts]
    for owner in ("nodules", "investigations", "blocks"):
        for at, element in enumerate(facts.get(owner, ())):
            paths += [f"{owner}[{at}].{field}" for field in element if field != "id"] * 3
    if not paths:
        return "", None
    path = chance.choice(paths)
    return path, without(facts, path)


def without(facts: Facts, path: str) -> Facts:
    owner, bracket, rest = path.partition("[")
    if not bracket:
        return {name: value for name, value in facts.items() if name != owner}
    at, _, field = rest.partition("].")
    elements = list(facts[owner])
    elements[int(at)] = {k: v for k, v in elements[int(at)].items() if k != field}
    return {**facts, owner: elements}


def shuffled(facts: Facts, chance: random.Random) -> Facts:
    """Turn fields, and elements, back to front or by one place."""
    turn = chance.choice((_backwards, _onwards))
    return {
        name: [_turned(element, turn) for element in turn(value)]
        if isinstance(value, list)
        else value
        for name, value in _turned(facts, turn).items()
    }


def _turned(table: Mapping[str, Any], turn: Callable[[list[Any]], list[Any]]) -> Facts:
    return {name: table[name] for name in turn(list(table))}


def _backwards(things: list[Any]) -> list[Any]:
    return things[::-1]


def _onwards(things: list[Any]) -> list[Any]:
    return [*things[1:], *things[:1]]
