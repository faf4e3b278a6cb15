"""The plan as a page of text, as a clinician would want to read it."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

WIDTH: Final = 96
STATUS: Final = {
    "offered": "OFFERED",
    "optional_unproven": "OPTIONAL, UNPROVEN FOR THIS CONDITION",
    "withheld": "WITHHELD",
    "blocked": "BLOCKED",
}
BLOCK: Final = {
    "released": "released",
    "withheld": "withheld",
    "not_applicable": "not proposed now",
}
MISSING_SHOWN: Final = 12

Document = Mapping[str, Any]


class Numbers:
    """Numbers the sources in the order in which the page names them; the rest is not listed."""

    def __init__(self, citations: Mapping[str, Document]) -> None:
        self._citations = citations
        self._numbers: dict[str, int] = {}

    def of(self, keys: Sequence[str]) -> str:
        """Shows sources as numbers in brackets."""
        known = [key for key in keys if key in self._citations]
        numbers = [self._numbers.setdefault(key, len(self._numbers) + 1) for key in known]
        return "".join(f"[{number}]" for number in sorted(numbers))

    def cited(self) -> list[tuple[int, Document]]:
        """Lists what was named, by number."""
        return [(number, self._citations[key]) for key, number in self._numbers.items()]


def as_text(document: Document) -> str:
    """Renders a plan: the referral, or the step, every treatment, care, and when to look again.

    Args:
        document: The finished plan.

    Returns:
        Lines of at most 96 characters, addresses aside; sources are numbered.
    """
    numbers = Numbers(document["citations"])
    told = [_referral(document, numbers)] if document["referral"] else _care(document, numbers)
    parts = [
        _head(document),
        *told,
        _sources(numbers),
        _foot(document),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(document: Document) -> str:
    case = f", case {document['case_id']}" if document["case_id"] else ""
    revision = f", revision {document['revision']}" if document["revision"] else ""
    return f"PLAN{case}{revision}, judged on {document['on']}\n\n{_wrap(document['summary'])}"


def _referral(document: Document, numbers: Numbers) -> str:
    referral = document["referral"]
    rules = ", ".join(referral["rules"])
    why = f"Why: {referral['because']} ({rules}{_cited(referral['sources'], numbers)})."
    points = [
        f"Where: {referral['to']}.",
        f"How fast: {referral['how_fast']}.",
        why,
        *(f"Also: {one['to']} ({one['rule']})." for one in referral.get("also", ())),
        "All seven treatments of the nodule are blocked for this reason.",
    ]
    return "\n".join(["REFER", *map(_point, points)])


def _care(document: Document, numbers: Numbers) -> list[str]:
    return [
        _step(document["step"], numbers),
        _outcome(document["outcome_of_care"], numbers),
        _treatments(document["modalities"], numbers),
        _block(document["diagnostic_block"], numbers),
        _listed("SELF-CARE AND GENERAL CARE", document["self_care"], numbers),
        _follow_up(document["follow_up"]),
        _listed("IF IT FAILS", document["if_it_fails"], numbers),
        _listed("SAFETY NET", document["safety_net"], numbers),
        _to_ask(document),
        _missing(document["missing_findings"]),
    ]


def _step(step: Document, numbers: Numbers) -> str:
    reasons = [_point(_reason(item, numbers)) for item in step["because"]]
    return "\n".join([f"STEP   {step['title']}", *reasons])


def _outcome(outcome: Document | None, numbers: Numbers) -> str:
    if not outcome:
        return ""
    lines = [f"LAST TREATMENT   {outcome['result'].replace('_', ' ')}"]
    lines.append(_point(_reason(outcome, numbers)))
    lines += [_point(_reason(item, numbers)) for item in outcome.get("also", ())]
    return "\n".join(lines)


def _treatments(modalities: Sequence[Document], numbers: Numbers) -> str:
    return "\n".join(["TREATMENTS", *(_treatment(one, numbers) for one in modalities)])


def _treatment(one: Document, numbers: Numbers) -> str:
    lines = [_point(f"{one['title']}: {STATUS[one['status']]}")]
    lines += [_under(_reason(item, numbers)) for item in one["because"]]
    checks = one["contraindications"]
    lines += [
        _under(f"Caution: {item['sentence']} ({item['rule']})")
        for item in checks
        if item["state"] == "caution"
    ]
    lines += [_under(item["sentence"]) for item in checks if item["state"] == "not_stated"]
    clear = [item["rule"] for item in checks if item["state"] == "checked_clear"]
    lines += [_under(f"Checked, clear: {', '.join(clear)}")] if clear else []
    if "corticosteroid" in one:
        lines.append(_under(_steroid(one["corticosteroid"])))
    evidence = one["evidence"]
    cited = _cited(evidence["sources"], numbers, "").strip()
    lines.append(_under(f"Evidence: {evidence['grade_in_words']} {cited}"))
    return "\n".join([*lines, *map(_under, one["notes"])])


def _steroid(item: Document) -> str:
    named = [part.get("rule") or part["gate"] for part in item["because"]]
    why = f" ({', '.join(named)})" if named else ""
    return f"Corticosteroid: {item['status']}{why}. {item['sentence']}"


def _block(block: Document, numbers: Numbers) -> str:
    reasons = [_point(_reason(item, numbers)) for item in block["because"]]
    return "\n".join([f"DIAGNOSTIC BLOCK   {BLOCK[block['status']]}", *reasons])


def _listed(title: str, items: Sequence[Document], numbers: Numbers) -> str:
    if not items:
        return ""
    return "\n".join([title, *(_point(_reason(item, numbers)) for item in items)])


def _follow_up(contacts: Sequence[Document]) -> str:
    lines = ["FOLLOW-UP"]
    for one in contacts:
        day = f"day {one['when_days']}, counted from {one['counted_from']}"
        lines.append(_point(f"{one['on'] or 'Then'} ({day}): {one['what']}"))
    lines += [_under(f"Success: {contacts[0]['success']}")] if contacts else []
    return "\n".join(lines) if contacts else ""


def _to_ask(document: Document) -> str:
    """Lists each open question once, whichever treatments wait for it."""
    asked = document["questions"]
    return "\n".join(["ASK", *map(_point, dict.fromkeys(asked.values()))]) if asked else ""


def _missing(found: Sequence[Document]) -> str:
    alone = [entry for entry in found if not entry["together"]]
    together = [entry["label"] for entry in found if entry["together"]]
    if not found:
        return ""
    lines = ["WHAT IS MISSING, AND WHAT IT COULD CHANGE"]
    lines += [_point(entry["sentence"]) for entry in alone[:MISSING_SHOWN]]
    if len(alone) > MISSING_SHOWN:
        lines.append(_point(f"and {len(alone) - MISSING_SHOWN} more that could change it alone."))
    if together:
        lines.append(_point(_together(together)))
    return "\n".join(lines)


def _together(labels: Sequence[str]) -> str:
    """Names what changes nothing alone; a long list is cut and counted."""
    named = "; ".join(labels[:MISSING_SHOWN])
    more = len(labels) - MISSING_SHOWN
    return f"May matter together with others: {named}{f'; and {more} more' if more > 0 else ''}."


def _reason(item: Document, numbers: Numbers) -> str:
    named = ", ".join(filter(None, (item.get("rule"), item.get("strength"))))
    cited = _cited(item.get("sources") or (), numbers, ", " if named else "")
    tail = f" ({named}{cited})" if named or cited else ""
    return f"{item['sentence']}{tail}"


def _cited(keys: Sequence[str], numbers: Numbers, before: str = ", ") -> str:
    cited = numbers.of(keys)
    return f"{before}{cited}" if cited else ""


def _sources(numbers: Numbers) -> str:
    lines = [
        _point(f"[{number}] {entry['text']}{_address(entry)} Read: {entry['read']}.")
        for number, entry in numbers.cited()
    ]
    return "\n".join(["SOURCES", *lines]) if lines else ""


def _address(entry: Document) -> str:
    for name in ("doi", "pmid"):
        if entry.get(name):
            return f" {name} {entry[name]}."
    return f" {entry['url']}" if entry.get("url") else ""


def _foot(document: Document) -> str:
    guidance = document["guidance"]
    lines = [*document["limits"]]
    lines.append(
        f"{document['sign_off']}; guidance {guidance['version']}, {guidance['sha256'][:12]}"
    )
    return "\n".join(_wrap(line) for line in lines)


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH)


def _point(text: str) -> str:
    return _filled(text, "  - ")


def _under(text: str) -> str:
    return _filled(text, "    ")


def _filled(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
