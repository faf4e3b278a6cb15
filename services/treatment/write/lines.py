"""Writes the treatments of the screen: one line for each verdict and reason."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rules.language.sentences import Sentences
from treatment.judge.decision import Decision, ModalityDecision, Reason
from treatment.judge.reasons import CONSENT
from treatment.write.brief import Coded, TreatmentLine, Verdict

_VERDICTS: Final[dict[str, Verdict]] = {
    "offered": "may",
    "optional_unproven": "unproven",
    "withheld": "not_yet",
    "blocked": "must_not",
}
_ORDER: Final = ("may", "unproven", "not_yet", "must_not")
_NAMED: Final = 2  # more names than that are not listed on a line


def treatment_lines(
    decision: Decision, facts: Mapping[str, Any], sentences: Sentences
) -> tuple[TreatmentLine, ...]:
    """Says identical reasons once, with several treatments."""
    tumour = facts.get("malignancy_in_field") is True
    grouped: dict[tuple[Verdict, str], list[ModalityDecision]] = {}
    for one in decision.modalities:
        reason = _reason(one, sentences, tumour=tumour)
        grouped.setdefault((_VERDICTS[one.status], reason), []).append(one)
    lines = [
        TreatmentLine(
            verdict=verdict,
            modalities=tuple(
                Coded(code=one.modality, words=modality_name(sentences, one.modality))
                for one in found
            ),
            reason=reason,
            rules=_rules(found),
        )
        for (verdict, reason), found in grouped.items()
    ]
    return tuple(sorted(lines, key=lambda line: _ORDER.index(line.verdict)))


def modality_name(sentences: Sentences, code: str) -> str:
    """Returns what people call a treatment."""
    return _words(sentences, "modality", code)


def _rules(found: Sequence[ModalityDecision]) -> tuple[str, ...]:
    named = [
        name
        for one in found
        for name in (*(reason.name for reason in one.reasons), *one.cautions)
        if name != CONSENT
    ]
    return tuple(dict.fromkeys(named))


def _reason(one: ModalityDecision, sentences: Sentences, *, tumour: bool) -> str:
    if not one.reasons:
        return _evidence(one, sentences)
    found = (reason for reason in one.reasons if reason.state == "found")
    first = next(found, one.reasons[0])  # what forbids comes before what is only missing
    if first.state == "found":
        kind = "closed" if first.gate else "found"
        if not tumour and f"no_tumour.{first.name}" in sentences:
            kind = "no_tumour"
        return _words(sentences, kind, first.name)
    if first.state == "not_met":
        return _words(sentences, "closed", first.name)
    if first.gate == CONSENT and (len(one.reasons) > 1 or one.further):
        return sentences.text("open.consent_and_more")
    if first.state == "unknown_ask":
        return _words(sentences, "open", first.name)
    return _to_ask(one.reasons, one.further, sentences)


def _evidence(one: ModalityDecision, sentences: Sentences) -> str:
    evidence = _words(sentences, "evidence", one.modality)
    if not one.cautions:
        return evidence
    names = dict.fromkeys(_words(sentences, "caution", rule) for rule in one.cautions)
    listed = ", ".join(names) if len(names) <= _NAMED else sentences.text("evidence.several")
    return sentences.text("evidence.with_care", evidence=evidence, names=listed)


def _to_ask(reasons: Sequence[Reason], further: int, sentences: Sentences) -> str:
    if further or len(reasons) > _NAMED:
        return sentences.text("open.several")
    names = ", ".join(_words(sentences, "topic", reason.name) for reason in reasons)
    return sentences.text("open.ask", names=names)


def _words(sentences: Sentences, kind: str, name: str) -> str:
    """Returns words by kind and name; what has none of its own is worded in general."""
    key = f"{kind}.{name}"
    return sentences.text(key if key in sentences else f"{kind}.other")
