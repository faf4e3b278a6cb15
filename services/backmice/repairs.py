"""`backmice reconcile` as a command: prints what is found, and mends what can be mended."""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from backmice.folder import Folder
from backmice.operators import FAILED, FOUND, WELL, NotAnswered, Services
from backmice.profiles import ProfileUnusable
from backmice.reconciling import HARMLESS, Examination, Finding, Terms
from chassis.messaging.operating.printing import show

SUMMARY: Final = {
    "missing": "are lost on the way: reconcile --repair publishes them again",
    "blocked": "wait behind a dead letter: dead-letters list",
    "ahead": "have a producer that was restored to the past: see docs/operations.md",
    "parked": "wait for an event before them",
    "stuck": "have no result after a long time",
    "late": "may still be on their way",
}


@dataclass(frozen=True)
class Repair:
    """Who mends, and why; both are kept in the audit trail."""

    by: str
    why: str


@dataclass(frozen=True)
class Wish:
    """What is asked of `reconcile`.

    Args:
        terms: How it is looked at.
        repair: Who publishes again what is missing; None only looks.
        every_s: Looks again and again; 0 looks once.
        textfile: Where figures for Prometheus' node exporter are written, if anywhere.
        as_json: Prints JSON lines.
    """

    terms: Terms
    repair: Repair | None
    every_s: float
    textfile: str
    as_json: bool


def reconcile(folder: Folder, wish: Wish) -> int:
    """Looks once, or until Ctrl-C; returns the exit code of the last look."""
    while True:
        code = _once(folder, wish)
        if not wish.every_s:
            return code
        try:
            time.sleep(wish.every_s)
        except KeyboardInterrupt:
            return code


def _once(folder: Folder, wish: Wish) -> int:
    try:
        services = Services.of(folder)
        found = Examination(services, wish.terms).findings()
        if wish.repair and any(finding.kind == "missing" for finding in found):
            found = _mend(services, wish.terms, wish.repair, found)
    except (NotAnswered, ProfileUnusable) as problem:
        return _say(str(problem), FAILED)
    show((asdict(one) for one in found), as_json=wish.as_json, empty="all is where it should be")
    for kind, count in sorted(Counter(finding.kind for finding in found).items()):
        _say(f"{count} {SUMMARY[kind]}", WELL)
    if wish.textfile:
        _write(Path(wish.textfile), found)
    return FOUND if {finding.kind for finding in found} - HARMLESS else WELL


def _mend(
    services: Services, terms: Terms, repair: Repair, found: Sequence[Finding]
) -> list[Finding]:
    """Publishes again what is missing, and looks once more."""
    whose = terms.whose or ("--all-tenants",)
    who = ("--by", repair.by, "--why", repair.why)
    for producer in sorted({one.producer for one in found if one.kind == "missing"}):
        lacking = {
            (one.tenant_id, one.subject, one.first, one.last)
            for one in found
            if one.kind == "missing" and one.producer == producer
        }
        lines = [
            json.dumps({"tenant_id": tenant, "subject": subject, "first": first, "last": last})
            for tenant, subject, first, last in sorted(lacking)
        ]
        said = services.ask(
            producer, "republish", "--json", "--spans", "-", *whose, *who, told="\n".join(lines)
        )
        _say(f"{producer} publishes {said[0]['republished']} events again", WELL)
    examination = Examination(services, terms)
    examination.wait_for([one for one in found if one.kind == "missing"])
    return examination.findings()


def _write(path: Path, found: Sequence[Finding]) -> None:
    missing = sum(one.last - one.first + 1 for one in found if one.kind == "missing")
    figures = {
        "reconcile_missing_events": missing,
        "reconcile_ahead_subjects": sum(one.kind == "ahead" for one in found),
        "stuck_cases": sum(one.kind == "stuck" for one in found),
    }
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in figures.items()]
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("".join(lines), encoding="utf-8")
    fresh.replace(path)  # a scrape sees the whole file, or the old one


def _say(sentence: str, code: int) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return code
