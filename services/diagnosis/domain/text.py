"""The assessment as a page of text, as a clinician would want to read it."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 96
URGENCY = {
    "emergency": "EMERGENCY",
    "same_day": "TODAY",
    "urgent": "URGENT",
    "hold": "HOLD",
    "routine": "NOTE",
}
MISSING_SHOWN = 12

Document = Mapping[str, Any]


class Numbers:
    """Numbers the sources in the order in which the page names them; the rest is not listed."""

    def __init__(self, citations: Mapping[str, Document]) -> None:
        """Start with nothing named."""
        self._citations = citations
        self._numbers: dict[str, int] = {}

    def of(self, keys: Sequence[str]) -> str:
        """Show sources as numbers in brackets."""
        numbers = [self._numbers.setdefault(key, len(self._numbers) + 1) for key in keys]
        return "".join(f"[{number}]" for number in sorted(numbers))

    def cited(self) -> list[tuple[int, Document]]:
        """List what was named, by number."""
        return [(number, self._citations[key]) for key, number in self._numbers.items()]


def as_text(document: Document) -> str:
    """Render an assessment: red flags first, then the likelihood with its reasons, what else fits,
    what to examine next, what is missing and what it could change, and the sources by number.

    Args:
        document: the finished assessment.
    """  # noqa: D205 - the first line is the order of the page
    numbers = Numbers(document["citations"])
    parts = [
        _head(document),
        _red_flags(document["red_flags"], numbers),
        _likelihood(document, numbers),
        _differentials(document["differentials"], numbers),
        _examinations(document["examinations"], numbers),
        _missing(document),
        _sources(numbers),
        _foot(document),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(document: Document) -> str:
    case = f", case {document['case_id']}" if document["case_id"] else ""
    revision = f", revision {document['revision']}" if document["revision"] else ""
    return f"ASSESSMENT{case}{revision}, judged on {document['on']}\n\n{_wrap(document['summary'])}"


def _red_flags(flags: Document, numbers: Numbers) -> str:
    lines = [f"RED FLAGS   ({flags['screen']['sentence']})"]
    if not flags["active"]:
        lines.append(_point("None active. This does not exclude serious disease."))
    for flag in flags["active"]:
        text = f"{URGENCY[flag['urgency']]}: {flag['title']}. {flag['action']}"
        lines.append(_point(f"{text} {_from(flag, numbers)}"))
        if flag["found"]:
            lines.append(_under(f"Found: {'; '.join(flag['found'])}."))
        lines += [_under(sentence) for sentence in (flag["because"], *flag["notes"])]
    lines += _unasked(flags["screen"]["items"])
    return "\n".join(lines)


def _unasked(items: Sequence[Document]) -> list[str]:
    """List what the screen still lacks."""
    open_items = [item for item in items if item["state"] in {"not asked", "incomplete"}]
    if not open_items:
        return []
    return [
        "  Still to ask:",
        *(_under(f"{item['n']}. {item['asks']} ({item['state']})") for item in open_items),
    ]


def _likelihood(document: Document, numbers: Numbers) -> str:
    lines = [f"LIKELIHOOD OF A BACK MOUSE   {document['likelihood']}{_range(document)}"]
    if document["category"] != document["likelihood"]:
        lines.append(f"CATEGORY   {document['category']}")
    for side in ("for", "against", "neutral"):
        found = document["reasons"][side]
        if found:
            lines.append(
                "  Neither for nor against:" if side == "neutral" else f"  {side.title()}:"
            )
            lines += [_under(f"{entry['sentence']} {_from(entry, numbers)}") for entry in found]
    if document["provisional"]:
        lines.append("  What decides:")
        lines += [
            _under(f"{entry['examination']}: {entry['sentence']}")
            for entry in document["provisional"]["decided_by"]
        ]
    return "\n".join(lines)


def _range(document: Document) -> str:
    provisional = document["provisional"]
    if not provisional:
        return ""
    return f"  (provisional; still possible: {', '.join(provisional['possible'])})"


def _differentials(found: Sequence[Document], numbers: Numbers) -> str:
    if not found:
        return "WHAT ELSE FITS\n" + _point("No other explanation is supported by what is recorded.")
    lines = ["WHAT ELSE FITS"]
    for entry in found:
        state = "" if entry["state"] == "listed" else " (to examine)"
        said = " ".join([entry["because"], *entry["notes"], _from(entry, numbers)])
        lines.append(_ranked(entry, f"{entry['name']}{state}: {said}"))
    return "\n".join(lines)


def _examinations(found: Sequence[Document], numbers: Numbers) -> str:
    now = [entry for entry in found if not entry["deferred"]]
    lines = ["EXAMINE NEXT"] if now else []
    for entry in now:
        said = f"{entry['title']}. {entry['because']} {_from(entry, numbers)}"
        lines.append(_ranked(entry, said))
        if entry["settles"] and entry["rule"] != "RFS-13":
            settled = "; ".join(sentence.removesuffix(".") for sentence in entry["settles"])
            lines.append(_filled(f"Settles: {settled}.", "     "))
        lines.append(_filled(f"Why here: {entry['why_here']}", "     "))
    later = "; ".join(entry["title"] for entry in found if entry["deferred"])
    lines += ["DEFERRED", _point(f"Only after the red flag is settled: {later}.")] if later else []
    return "\n".join(lines)


def _missing(document: Document) -> str:
    if any(entry["deferred"] for entry in document["examinations"]):
        return ""
    found = [entry for entry in document["missing_findings"] if not entry["together"]]
    others = [entry["label"] for entry in document["missing_findings"] if entry["together"]]
    if not document["missing_findings"]:
        return "WHAT IS MISSING\n" + _point("Nothing that could change this answer.")
    lines = ["WHAT IS MISSING, AND WHAT IT COULD CHANGE"]
    titles = _titles(document["red_flags"])
    lines += [_point(_titled(entry["sentence"], titles)) for entry in found[:MISSING_SHOWN]]
    if len(found) > MISSING_SHOWN:
        lines.append(_point(f"and {len(found) - MISSING_SHOWN} more that could change it alone."))
    if others:
        lines.append(_point(_together(others)))
    return "\n".join(lines)


def _together(labels: Sequence[str]) -> str:
    """Name what changes nothing alone; a long list is cut and counted."""
    named = "; ".join(labels[:MISSING_SHOWN])
    more = len(labels) - MISSING_SHOWN
    return f"May matter together with others: {named}{f'; and {more} more' if more > 0 else ''}."


def _titles(flags: Document) -> dict[str, str]:
    """What the red flags are called, each until it was told once."""
    return {flag["rule"]: flag["title"] for flag in (*flags["active"], *flags["undecided"])}


def _titled(sentence: str, titles: dict[str, str]) -> str:
    """Name a red flag where the page speaks of it for the first time."""
    for rule in [name for name in titles if name in sentence]:
        sentence = sentence.replace(rule, f"{rule} ({titles.pop(rule)})", 1)
    return sentence


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
    ruleset = document["ruleset"]
    lines = [document["evidence_note"], *document["limits"]]
    lines.append(f"{document['sign_off']}; ruleset {ruleset['version']}, {ruleset['sha256'][:12]}")
    return "\n".join(_wrap(line) for line in lines)


def _from(entry: Document, numbers: Numbers) -> str:
    """Name the rule, its strength and the numbers of its sources."""
    named = (entry["rule"], entry["strength"], numbers.of(entry["sources"]))
    return f"({', '.join(filter(None, named))})"


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH)


def _point(text: str) -> str:
    return _filled(text, "  - ")


def _ranked(entry: Document, text: str) -> str:
    return _filled(text, f"{entry['rank']:>3}. ")


def _under(text: str) -> str:
    return _filled(text, "    ")


def _filled(text: str, indent: str) -> str:
    rest = " " * len(indent)
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
