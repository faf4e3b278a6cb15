"""What may be written of treatments and steps, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chassis.knowledge import Knowledge, KnowledgeError, RuleVersion

MODALITIES: Final = (
    "injection", "laser", "tecar", "shockwave", "dry_needling", "manual_therapy", "surgery",
)  # fmt: skip
STEROID: Final = "corticosteroid"

_THEN_KEYS: Final = frozenset(
    {"says", "later", "concerns", "cautions", "compares", "success", "contacts"}
)
_CONTACT: Final = {"day": int, "what": str, "if_not": str}
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
    contacts = then.get("contacts", ())
    if contacts and not isinstance(then.get("success"), str):
        yield "success is missing; it says what the contacts look for."
    for contact in contacts:
        for key, kind in _CONTACT.items():
            if not isinstance(contact.get(key), kind):
                yield f"a contact without {key}."
        for key in sorted(set(contact) - {*_CONTACT, "needle_or_surgery"}):
            yield f"a contact has no setting called {key}."


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
    codes = tuple(table["code"] for table in knowledge.other["modalities.toml"]["modality"])
    if codes != MODALITIES:
        problems.append("modalities.toml: a plan shows all seven treatments in their order.")
    if problems:
        raise KnowledgeError(problems)


def _names(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for table in knowledge.other["modalities.toml"]["modality"]:
        yield from (("modalities.toml", gate) for gate in table["gates"])
    for table in knowledge.other["steps.toml"]["line"]:
        yield "steps.toml", table["when"]
