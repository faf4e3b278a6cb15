"""`backmice reconcile` as a command: prints what is found, and mends what can be mended."""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from backmice.data_directory import DataDirectory
from backmice.profiles import ProfileUnusable
from backmice.reconciling import HARMLESS, Finding, Reconciliation, Scope
from backmice.service_commands import FAILED, FOUND, WELL, CommandFailed, ServiceCommands
from chassis import clock
from chassis.messaging.operating.printing import show
from chassis.messaging.operating.progress_bar import ProgressBar

AT_ONCE: Final = 500
"""Cases that one command publishes again; each takes a moment to start."""
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
class Options:
    """What is asked of `reconcile`.

    Args:
        terms: How it is looked at.
        repair: Who publishes again what is missing; None only looks.
        every_s: Looks again and again; 0 looks once.
        textfile: Where figures for Prometheus' node exporter are written, if anywhere.
        as_json: Prints JSON lines.
    """

    terms: Scope
    repair: Repair | None
    every_s: float
    textfile: str
    as_json: bool


def reconcile(folder: DataDirectory, wish: Options) -> int:
    """Looks once, or until Ctrl-C; returns the exit code of the last look."""
    while True:
        code = _once(folder, wish)
        if not wish.every_s:
            return code
        try:
            time.sleep(wish.every_s)
        except KeyboardInterrupt:
            return code


def _once(folder: DataDirectory, wish: Options) -> int:
    try:
        services = ServiceCommands.of(folder)
        found = Reconciliation(services, wish.terms).findings()
        if wish.repair and any(finding.kind == "missing" for finding in found):
            found = _mend(services, wish.terms, wish.repair, found)
    except (CommandFailed, ProfileUnusable) as problem:
        return _say(str(problem), FAILED)
    show((asdict(one) for one in found), as_json=wish.as_json, empty="all is where it should be")
    for kind, count in sorted(Counter(finding.kind for finding in found).items()):
        _say(f"{count} {SUMMARY[kind]}", WELL)
    if wish.textfile:
        _write(Path(wish.textfile), found)
    return FOUND if {finding.kind for finding in found} - HARMLESS else WELL


def _mend(
    services: ServiceCommands, terms: Scope, repair: Repair, found: Sequence[Finding]
) -> list[Finding]:
    """Publishes again what is missing, and looks once more."""
    missing = [one for one in found if one.kind == "missing"]
    for producer in sorted({one.producer for one in missing}):
        # two readers may lack the same
        spans = sorted({_span(one) for one in missing if one.producer == producer})
        done = _republish(services, terms, repair, producer, spans)
        _say(f"{producer} publishes {done} events again", WELL)
    examination = Reconciliation(services, terms)
    examination.wait_for(missing)
    return examination.findings()


def _span(one: Finding) -> str:
    told = {"tenant_id": one.tenant_id, "subject": one.subject}
    return json.dumps(told | {"first": one.first, "last": one.last})


def _republish(
    services: ServiceCommands, terms: Scope, repair: Repair, producer: str, spans: Sequence[str]
) -> int:
    """Has it done in pieces: what the service's command draws cannot be seen from here."""
    bar, done = ProgressBar(f"{producer} republishes"), 0
    words = ("republish", "--json", "--spans", "-", *(terms.whose or ("--all-tenants",)))
    who = ("--by", repair.by, "--why", repair.why)
    for start in range(0, len(spans), AT_ONCE):
        some = spans[start : start + AT_ONCE]
        said = services.query(producer, *words, *who, told="\n".join(some))
        done += said.entries[0]["republished"]
        bar(start + len(some), len(spans))
    return done


def _write(path: Path, found: Sequence[Finding]) -> None:
    missing = sum(one.last - one.first + 1 for one in found if one.kind == "missing")
    figures = {
        "reconcile_missing_events": missing,
        "reconcile_ahead_subjects": sum(one.kind == "ahead" for one in found),
        "stuck_cases": sum(one.kind == "stuck" for one in found),
        "reconcile_finished_timestamp_seconds": round(clock.now().timestamp()),
    }
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in figures.items()]
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("".join(lines), encoding="utf-8")
    fresh.replace(path)  # a scrape sees the whole file, or the old one


def _say(sentence: str, code: int) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return code
