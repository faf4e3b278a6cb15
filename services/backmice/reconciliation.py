"""`backmice reconcile` as a command: prints the findings, and publishes again what is missing."""

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
    """Who repairs, and why; both are kept in the audit trail."""

    by: str
    why: str


@dataclass(frozen=True)
class Options:
    """The options of `reconcile`.

    Args:
        scope: What is compared.
        repair: Who publishes again what is missing; None only compares.
        every_s: Seconds until the next comparison; 0 compares once.
        textfile: Where figures for Prometheus' node exporter are written, if anywhere.
        as_json: Prints JSON lines.
    """

    scope: Scope
    repair: Repair | None
    every_s: float
    textfile: str
    as_json: bool


def reconcile(folder: DataDirectory, options: Options) -> int:
    """Compare once, or until Ctrl-C; returns the exit code of the last comparison."""
    while True:
        code = _once(folder, options)
        if not options.every_s:
            return code
        try:
            time.sleep(options.every_s)
        except KeyboardInterrupt:
            return code


def _once(folder: DataDirectory, options: Options) -> int:
    try:
        services = ServiceCommands.of(folder)
        found = Reconciliation(services, options.scope).findings()
        if options.repair and any(finding.kind == "missing" for finding in found):
            found = _repair(services, options.scope, options.repair, found)
    except (CommandFailed, ProfileUnusable) as problem:
        return _print_sentence(str(problem), FAILED)
    show((asdict(one) for one in found), as_json=options.as_json, empty="all is where it should be")
    for kind, count in sorted(Counter(finding.kind for finding in found).items()):
        _print_sentence(f"{count} {SUMMARY[kind]}", WELL)
    if options.textfile:
        _write(Path(options.textfile), found)
    return FOUND if {finding.kind for finding in found} - HARMLESS else WELL


def _repair(
    services: ServiceCommands, scope: Scope, repair: Repair, found: Sequence[Finding]
) -> list[Finding]:
    """Publish again what is missing, and compare once more."""
    missing = [one for one in found if one.kind == "missing"]
    for producer in sorted({one.producer for one in missing}):
        # two readers may lack the same
        spans = sorted({_span(one) for one in missing if one.producer == producer})
        done = _republish(services, scope, repair, producer, spans)
        _print_sentence(f"{producer} publishes {done} events again", WELL)
    reconciliation = Reconciliation(services, scope)
    reconciliation.wait_for(missing)
    return reconciliation.findings()


def _span(one: Finding) -> str:
    stream = {"tenant_id": one.tenant_id, "subject": one.subject}
    return json.dumps(stream | {"first": one.first, "last": one.last})


def _republish(
    services: ServiceCommands, scope: Scope, repair: Repair, producer: str, spans: Sequence[str]
) -> int:
    """Publish in pieces, to show progress: the output of the command itself is captured."""
    bar, done = ProgressBar(f"{producer} republishes"), 0
    words = ("republish", "--json", "--spans", "-", *(scope.tenant_option or ("--all-tenants",)))
    who = ("--by", repair.by, "--why", repair.why)
    for start in range(0, len(spans), AT_ONCE):
        piece = spans[start : start + AT_ONCE]
        output = services.query(producer, *words, *who, stdin="\n".join(piece))
        done += output.entries[0]["republished"]
        bar(start + len(piece), len(spans))
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


def _print_sentence(sentence: str, code: int) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return code
