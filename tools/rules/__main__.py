"""`python -m tools.rules.__main__ lint | mutate | record | vocabulary`: what make runs."""

import argparse
import functools
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "services"), str(ROOT)]

from tests.knowledge.hazards import all_rules, faults, hazards, missing_in_one  # noqa: E402
from tests.knowledge.sets import (  # noqa: E402
    OWNER,
    SERVICES,
    facts_of,
    folder_of,
    load_from,
    rule_set,
)
from tests.knowledge.versions import findings, record  # noqa: E402
from tools.rules.linter import differences, lint, lint_together  # noqa: E402
from tools.rules.mutation import mutants, survivors  # noqa: E402
from tools.rules.shared_entries import HAZARDS  # noqa: E402
from tools.rules.vocabulary import made_for, stale, write  # noqa: E402

from rules import KnowledgeError  # noqa: E402 - the line above finds it


def lint_findings(service: str) -> Iterator[str]:
    """Everything that is wrong with one service's knowledge, one line each."""
    try:
        chosen = rule_set(service)
    except KnowledgeError as error:
        yield from error.problems
        return
    yield from map(str, lint(chosen.knowledge, chosen.cases_folder))
    yield from map(str, differences(facts_of(service), facts_of(OWNER)))
    yield from stale(folder_of(service), vocabulary_of(service))


def vocabulary_of(service: str) -> dict[str, str]:
    """The files of the vocabulary's subset for one service, as they have to be."""
    owner = folder_of(OWNER) / "facts"
    return made_for(folder_of(service), owner, functools.partial(load_from, service))


def together_findings() -> Iterator[str]:
    """What is wrong between the services, one line each."""
    first, second = (rule_set(service).knowledge for service in SERVICES)
    yield from map(str, lint_together(first, second))
    yield from (
        f"{HAZARDS}: {fault}" for fault in (*missing_in_one(), *faults(hazards(), all_rules()))
    )


def mutate_findings(service: str) -> Iterator[str]:
    """Every small change of a rule that no case notices, one line each."""
    chosen = rule_set(service)
    started = time.perf_counter()
    alive = survivors(chosen.knowledge, chosen.cases())
    total = sum(1 for _ in mutants(chosen.knowledge))
    took = time.perf_counter() - started
    print_line(f"{service}: {total} mutants, {len(alive)} survive, {took:.1f} s")
    yield from map(str, alive)


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(arguments: Iterable[str] | None = None) -> int:
    """Print the findings; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="tools.rules.__main__", description=__doc__)
    parser.add_argument("what", choices=["lint", "mutate", "record", "vocabulary"])
    parser.add_argument("services", nargs="*", default=list(SERVICES))
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    if chosen.what == "vocabulary":
        for service in chosen.services:
            write(folder_of(service), vocabulary_of(service))
        return 0
    if chosen.what == "record":
        refused = list(record())
        for line in refused:
            print_line(line)
        return 1 if refused else 0
    find = lint_findings if chosen.what == "lint" else mutate_findings
    lines = [f"{service}: {line}" for service in chosen.services for line in find(service)]
    lines += (*together_findings(), *findings()) if chosen.what == "lint" and not lines else ()
    for line in lines:
        print_line(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
