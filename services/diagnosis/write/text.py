"""The assessment as a page of text, as a clinician would want to read it."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from diagnosis.judge.examinations import SCREEN
from diagnosis.judge.screen import OPEN
from rules.language.sentences import Sentences

WIDTH = 96
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


def text(document: Document, sentences: Sentences) -> str:
    """Render an assessment: red flags, likelihood with reasons, what else fits, what to examine.

    What is missing and what it could change, and the sources by number, follow.

    Args:
        document: the full document.
        sentences: the wording of its day.
    """
    page = _Page(document, sentences)
    sections = [
        page.head(),
        page.red_flags(),
        page.likelihood(),
        page.differentials(),
        page.examinations(),
        page.missing(),
        page.sources(),
        page.foot(),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


class _Page:
    """One document on its way to text; sources are numbered in the order of the page."""

    def __init__(self, document: Document, sentences: Sentences) -> None:
        self._document = document
        self._sentences = sentences
        self._numbers = Numbers(document["citations"])

    def _text(self, key: str, **values: object) -> str:
        return self._sentences.text(f"page.{key}", **values)

    def head(self) -> str:
        """Write case, revision and date, and the summary."""
        document = self._document
        case = self._text("case", id=document["case_id"]) if document["case_id"] else ""
        revision = (
            self._text("revision", revision=document["revision"]) if document["revision"] else ""
        )
        title = self._text("head", case=case, revision=revision, on=document["on"])
        return f"{title}\n\n{_wrap(document['summary'])}"

    def red_flags(self) -> str:
        """Write the active red flags, and what the screen still lacks."""
        flags = self._document["red_flags"]
        lines = [self._text("red_flags", screen=flags["screen"]["sentence"])]
        if not flags["active"]:
            lines.append(_point(self._text("no_flag")))
        for flag in flags["active"]:
            urgency = self._text(f"urgency.{flag['urgency']}")
            action = f"{urgency}: {flag['title']}. {flag['action']}"
            lines.append(_point(f"{action} {_from(flag, self._numbers)}"))
            if flag["found"]:
                lines.append(_under(self._text("found", findings="; ".join(flag["found"]))))
            lines += [_under(sentence) for sentence in (flag["because"], *flag["notes"])]
        return "\n".join([*lines, *self._unasked(flags["screen"]["items"])])

    def _unasked(self, items: Sequence[Document]) -> list[str]:
        """List what the screen still lacks."""
        open_items = [item for item in items if item["state"] in OPEN]
        if not open_items:
            return []
        return [
            self._text("still_to_ask"),
            *(_under(f"{item['n']}. {item['asks']} ({item['state']})") for item in open_items),
        ]

    def likelihood(self) -> str:
        """Write the likelihood with its reasons, and what decides it."""
        document = self._document
        likelihood = document["likelihood"]
        lines = [self._text("likelihood", likelihood=likelihood) + self._range()]
        if document["category"] != likelihood:
            lines.append(self._text("category", category=document["category"]))
        for side in ("for", "against", "neutral"):
            reasons = document["reasons"][side]
            if reasons:
                lines.append(self._text(f"side.{side}"))
                lines += [
                    _under(f"{reason['sentence']} {_from(reason, self._numbers)}")
                    for reason in reasons
                ]
        if document["provisional"]:
            lines.append(self._text("what_decides"))
            lines += [
                _under(f"{entry['examination']}: {entry['sentence']}")
                for entry in document["provisional"]["decided_by"]
            ]
        return "\n".join(lines)

    def _range(self) -> str:
        provisional = self._document["provisional"]
        if not provisional:
            return ""
        return self._text("provisional", possible=", ".join(provisional["possible"]))

    def differentials(self) -> str:
        """Write what else fits, and what is to be examined."""
        lines = [self._text("differentials")]
        for entry in self._document["differentials"]:
            state = "" if entry["state"] == "listed" else self._text("to_examine")
            source = _from(entry, self._numbers)
            sentences = " ".join([entry["because"], *entry["notes"], source])
            lines.append(_ranked(entry, f"{entry['name']}{state}: {sentences}"))
        if len(lines) == 1:
            lines.append(_point(self._text("no_differential")))
        return "\n".join(lines)

    def examinations(self) -> str:
        """Write the next examinations, and those that wait."""
        found = self._document["examinations"]
        now = [entry for entry in found if not entry["deferred"]]
        lines = [self._text("examinations")] if now else []
        for entry in now:
            source = _from(entry, self._numbers)
            lines.append(_ranked(entry, f"{entry['title']}. {entry['because']} {source}"))
            if entry["settles"] and entry["examination"] != SCREEN:
                settled = "; ".join(sentence.removesuffix(".") for sentence in entry["settles"])
                lines.append(_filled(self._text("settles", settled=settled), "     "))
            lines.append(_filled(self._text("why_here", why=entry["why_here"]), "     "))
        later = "; ".join(entry["title"] for entry in found if entry["deferred"])
        if later:
            lines += [self._text("deferred"), _point(self._text("deferred_until", titles=later))]
        return "\n".join(lines)

    def missing(self) -> str:
        """Write what is missing, and what it could change."""
        document = self._document
        if any(entry["deferred"] for entry in document["examinations"]):
            return ""
        if not document["missing_findings"]:
            return self._text("nothing_missing") + "\n" + _point(self._text("nothing_changes"))
        found = [entry for entry in document["missing_findings"] if not entry["together"]]
        others = [entry["label"] for entry in document["missing_findings"] if entry["together"]]
        lines = [self._text("missing")]
        titles = _titles(document["red_flags"])
        lines += [_point(_titled(entry["sentence"], titles)) for entry in found[:MISSING_SHOWN]]
        if len(found) > MISSING_SHOWN:
            lines.append(_point(self._text("more_missing", count=len(found) - MISSING_SHOWN)))
        if others:
            lines.append(_point(self._together(others)))
        return "\n".join(lines)

    def _together(self, labels: Sequence[str]) -> str:
        """Name what changes nothing alone; a long list is cut and counted."""
        named = "; ".join(labels[:MISSING_SHOWN])
        more = len(labels) - MISSING_SHOWN
        if more > 0:
            return self._text("together_and_more", labels=named, count=more)
        return self._text("together", labels=named)

    def sources(self) -> str:
        """List the sources by number."""
        lines = [
            _point(
                self._text(
                    "source",
                    number=number,
                    text=entry["text"],
                    address=_address(entry),
                    read=entry["read"],
                )
            )
            for number, entry in self._numbers.cited()
        ]
        return "\n".join([self._text("sources"), *lines]) if lines else ""

    def foot(self) -> str:
        """Write what the answer cannot do, the sign-off and the rule set."""
        document = self._document
        ruleset = document["ruleset"]
        last = self._text(
            "foot",
            sign_off=document["sign_off"],
            version=ruleset["version"],
            sha256=ruleset["sha256"][:12],
        )
        return "\n".join(
            _wrap(line) for line in (document["evidence_note"], *document["limits"], last)
        )


def _titles(flags: Document) -> dict[str, str]:
    """Map the red flags to their titles, each until it was named once."""
    return {flag["rule"]: flag["title"] for flag in (*flags["active"], *flags["undecided"])}


def _titled(sentence: str, titles: dict[str, str]) -> str:
    """Name a red flag where the page speaks of it for the first time."""
    for rule in [name for name in titles if name in sentence]:
        sentence = sentence.replace(rule, f"{rule} ({titles.pop(rule)})", 1)
    return sentence


def _address(entry: Document) -> str:
    for name in ("doi", "pmid"):
        if entry.get(name):
            return f" {name} {entry[name]}."
    return f" {entry['url']}" if entry.get("url") else ""


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
