"""The full assessment of a case, made as the service makes it on request."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from diagnosis import write
from diagnosis.judge import Decision, Ruleset, RulesInForce, judge
from rules.language.sentences import Sentences

SENTENCES: Sentences = write.load_sentences()


@dataclasses.dataclass(frozen=True)
class Assessment:
    """A decision, and its full document."""

    decision: Decision
    document: dict[str, Any]
    rules: RulesInForce


def assess(
    facts: Mapping[str, Any],
    ruleset: Ruleset,
    on: dt.date,
    *,
    case_id: str | None = None,
    revision: int | None = None,
) -> Assessment:
    """Decides and writes."""
    decision = judge(facts, ruleset, on, case_id=case_id, revision=revision)
    rules = ruleset.in_force(on)
    return Assessment(decision, write.document(decision, facts, rules, SENTENCES), rules)


def as_text(document: Mapping[str, Any]) -> str:
    """Writes a document as a page of text."""
    return write.text(document, SENTENCES)
