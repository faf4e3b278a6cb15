"""The plan as a clinician wants to read it: what to do first, then what not, then why."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

Plan = Mapping[str, Any]
Item = Mapping[str, Any]

WIDTH: Final = 88
_STATUS: Final = {
    "offered": "OFFERED",
    "optional_unproven": "OPTIONAL, UNPROVEN for this condition",
    "withheld": "WITHHELD",
    "blocked": "BLOCKED",
}
_BLOCK: Final = {
    "released": "RELEASED",
    "withheld": "WITHHELD",
    "not_applicable": "not proposed by the assessment now",
}
_STATES: Final = {
    "caution": "caution",
    "found": "found",
    "unknown_ask": "unknown, ask",
}


class _Sources:
    """Numbers sources in the order in which they are named."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, keys: Any) -> str:
        numbers = [self.numbers.setdefault(key, len(self.numbers) + 1) for key in keys or ()]
        return " [" + ", ".join(map(str, numbers)) + "]" if numbers else ""


def as_text(plan: Plan) -> str:
    """Renders a plan document as plain text.

    Args:
        plan: The document as `recommend` made it.

    Returns:
        Text in lines of at most 88 characters, sources numbered at the end.
    """
    sources = _Sources()
    parts = [
        _head(plan),
        _referral(plan, sources),
        _step(plan, sources),
        *([] if plan["referral"] else _care(plan, sources)),
        _end(plan),
    ]
    lines = [line for part in parts for line in part]
    return "\n".join([*lines, *_numbered(plan, sources)]) + "\n"


def _head(plan: Plan) -> Iterator[str]:
    case = f" for case {plan['case_id']}, revision {plan['revision']}" if plan["case_id"] else ""
    yield f"PLAN{case}, {plan['on']}"
    yield from _wrapped(plan["summary"])


def _referral(plan: Plan, sources: _Sources) -> Iterator[str]:
    referral = plan["referral"]
    if not referral:
        return
    yield from _title("Refer")
    rules = ", ".join(referral["rules"])
    yield from _bullet(f"Where: {referral['to']}.")
    yield from _bullet(f"How fast: {referral['how_fast']}.")
    yield from _bullet(f"Why: {referral['because']} ({rules}){sources.mark(referral['sources'])}.")
    yield from _bullet("All seven treatments of the nodule are blocked for this reason.")


def _step(plan: Plan, sources: _Sources) -> Iterator[str]:
    if plan["referral"]:
        return
    yield from _title("Step")
    yield from _bullet(f"{plan['step']['title']}.")
    for item in plan["step"]["because"]:
        yield from _reason(item, sources)


def _care(plan: Plan, sources: _Sources) -> Iterator[Iterator[str]]:
    yield _outcome(plan, sources)
    yield _modalities(plan, sources)
    yield _block(plan, sources)
    yield _section("Self-care and general care", plan["self_care"], sources)
    yield _follow_up(plan)
    yield _section("If it fails", plan["if_it_fails"], sources)
    yield _section("Safety net", plan["safety_net"], sources)
    yield _missing(plan)


def _outcome(plan: Plan, sources: _Sources) -> Iterator[str]:
    outcome = plan["outcome_of_care"]
    if not outcome:
        return
    yield from _title(f"How the last treatment worked: {outcome['result'].replace('_', ' ')}")
    yield from _bullet(f"{outcome['sentence']}{sources.mark(outcome.get('sources'))}")
    for item in outcome.get("also", ()):
        yield from _reason(item, sources)


