"""What the tests say of each rule: its cases, and the published patients in whom it acts.

The tests are not where a service runs, so this is written down beside its rules
(`knowledge/tested.json`) by `python -m tools.rules.__main__ record`; a test refuses a stale one.
"""

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tests.knowledge.published.reader import Record, projected, published
from tests.knowledge.sets import ROOT, SERVICES, rule_set
from tests.support.assessed import judged
from tests.support.assessing import assess

import diagnosis.judge
import treatment.judge

KINDS = {"fires": "fires", "near-miss": "near_miss", "unknown": "unknown"}
Marks = dict[str, dict[str, set[str]]]


def file_of(service: str) -> Path:
    return ROOT / "services" / service / "knowledge" / "tested.json"


def written(service: str) -> str:
    """What the file of a service must hold."""
    chosen = rule_set(service)
    named: dict[str, dict[str, list[str]]] = defaultdict(lambda: {k: [] for k in KINDS.values()})
    definitions: Counter[str] = Counter()
    for case in chosen.cases():
        if case.key[0] == "rule":
            named[case.subject][KINDS[case.kind]].append(case.name)
        else:
            definitions[case.subject] += 1
    marks = _marks()[service]
    nothing: dict[str, set[str]] = {"fires": set(), "decides_by_firing": set()}
    rules = {
        name: {
            "cases": named[name],
            "published": {k: sorted(v) for k, v in marks.get(name, nothing).items()},
        }
        for name in sorted({*chosen.knowledge.rules, *marks})
    }
    content = {"rules": rules, "definitions": dict(sorted(definitions.items()))}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


@functools.cache
def _marks() -> dict[str, Marks]:
    """In which published patients each rule fires, and in which it decides."""
    marks: dict[str, Marks] = {service: {} for service in SERVICES}
    for record in published():
        for service, names, letters, decisive in _judged(record):
            for name, letter in zip(names, letters, strict=True):
                fires = letter == "t"
                kinds = {"fires": fires, "decides_by_firing": fires and name in decisive}
                entry = marks[service].setdefault(name, {kind: set() for kind in kinds})
                for kind in (kind for kind, holds in kinds.items() if holds):
                    entry[kind].add(record.patient)
    return marks


def _judged(record: Record) -> Iterator[tuple[str, tuple[str, ...], str, Collection[str]]]:
    rules, guidance = ruleset(), rule_set("treatment").knowledge
    facts = projected(record.body, record.on)
    flat = rules.knowledge.vocabulary.flatten(facts)
    decision = diagnosis.judge.judge(flat, rules, record.on)
    yield (
        "diagnosis",
        diagnosis.judge.tallied(rules.knowledge),
        decision.verdicts,
        diagnosis.judge.decisive.decisive_rules(
            rules.in_force(record.on), diagnosis.judge.evaluate(flat, rules.in_force(record.on))
        ),
    )
    judgement = judged(assess(flat, rules, record.on).document, facts, guidance, record.on)
    letters = treatment.judge.verdict_letters(judgement)
    decisive = treatment.judge.deciding.decisive_rules(judgement)
    yield "treatment", treatment.judge.tallied(guidance), letters, decisive


@functools.cache
def ruleset() -> Any:
    return diagnosis.judge.load_ruleset()
