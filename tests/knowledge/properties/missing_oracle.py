"""The slow way to know what a missing finding changes: judge all afresh with each value."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.knowledge.properties.services import RULES

from diagnosis.judge.likelihood import judge_likelihood
from diagnosis.judge.names import general, spelled
from diagnosis.judge.preparing import SITE_NOT_STATED, prepare
from diagnosis.judge.red_flags import active_flags
from diagnosis.judge.ruleset import CATEGORY_LOCKED
from rules import Evaluation, replaced

Facts = dict[str, Any]
Changes = set[tuple[str, str]]

COUNT = "nodule_count"  # without it the list is the whole statement, so it is not missing
PALPATION = "nodule_present"
_EFFECT = {"lock": "locks treatment", "hold": "holds treatment", "note": "is shown"}
_GONE = {"red_flag": "not active", "differential": "not listed"}


def changes(facts: Facts) -> dict[str, Changes]:
    """Say for every unknown finding of the vocabulary what some value of it would change."""
    prepared = prepare(facts)
    now = RULES.compiled.evaluate(prepared)
    before, impossible = _conclusions(now), _impossible(now)
    found: dict[str, Changes] = {}
    for name in _unknown(prepared):
        changed: Changes = set()
        for value in _values(name, prepared):
            then = RULES.compiled.evaluate(_with(facts, prepared, name, value))
            if impossible or not _impossible(then):
                changed |= _different(before, _conclusions(then))
        found[spelled(name, prepared)] = changed
    return found


def _unknown(prepared: Facts) -> Iterator[str]:
    vocabulary = RULES.vocabulary
    for name in vocabulary.facts:
        owner = name.partition(".")[0]
        if name == PALPATION and "nodules" in prepared:
            continue  # the list says it; what it leaves open is asked of each nodule
        derived = name in RULES.derived or owner in RULES.derived
        if name not in prepared and name != COUNT and not derived:
            yield name
    for owner in ("nodules", "investigations", "blocks", "labs"):
        for at, element in enumerate(prepared.get(owner, ())):
            for field, fact in vocabulary.list(owner).fields.items():
                if field not in element and fact.type != "id":
                    yield f"{owner}[{at}].{field}"


def _values(name: str, prepared: Facts) -> list[Any]:
    fact = RULES.vocabulary.fact(name)
    if fact.type == "ref":
        return [nodule["id"] for nodule in prepared.get("nodules", ())]
    if fact.type in {"text", "codes", "date"}:
        return []
    values = RULES.compiled.completions(general(name) if "[" not in name else name, prepared)
    return [value for value in values if value != SITE_NOT_STATED]


def _with(facts: Facts, prepared: Facts, name: str, value: Any) -> Facts:
    if name == PALPATION:
        return prepare({**facts, name: value})
    return replaced(prepared, name, value)


def _impossible(evaluation: Evaluation) -> bool:
    return evaluation.definition(RULES.roles.contradiction) is True


def _conclusions(evaluation: Evaluation) -> dict[str, str]:
    flags = active_flags(RULES, evaluation)
    found = judge_likelihood(RULES, evaluation)
    locked = any(flag.effect == "lock" for flag in flags)
    return {
        "category": CATEGORY_LOCKED if locked else found.answer,
        "likelihood": found.answer,
        "possible likelihoods": " or ".join(found.possible),
        **{f"red_flag:{flag.id}": _EFFECT[flag.effect] for flag in flags},
        **{
            f"differential:{rule.id}": "listed"
            for rule in RULES.differentials
            if evaluation.verdict(rule.id) is True
        },
    }


def _different(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if "likelihood" in names:
        names = [name for name in names if name != "possible likelihoods"]
    return {(name, after.get(name) or _GONE[name.partition(":")[0]]) for name in names}