def _modalities(plan: Plan, sources: _Sources) -> Iterator[str]:
    yield from _title("Treatments")
    for one in plan["modalities"]:
        yield from _bullet(f"{one['title']}: {_STATUS[one['status']]}")
        for item in one["because"]:
            yield from _reason(item, sources, "    ")
        for item in one["contraindications"]:
            if item["state"] in ("caution", "unknown_ask"):
                yield from _state(item)
        clear = [i["rule"] for i in one["contraindications"] if i["state"] == "checked_clear"]
        if clear:
            yield from _bullet(f"checked, clear: {', '.join(clear)}", "    ")
        if one.get("corticosteroid"):
            yield from _steroid(one["corticosteroid"])
        if one["evidence"]:
            words, keys = one["evidence"]["grade_in_words"], one["evidence"]["sources"]
            yield from _bullet(f"evidence: {words}{sources.mark(keys)}", "    ")
        for note in one["notes"]:
            yield from _bullet(note, "    ")


def _state(item: Item) -> Iterator[str]:
    asked = f" ({', '.join(map(_readable, item['missing']))})" if item["missing"] else ""
    yield from _bullet(
        f"{item['rule']} {_STATES[item['state']]}: {item['sentence']}{asked}", "    "
    )


def _steroid(item: Item) -> Iterator[str]:
    open_ = ", ".join(part.get("rule") or part.get("gate", "") for part in item["because"])
    why = f" ({open_})" if open_ else ""
    yield from _bullet(f"corticosteroid: {item['status']}{why}. {item['sentence']}", "    ")


def _block(plan: Plan, sources: _Sources) -> Iterator[str]:
    block = plan["diagnostic_block"]
    yield from _title(f"Diagnostic block: {_BLOCK[block['status']]}")
    for item in block["because"]:
        yield from _reason(item, sources)


def _section(title: str, items: Any, sources: _Sources) -> Iterator[str]:
    if items:
        yield from _title(title)
    for item in items:
        yield from _reason(item, sources)


def _follow_up(plan: Plan) -> Iterator[str]:
    if plan["follow_up"]:
        yield from _title("Follow-up")
    for one in plan["follow_up"]:
        when = one["on"] or f"day {one['when_days']}"
        yield from _bullet(f"{when} (day {one['when_days']}, {one['counted_from']}): {one['what']}")
    if plan["follow_up"]:
        yield from _bullet(f"Success: {plan['follow_up'][0]['success']}")


def _missing(plan: Plan) -> Iterator[str]:
    findings = plan["missing_findings"]
    if findings:
        yield from _title("Missing, and what it could change")
    for one in findings:
        if one["could_change"]:
            yield from _bullet(one["sentence"])
    together = [one["label"] for one in findings if one["together"]]
    if together:
        yield from _bullet(f"May matter together: {'; '.join(together)}.")


def _end(plan: Plan) -> Iterator[str]:
    yield from _title("Limits")
    for sentence in plan["limits"]:
        yield from _bullet(sentence)
    guidance = plan["guidance"]
    named = f"Guidance {guidance['version']}, {guidance['sha256'][:12]}"
    yield from _bullet(f"{plan['sign_off'].capitalize()}. {named}.")


def _numbered(plan: Plan, sources: _Sources) -> Iterator[str]:
    if sources.numbers:
        yield from _title("Sources")
    for key, number in sources.numbers.items():
        found = plan["citations"].get(key, {})
        ids = [f"{name} {found[name]}" for name in ("doi", "pmid") if found.get(name)]
        where = ", ".join(ids) or found.get("url") or ""
        text = f"{key}: {found.get('text', '')} {where} (read: {found.get('read')})"
        yield from _bullet(text, mark=f"{number}.")


def _reason(item: Item, sources: _Sources, indent: str = "  ") -> Iterator[str]:
    grade = f" ({item['strength']})" if item.get("strength") else ""
    rule = item.get("rule")
    named = f"{rule}{grade}: " if rule else ""
    asked = f" Ask: {', '.join(map(_readable, item['missing']))}." if item.get("missing") else ""
    yield from _bullet(
        f"{named}{item['sentence']}{sources.mark(item.get('sources'))}{asked}", indent
    )


def _readable(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")


def _title(text: str) -> Iterator[str]:
    yield ""
    yield text
    yield "-" * len(text)


def _bullet(text: str, indent: str = "  ", mark: str = "-") -> list[str]:
    start = f"{indent}{mark} "
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
