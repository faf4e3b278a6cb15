"""The full plan as a page of text, as a clinician would want to read it."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rules.language.sentences import Sentences

WIDTH: Final = 96
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


def write_text(document: Document, sentences: Sentences) -> str:
    """Renders a plan: the referral, or the step, every treatment, care, and when to look again.

    Args:
        document: The finished plan.
        sentences: The wording.

    Returns:
        Lines of at most 96 characters, addresses aside; sources are numbered.
    """
    return _Page(document, sentences).write()


class _Page:
    """One plan as text."""

    def __init__(self, document: Document, sentences: Sentences) -> None:
        self._document = document
        self._sentences = sentences
        self._numbers = Numbers(document["citations"])

    def write(self) -> str:
        locked = bool(self._document["referral"])
        body = [self._referral()] if locked else self._care()
        sections = [self._head(), *body, self._sources(), self._foot()]
        return "\n\n".join(section for section in sections if section) + "\n"

    def _heading(self, name: str, /, **values: Any) -> str:
        return self._sentences.text(f"text.heading.{name}", **values)

    def _line(self, name: str, /, **values: Any) -> str:
        return self._sentences.text(f"text.line.{name}", **values)

    def _head(self) -> str:
        case_id, revision = self._document["case_id"], self._document["revision"]
        heading = self._heading(
            "plan",
            case=self._heading("case", case_id=case_id) if case_id else "",
            revision=self._heading("revision", revision=revision) if revision else "",
            on=self._document["on"],
        )
        return f"{heading}\n\n{_wrap(self._document['summary'])}"

    def _referral(self) -> str:
        referral = self._document["referral"]
        rules = ", ".join(referral["rules"])
        cited = f"{rules}{self._cited(referral['sources'])}"
        because = referral["because"].rstrip(".")
        points = [
            self._line("where", to=referral["to"].rstrip(".")),
            self._line("how_fast", how_fast=referral["how_fast"]),
            self._line("why", because=because, rules=cited),
            *(self._line("also", **one) for one in referral["also"]),
            self._line("all_blocked"),
        ]
        return "\n".join([self._heading("refer"), *map(_point, points)])

    def _care(self) -> list[str]:
        document = self._document
        return [
            self._step(document["step"]),
            self._outcome(document["outcome_of_care"]),
            self._treatments(document["modalities"]),
            self._block(document["diagnostic_block"]),
            self._listed("self_care", document["self_care"]),
            self._follow_up(document["follow_up"]),
            self._listed("if_it_fails", document["if_it_fails"]),
            self._listed("safety_net", document["safety_net"]),
            self._to_ask(document["questions"]),
            self._missing(document["missing_findings"]),
        ]

    def _step(self, step: Document) -> str:
        reasons = [_point(self._reason(item)) for item in step["because"]]
        return "\n".join([self._heading("step", title=step["title"]), *reasons])

    def _outcome(self, outcome: Document | None) -> str:
        if not outcome:
            return ""
        result = outcome["result"].replace("_", " ")
        items = [outcome, *outcome.get("also", ())]
        points = [_point(self._reason(item)) for item in items]
        return "\n".join([self._heading("outcome", result=result), *points])

    def _treatments(self, modalities: Sequence[Document]) -> str:
        return "\n".join([self._heading("treatments"), *map(self._treatment, modalities)])

    def _treatment(self, one: Document) -> str:
        status = self._sentences.text(f"text.status.{one['status']}")
        lines = [_point(self._line("treatment", title=one["title"], status=status))]
        lines += [_under(self._reason(item)) for item in one["because"]]
        lines += self._checks(one["contraindications"])
        if "corticosteroid" in one:
            lines.append(_under(self._steroid(one["corticosteroid"])))
        evidence = one["evidence"]
        cited = self._cited(evidence["sources"], "").strip()
        grade = self._line("evidence", grade=evidence["grade_in_words"], cited=cited)
        return "\n".join([*lines, _under(grade), *map(_under, one["notes"])])

    def _checks(self, checks: Sequence[Document]) -> list[str]:
        lines = [
            _under(self._line("caution", sentence=item["sentence"], rule=item["rule"]))
            for item in checks
            if item["state"] == "caution"
        ]
        lines += [_under(item["sentence"]) for item in checks if item["state"] == "not_stated"]
        clear = [item["rule"] for item in checks if item["state"] == "checked_clear"]
        return lines + ([_under(self._line("clear", rules=", ".join(clear)))] if clear else [])

    def _steroid(self, item: Document) -> str:
        names = [reason.get("rule") or reason["gate"] for reason in item["because"]]
        why = f" ({', '.join(names)})" if names else ""
        return self._line("steroid", status=item["status"], why=why, sentence=item["sentence"])

    def _block(self, block: Document) -> str:
        status = self._sentences.text(f"text.block.{block['status']}")
        reasons = [_point(self._reason(item)) for item in block["because"]]
        return "\n".join([self._heading("block", status=status), *reasons])

    def _listed(self, heading: str, items: Sequence[Document]) -> str:
        if not items:
            return ""
        return "\n".join([self._heading(heading), *(_point(self._reason(item)) for item in items)])

    def _follow_up(self, contacts: Sequence[Document]) -> str:
        if not contacts:
            return ""
        lines = [_point(self._contact(one)) for one in contacts]
        success = self._line("success", success=contacts[0]["success"])
        return "\n".join([self._heading("follow_up"), *lines, _under(success)])

    def _contact(self, one: Document) -> str:
        when = one["on"] or self._line("then")
        return self._line(
            "contact",
            when=when,
            day=one["when_days"],
            counted_from=one["counted_from"],
            what=one["what"],
        )

    def _to_ask(self, asked: Document) -> str:
        """Lists each open question once, whichever treatments wait for it."""
        questions = map(_point, dict.fromkeys(asked.values()))
        return "\n".join([self._heading("ask"), *questions]) if asked else ""

    def _missing(self, findings: Sequence[Document]) -> str:
        if not findings:
            return ""
        alone = [entry for entry in findings if not entry["together"]]
        together = [entry["label"] for entry in findings if entry["together"]]
        lines = [_point(entry["sentence"]) for entry in alone[:MISSING_SHOWN]]
        if len(alone) > MISSING_SHOWN:
            lines.append(_point(self._line("more", number=len(alone) - MISSING_SHOWN)))
        if together:
            lines.append(_point(self._together(together)))
        return "\n".join([self._heading("missing"), *lines])

    def _together(self, labels: Sequence[str]) -> str:
        """Names what changes nothing alone; a long list is cut and counted."""
        left = len(labels) - MISSING_SHOWN
        more = self._line("together_more", number=left) if left > 0 else ""
        return self._line("together", names="; ".join(labels[:MISSING_SHOWN]), more=more)

    def _reason(self, item: Document) -> str:
        names = ", ".join(filter(None, (item.get("rule"), item.get("strength"))))
        cited = self._cited(item.get("sources") or (), ", " if names else "")
        tail = f" ({names}{cited})" if names or cited else ""
        return f"{item['sentence']}{tail}"

    def _cited(self, keys: Sequence[str], before: str = ", ") -> str:
        cited = self._numbers.of(keys)
        return f"{before}{cited}" if cited else ""

    def _sources(self) -> str:
        lines = [
            _point(
                self._line(
                    "source",
                    number=number,
                    text=entry["text"],
                    address=_address(entry),
                    read=entry["read"],
                )
            )
            for number, entry in self._numbers.cited()
        ]
        return "\n".join([self._heading("sources"), *lines]) if lines else ""

    def _foot(self) -> str:
        guidance = self._document["guidance"]
        foot = self._line(
            "foot",
            sign_off=self._document["sign_off"],
            version=guidance["version"],
            sha256=guidance["sha256"][:12],
        )
        return "\n".join(_wrap(line) for line in [*self._document["limits"], foot])


def _address(entry: Document) -> str:
    for name in ("doi", "pmid"):
        if entry.get(name):
            return f" {name} {entry[name]}."
    return f" {entry['url']}" if entry.get("url") else ""


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
