"""Which recorded facts to ask for, so that a rule or a definition can be decided."""

import functools
from collections.abc import Iterable, Mapping
from typing import Final

from treatment.judge.judging import Judgement

_ASKED: Final = {  # what to ask about a derived fact
    "pain_nrs_judged": ("pain_nrs_now",),
    "needle_days_in_12_months": ("treatments_given", "previous_treatments"),
    "block_was_negative": ("blocks",),
    "assessed_nodules": ("nodules",),
    "steroid_events": ("steroid_injections",),
}
_VISIT: Final = (
    "followed_up",
    "baseline_",
    "follow_up_",
    "seen_after",
    "days_from",
    "care_",
    "relief_",
    "visits_between",
)
_RELIEF: Final = {"effect": ("treatments_given",)}
ANSWERED_BY: Final = {"max_temp_c": "fever"}  # not worth asking once the other is answered
_DOSE: Final = {"mg_per_kg": ("weight_kg", "height_cm"), "with_adrenaline": ("planned_drugs",)}


def missing(judgement: Judgement, names: Iterable[str]) -> list[str]:
    """Names the facts to ask for, so that these rules or definitions can be decided."""
    undecided = judgement.guidance.compiled.undecided_facts(judgement.evaluation, names)
    answered = {name for name, by in ANSWERED_BY.items() if judgement.fact(by) is not None}
    return sorted({asked for name in undecided for asked in to_ask(name)} - answered)


@functools.lru_cache(maxsize=4096)
def to_ask(name: str) -> tuple[str, ...]:
    """Says which recorded facts a fact of the rules rests on; none for what diagnosis decides."""
    if name.startswith(("assessment_", "cluneal_", "any_treatment_", "signs_before")):
        return ()
    if name.startswith(_VISIT):
        return ("contacts",)
    if name.startswith("ended_reliefs"):
        return _RELIEF.get(name.rpartition(".")[2], ("blocks",))
    if name.startswith("stated_doses"):
        return _DOSE.get(name.rpartition(".")[2], ("planned_drugs",))
    return _ASKED.get(name.partition("[")[0], (name,))


def conditions(judgement: Judgement, rule: str, treatment: str) -> list[str]:
    """Names the definitions on which it depends whether a rule forbids a treatment."""
    effect = judgement.guidance.concerns(rule).get(treatment)
    return list(effect.values()) if isinstance(effect, Mapping) else []
