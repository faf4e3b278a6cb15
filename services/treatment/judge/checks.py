"""What may be written of treatments and steps, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rules import Knowledge, KnowledgeError, RuleVersion
from treatment.judge.roles import read_roles

MODALITIES: Final = (
    "injection", "laser", "tecar", "shockwave", "dry_needling", "manual_therapy", "surgery",
)  # fmt: skip
STEROID: Final = "corticosteroid"
BEFORE: Final = "signs_before."

_THEN_KEYS: Final = frozenset(
    {"says", "later", "concerns", "cautions", "compares", "success", "contacts"}
)
_CONTACT: Final = {"day": int, "kind": str, "what": str, "if_not": str}
_PLAUSIBLE: Final = {"ideal_weight_above": (25, 40), "ideal_body_mass_index": (18, 25)}
_CONDITIONAL: Final = frozenset({"block_if", "block_only_if"})


def check_then(then: Mapping[str, Any], _version: RuleVersion) -> list[str]:
    """Says what is wrong with what a rule concludes; an empty list is good."""
    return list(_faults(then))


def _faults(then: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(then) - _THEN_KEYS):
        yield f"there is no setting called {key}."
    if not isinstance(then.get("says"), str):
        yield "says is missing; it is the sentence that a clinician reads."
    for treatment, effect in then.get("concerns", {}).items():
        if treatment not in (*MODALITIES, STEROID):
            yield f"there is no treatment called {treatment}."
        conditional = isinstance(effect, dict) and len(effect) == 1 and set(effect) <= _CONDITIONAL
        if effect not in ("block", "caution") and not conditional:
            yield f"{treatment} is block, caution, block_if or block_only_if."
    for treatment in then.get("cautions", {}):
        if then.get("concerns", {}).get(treatment) in (None, "block"):
            yield f"cautions speaks of {treatment}, for which this is no caution."
    yield from _contact_faults(then)


def _contact_faults(then: Mapping[str, Any]) -> Iterator[str]:
    if "contacts" not in then:
        return
    contacts = then["contacts"]
    if not isinstance(then.get("success"), str):
        yield "success is missing; it says what the contacts look for."
    if not isinstance(contacts, list) or not all(isinstance(one, dict) for one in contacts):
        yield "contacts is a list of tables, one for each."
        return
    for contact in contacts:
        for key, kind in _CONTACT.items():
            if type(contact.get(key)) is not kind:
                yield f"a contact without {key}."
        if not isinstance(contact.get("needle_or_surgery", False), bool):
            yield "needle_or_surgery is true or false."
        for key in sorted(set(contact) - {*_CONTACT, "needle_or_surgery"}):
            yield f"a contact has no setting called {key}."
    days = [one["day"] for one in contacts if type(one.get("day")) is int]
    if days != sorted(set(days)) or min(days, default=0) < 0:
        yield "the days of the contacts rise from 0."


def check_guidance(knowledge: Knowledge) -> None:
    """Refuses treatments and steps that name what is not there.

    Raises:
        KnowledgeError: With one sentence for each fault.
    """
    known = {*knowledge.definitions, *knowledge.rules}
    problems = [
        f"{file}: {name} is neither a rule nor a definition."
        for file, name in _names(knowledge)
        if name not in known
    ]
    problems += [
        f"{rule.file}: there is no definition called {name}."
        for rule in knowledge.rules.values()
        for version in rule.versions
        for effect in version.then.get("concerns", {}).values()
        if isinstance(effect, dict)
        for name in effect.values()
        if name not in knowledge.definitions
    ]
    problems += [*_unplanned(knowledge), *_unsigned(knowledge), *_doses(knowledge)]
    codes = tuple(table["code"] for table in knowledge.other["modalities.toml"]["modality"])
    if codes != MODALITIES:
        problems.append("modalities.toml: a plan shows all seven treatments in their order.")
    if problems:
        raise KnowledgeError(problems)


def _names(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for table in knowledge.other["modalities.toml"]["modality"]:
        yield from (("modalities.toml", gate) for gate in table["gates"])
    for table in knowledge.other["steps.toml"]["line"]:
        yield from (("steps.toml", name) for name in (table["when"], *table.get("because", ())))
    for name in _guided_roles(knowledge):
        yield "roles.toml", name


def _guided_roles(knowledge: Knowledge) -> Iterator[str]:
    """Names the rules of this service that play a part in a plan."""
    roles = read_roles(knowledge.other["roles.toml"])
    yield from (roles.lock, roles.block, roles.after_treatment, roles.conservative)
    yield from (roles.nsaid, roles.pregnancy, roles.stated_dose)
    for names in (roles.steps, roles.self_care, roles.beside_outcome, roles.settled):
        yield from names
    yield from (judged.rule for judged in roles.outcome)
    for names in (roles.if_a_needle_fails, roles.if_care_fails, roles.safety_net):
        yield from names
    for names in roles.speaks_for.values():
        yield from names


def _unplanned(knowledge: Knowledge) -> Iterator[str]:
    roles = knowledge.other["roles.toml"]
    for name in (roles["after_treatment"], roles["conservative"]):
        rule = knowledge.rules.get(name)
        for version in rule.versions if rule else ():
            if not version.then.get("contacts"):
                yield f"{name}: contacts is missing; the plan takes its dates from there."


def _unsigned(knowledge: Knowledge) -> Iterator[str]:
    for name in knowledge.vocabulary.facts:
        sign = sign_of(name)
        if sign and sign not in knowledge.definitions:
            yield f"{name}: there is no definition called {sign}."


def _doses(knowledge: Knowledge) -> Iterator[str]:
    table = knowledge.other["dosing.toml"]
    for name, (low, high) in _PLAUSIBLE.items():
        value: Any = table.get(name)
        if type(value) not in (int, float) or not low <= value <= high:
            yield f"dosing.toml: {name} is a number from {low} to {high}."


def sign_of(fact: str) -> str | None:
    """Names the definition of a sign that the revision before may have had."""
    if not fact.startswith(BEFORE):
        return None
    return "sign-" + fact.removeprefix(BEFORE).replace("_", "-")
