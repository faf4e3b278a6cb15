"""What follows from a rule, in words: its ``[then]`` table, whichever group it belongs to."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.rules.pages.places import definition_link

EFFECTS = {
    "lock": "locks every treatment of the nodule",
    "hold": "holds every treatment of the nodule",
    "note": "is shown and stops nothing",
    "reassurance": "is said when no flag is active",
}
URGENCIES = {"same_day": "same day", "hold": "settle first"}
ARGUMENTS = {"for": "speaks for a back mouse", "against": "speaks against one"}
HOW = {
    "block": "is not given",
    "caution": "needs care",
    "block_if": "is not given if {}",
    "block_only_if": "is not given, but only if {}",
}


def actions(then: Mapping[str, Any], service: str) -> Iterator[str]:
    """Say, one line each, what a rule concludes."""
    if "says" in then:
        yield then["says"]
    if "effect" in then:
        yield _flag(then)
    for grade in then.get("grades", ()):
        yield f"If {definition_link(grade['when'], service)}: {_flag(grade)}"
    for note in then.get("notes", ()):
        yield f"If {definition_link(note['when'], service)}: {note['sentence']}"
    if "side" in then:
        argument = ARGUMENTS.get(then["side"], "speaks neither for nor against a back mouse")
        yield f"{argument}.".capitalize()
    if "competes" in then:
        yield _differential(then)
    if then.get("settles"):
        yield f"Settles: {'; '.join(then['settles'])}."
    if then.get("before_treatment"):
        yield "Comes before any treatment of the nodule."
    if "compares" in then:
        yield then["compares"]["without"]
    yield from _contacts(then)
    yield from _concerns(then, service)


def _contacts(then: Mapping[str, Any]) -> Iterator[str]:
    for contact in then.get("contacts", ()):
        only = " (after a needle or surgery only)" if contact.get("needle_or_surgery") else ""
        yield f"Day {contact['day']}{only}: {contact['what']} {contact['if_not']}"
    if "success" in then:
        yield f"Success: {then['success']}"


def _flag(table: Mapping[str, Any]) -> str:
    urgency = table.get("urgency", "routine")
    withheld = " and ".join(table.get("withholds", ()))
    also = f", but {withheld} treatment is still withheld" if withheld else ""
    head = f"{URGENCIES.get(urgency, urgency)}; {EFFECTS[table['effect']]}{also}."
    return f"{head.capitalize()} {table.get('action', '')}".strip()


def _differential(then: Mapping[str, Any]) -> str:
    beside = "lowers the likelihood to POSSIBLE at most and is worked up first"
    return f"Is listed, and {beside if then['competes'] else 'stands beside a nodule'}."


def _concerns(then: Mapping[str, Any], service: str) -> Iterator[str]:
    cautions = then.get("cautions", {})
    for treatment, how in then.get("concerns", {}).items():
        conditional = isinstance(how, Mapping)
        kind, condition = next(iter(how.items())) if conditional else (how, "")
        sentence = HOW[kind].format(definition_link(condition, service) if conditional else "")
        why = f": {cautions[treatment]}" if treatment in cautions else "."
        yield f"{_treatment(treatment)} {sentence}{why}"


def _treatment(code: str) -> str:
    return "TECAR" if code == "tecar" else code.replace("_", " ").capitalize()
