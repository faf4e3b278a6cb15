"""Services that are wrong on purpose: each must be caught by the property that it offends."""

import dataclasses
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.knowledge.properties.generator import TYPICAL
from tests.knowledge.properties.services import (
    GUIDANCE,
    INTAKE,
    KNOWLEDGE,
    ON,
    RULESET,
    Decided,
    Services,
)

from diagnosis.judge.ruleset import Ruleset
from rules import Knowledge, from_canonical
from rules.language.canonical import canonical
from treatment.judge.effects import Needs
from treatment.judge.guidance import in_force

Content = dict[str, Any]
Facts = Mapping[str, Any]


def _changed(knowledge: Knowledge, change: Callable[[Content], None]) -> Knowledge:
    content = json.loads(knowledge.canonical())
    change(content)
    return from_canonical(canonical(content))


def with_rules(change: Callable[[Content], None]) -> Services:
    return Services(rules=Ruleset(_changed(RULESET.knowledge, change)).in_force(ON))


def with_guidance(change: Callable[[Content], None]) -> Services:
    return Services(guidance=in_force(_changed(KNOWLEDGE, change), ON))


def _named(content: Content, name: str) -> Content:
    """Find a definition, or the newest version of a rule."""
    found = [table for table in content["definitions"].values() if table["id"] == name]
    rules = [table for table in content["rules"].values() if table["id"] == name]
    table: Content = [*found, *(rule["version"][-1] for rule in rules)][0]
    return table


def lock_overlooked(content: Content) -> None:
    _named(content, "TX-01")["when"] = {"fact": "assessment_locked", "equals": False}


def no_gates(content: Content) -> None:
    for modality in content["other"]["modalities.toml"]["modality"]:
        modality["gates"] = []


def hold_overlooked(content: Content) -> None:
    no_gates(content)
    _named(content, "hold")["when"] = {"fact": "assessment_locked", "equals": True}


def block_with_a_part_without_a_name(content: Content) -> None:
    conditions = _named(content, "NE-05-plan")["when"]["all"]
    conditions.append({"not": {"all": [{"fact": "age_years", "at_least": 18}]}})


def no_contraindications(content: Content) -> None:
    for modality in content["other"]["modalities.toml"]["modality"]:
        modality["contraindications"] = []


def too_sure(content: Content) -> None:
    content["other"]["likelihood.toml"]["provisional_from"] = "UNLIKELY"


def fever_hides_weight_loss(content: Content) -> None:
    version = _named(content, "RF-07")
    calm = {"not": {"fact": "fever", "equals": True}}
    version["when"] = {"all": [version["when"], calm]}


def silence_means_no(content: Content) -> None:
    """Makes every plain yes-or-no question false while it is not answered."""
    for table in content["definitions"].values():
        table["when"] = _answered(table["when"])
    for table in content["rules"].values():
        for version in table["version"]:
            version["when"] = _answered(version["when"])


def _answered(node: Any) -> Any:
    if isinstance(node, list):
        return [_answered(part) for part in node]
    if not isinstance(node, dict):
        return node
    if "fact" in node and node.get("equals") is True:
        return {"all": [{"fact": node["fact"], "known": True}, node]}
    return {key: _answered(part) for key, part in node.items()}


def unasked() -> Services:
    """A guidance that looks at no answer to a contraindication."""
    guidance = dataclasses.replace(GUIDANCE)
    needs = {code: Needs((), (), one.gates, assessed=True) for code, one in GUIDANCE.needs.items()}
    guidance.__dict__["needs"] = needs
    return Services(guidance=guidance)


class OtherFacts(Services):
    """Services that read something else than what was sent."""

    def __init__(self, read: Callable[[Facts], Facts]) -> None:
        super().__init__()
        self._read = read

    def decide(self, facts: Facts) -> Decided:
        return super().decide(self._read(facts))


def filled(facts: Facts) -> Facts:
    """Takes what was not asked for a no."""
    return {**dict.fromkeys(_BOOLEANS, False), **facts}


_BOOLEANS = [name for name, fact in INTAKE.facts.items() if fact.type == "boolean"]


def flattered(facts: Facts) -> Facts:
    """Takes what was not found out about a nodule for typical."""
    if "nodules" not in facts:
        return facts
    return {**facts, "nodules": [{**TYPICAL, **nodule} for nodule in facts["nodules"]]}


def the_first_only(facts: Facts) -> Facts:
    lists = {name: value[:1] for name, value in facts.items() if isinstance(value, list)}
    return {**facts, **lists}


def moody() -> Callable[[Facts], Facts]:
    moods = itertools.cycle((True, False))
    return lambda facts: {**facts, "fever": next(moods)}


def forgetful() -> Services:
    """Rules that do not judge again when a finding comes in."""
    services = with_rules(lambda content: None)
    services.rules.compiled._program.again = lambda state, *_: state  # type: ignore[method-assign]
    return services


BROKEN: dict[str, Callable[[], Services]] = {
    "a_lock_stops_every_treatment": lambda: with_guidance(lock_overlooked),
    "a_hold_stops_what_is_applied_to_a_nodule": lambda: with_guidance(hold_overlooked),
    "an_open_screen_stops_what_is_applied_to_a_nodule": lambda: with_guidance(no_gates),
    "without_a_nodule_nothing_is_applied_to_one": lambda: with_guidance(no_gates),
    "a_contraindication_forbids": lambda: with_guidance(no_contraindications),
    "an_unanswered_contraindication_withholds": lambda: with_guidance(no_contraindications),
    "a_contraindication_verdict_decides": unasked,
    "there_is_one_likelihood_and_one_category": lambda: with_rules(too_sure),
    "another_red_flag_never_shortens_the_warnings": lambda: with_rules(fever_hides_weight_loss),
    "less_information_is_never_more_certain": lambda: OtherFacts(flattered),
    "less_information_never_adds_an_offer": lambda: OtherFacts(filled),
    "order_changes_nothing": lambda: OtherFacts(the_first_only),
    "unknown_is_not_false": lambda: with_rules(silence_means_no),
    "the_engine_agrees_with_the_interpreter": lambda: with_rules(silence_means_no),
    "a_block_that_is_not_released_says_why": lambda: with_guidance(
        block_with_a_part_without_a_name
    ),
    "judging_again_is_judging_afresh": forgetful,
    "the_same_case_is_judged_the_same": lambda: OtherFacts(moody()),
}
