"""The digest of every version of each rule set, so that a version never means two contents.

`tests/knowledge/versions.json` says for each version the SHA-256 of its content, the evaluator, the
SHA-256 of all documents that the published patients get, and when it was released. What is released
is never written over; what is not may still change, and is then recorded again by
`python -m tools.rules.__main__ record`.
"""

import functools
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from tests.knowledge.published.reader import projected, published
from tests.knowledge.sets import SERVICES, rule_set
from tests.knowledge.tested import file_of, ruleset, written
from tests.support.assessed import recommend
from tests.support.assessing import assess

import diagnosis.judge
import treatment.judge
from rules.catalogue.label import faults as label_faults

FILE = Path(__file__).parent / "versions.json"
RECORD = "`python -m tools.rules.__main__ record`"
EVALUATORS = {
    "diagnosis": diagnosis.judge.EVALUATOR,
    "treatment": treatment.judge.EVALUATOR,
}
Versions = dict[str, dict[str, Any]]


def recorded() -> dict[str, Versions]:
    found: dict[str, Versions] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def now(service: str) -> dict[str, Any]:
    """What would be recorded of a service's rules as they are."""
    return {
        "sha256": rule_set(service).knowledge.digest,
        "evaluator": EVALUATORS[service],
        "documents_sha256": _documents()[service],
        "rests_on": rule_set("diagnosis").knowledge.digest if service == "treatment" else None,
    }


def findings(known: dict[str, Versions] | None = None) -> Iterator[str]:
    """What is recorded otherwise than it is, one sentence each, with what to do about it."""
    versions = recorded() if known is None else known
    for service in SERVICES:
        knowledge = rule_set(service).knowledge
        yield from (f"{service}: {fault}" for fault in label_faults(knowledge))
        entry = versions[service].get(knowledge.version)
        yield from (
            f"{service}: {sentence}" for sentence in faults(knowledge.version, entry, now(service))
        )
        if file_of(service).read_text(encoding="utf-8") != written(service):
            yield f"{service}: knowledge/tested.json is not what the tests say; run {RECORD}."


def faults(version: str, entry: dict[str, Any] | None, found: dict[str, Any]) -> Iterator[str]:
    """Compare what is recorded of a version with what is there."""
    if entry is None:
        yield f"version {version} is new; run {RECORD}."
        return
    differs = [name for name in found if entry[name] != found[name]]
    if "rests_on" in differs and entry["released"]:  # other assessments, hence other plans
        differs = [name for name in differs if name in {"sha256", "evaluator"}]
    if not differs:
        return
    if not entry["released"]:
        yield (
            f"version {version} changed ({', '.join(differs)}) since it was recorded. "
            f"It is not released, so it may: run {RECORD}."
        )
    elif "sha256" in differs:
        yield (
            f"version {version} was released on {entry['released']} and its content has changed. "
            f"Give ruleset.toml a new version, end old rule versions instead of editing them, and "
            f"run {RECORD}."
        )
    else:
        yield (
            f"version {version} was released on {entry['released']} and the program now words its "
            f"answers otherwise. Raise EVALUATOR in the service's domain, give ruleset.toml a new "
            f"version, and run {RECORD}."
        )


def record() -> Iterator[str]:
    """Write down what is there; yields why something could not be."""
    versions = recorded() if FILE.exists() else {service: {} for service in SERVICES}
    for service in SERVICES:
        version = rule_set(service).knowledge.version
        entry, found = versions[service].get(version), now(service)
        if entry is not None and entry["released"]:
            yield from (f"{service}: {sentence}" for sentence in faults(version, entry, found))
        else:
            versions[service][version] = found | {"released": None}
        file_of(service).write_text(written(service), encoding="utf-8")
    FILE.write_text(json.dumps(versions, indent=1) + "\n", encoding="utf-8")


@functools.cache
def _documents() -> dict[str, str]:
    """The digests of all documents that the published patients get."""
    first, second = hashlib.sha256(), hashlib.sha256()
    guidance = rule_set("treatment").knowledge
    for one in published():
        facts = projected(one.body, one.on)
        flat = ruleset().knowledge.vocabulary.flatten(facts)
        document = assess(flat, ruleset(), one.on).document
        plan = recommend(document, facts, guidance, one.on)
        named = ("ruleset", "citations")  # of diagnosis: they change when its rules change
        first.update(orjson.dumps(document))
        second.update(orjson.dumps({k: v for k, v in plan.items() if k not in named}))
    return {"diagnosis": first.hexdigest(), "treatment": second.hexdigest()}
