"""Finds what each missing finding could still change, by trying what it could turn out to be."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final

from treatment.domain.guidance import STEROID
from treatment.domain.judging import Case, Judgement, judge
from treatment.domain.preparing import Facts
from treatment.domain.sentences import Item, label, to_ask

_SAID_BY: Final = {"max_temp_c": "fever"}  # not worth asking once the other is answered
_STEPS: Final = ("TX-04", "TX-07", "TX-10", "FU-02", "FU-03", "FU-04", "FU-06", "FU-08", "FU-10")


def missing_items(judgement: Judgement, case: Case) -> list[Item]:
    """Lists unknown findings that stand in an undecided condition, with what each could change.

    Nothing is listed under a lock: there the red flag comes first.
    """
    if judgement.locked:
        return []
    names = _open(judgement, case.facts)
    shut = judgement.held or judgement.fact("assessment_screen_complete") is not True
    items = [_item(judgement, case, name, shut=shut) for name in names]
    items.sort(key=lambda item: (item["together"], -len(item["could_change"])))
    return items


def _open(judgement: Judgement, facts: Facts) -> list[str]:
    """Names recorded facts that are unknown and on which something still depends."""
    found = judgement.guidance.compiled.undecided_facts(judgement.evaluation, _watched(judgement))
    found |= {f"consent.{code}" for code in (*judgement.statuses, STEROID)}
    asked = {name for raw in found for name in to_ask(raw)}
    unknown = {name for name in asked if "[" in name or facts.get(name) is None}
    return sorted(unknown - {name for name, other in _SAID_BY.items() if other in facts})


def _watched(judgement: Judgement) -> Iterable[str]:
    names = {rule for one in judgement.guidance.modalities for rule in one.contraindications}
    names |= {gate for one in judgement.guidance.modalities for gate in one.gates}
    return sorted(names | {*_STEPS, "NE-05-plan"})


def _item(judgement: Judgement, case: Case, name: str, *, shut: bool) -> Item:
    changes = [] if shut or "[" in name else _could_change(judgement, case, name)
    said = label(judgement, name)
    if changes:
        what = ", ".join(
            sorted(
                {
                    change["conclusion"].partition(":")[2] or change["conclusion"]
                    for change in changes
                }
            )
        )
        sentence = f"{said} is not recorded; it could change: {what.replace('_', ' ')}."
    else:
        sentence = f"{said} is not recorded; it may matter together with other missing findings."
    return {
        "fact": name,
        "label": said,
        "could_change": changes,
        "together": not changes,
        "sentence": sentence,
    }


def _could_change(judgement: Judgement, case: Case, name: str) -> list[Item]:
    before = judgement.conclusions
    changes: list[Item] = []
    for value in _values(judgement, name):
        after = _with(judgement, case, name, value).conclusions
        changes += [
            {"conclusion": conclusion, "if": value, "to": after[conclusion]}
            for conclusion in before
            if after[conclusion] != before[conclusion]
        ]
    return changes


def _values(judgement: Judgement, name: str) -> list[Any]:
    compiled = judgement.guidance.compiled
    if name in compiled.vocabulary.lists:
        return []
    derived = "pain_nrs_judged" if name.startswith("pain_nrs_") else name
    tried = compiled.completions(derived, judgement.evaluation.facts)
    return tried or compiled.completions(name, judgement.evaluation.facts)


def _with(judgement: Judgement, case: Case, name: str, value: Any) -> Judgement:
    """Judges again with one more finding; short where no derived fact rests on it."""
    if name in _FEEDS_DERIVED:
        return judge(
            dataclasses.replace(case, facts={**case.facts, name: value}), judgement.guidance
        )
    evaluation = judgement.guidance.compiled.with_fact(judgement.evaluation, name, value)
    return Judgement(judgement.guidance, evaluation, proposed=judgement.proposed)


_FEEDS_DERIVED: Final = frozenset(
    {
        "pain_nrs_now", "pain_nrs_average", "power", "reflexes", "sensation", "leg_weakness",
        "fever", "max_temp_c", "bladder_change", "weight_kg", "height_cm", "nodule_present",
        "new_signs_outside_legs.arm_or_hand_weakness", "new_signs_outside_legs.gait_change",
        "new_signs_outside_legs.severe_headache",
    }
)  # fmt: skip
