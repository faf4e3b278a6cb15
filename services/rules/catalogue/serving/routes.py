"""The rule sets that a service has run, and what changed between them, as they are served."""

import functools
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from marshmallow import fields, validate

from chassis.http import caching, pages, problem_types
from chassis.http.errors import Problem, ProblemType
from chassis.http.routing import TEXT as PLAIN
from chassis.http.routing import Request, Response
from rules import Knowledge, KnowledgeError
from rules.catalogue.history import Change, compare
from rules.catalogue.serving.judgements import MOST_COUNTED, Counted
from rules.catalogue.serving.rule_sets import RuleSets, SetRun
from rules.catalogue.serving.set_documents import RuleSetList

UNKNOWN_SET: Final = ProblemType(
    "unknown-rule-set",
    404,
    "No such set has run here",
    "Name a set by its version or its sha256, as the list without `from` and `to` shows them.",
)
WIDTH: Final = 100

SETS: Final = RuleSetList


class SetsQuery(pages.PageQuery):
    """The sets, the newest first; or two of them, compared."""

    older = fields.String(
        data_key="from",
        load_default=None,
        validate=validate.Length(1, 64),
        metadata={"description": "A version or a sha256: what `to` is compared to."},
    )
    newer = fields.String(
        data_key="to",
        load_default=None,
        validate=validate.Length(1, 64),
        metadata={"description": "A version or a sha256; the newest set if only `from` is given."},
    )


@dataclass(frozen=True)
class Listed:
    """A set in the list, what it is compared to, and what changed since that."""

    run: SetRun
    before: SetRun | None
    changes: Sequence[Change]


def listed(
    sets: RuleSets, query: Mapping[str, Any]
) -> tuple[list[Listed], Callable[[], str | None]]:
    """Returns a page of the sets, or the two that were asked for; and how to go on.

    Args:
        sets: those of the service.
        query: what `SetsQuery` made of the query string.

    Raises:
        Problem: `unknown-rule-set`, `invalid-cursor`.
    """
    runs = sets.all()
    if query["older"] or query["newer"]:
        return _two(sets, runs, query["older"], query["newer"]), lambda: None
    after = pages.position(query["cursor"], str, str) if query["cursor"] else None
    if after:
        names = [[run.sha256, run.evaluator] for run in runs]
        if after not in names:
            raise Problem(problem_types.BAD_CURSOR)
        runs = runs[names.index(after) + 1 :]
    shown = runs[: query["limit"]]
    older = runs[1 : query["limit"] + 1]
    found = [_listed(sets, run, before) for run, before in _beside(shown, older)]
    last = shown[-1] if len(runs) > len(shown) and shown else None
    return found, lambda: pages.cursor(last.sha256, last.evaluator) if last else None


def _beside(shown: Sequence[SetRun], older: Sequence[SetRun]) -> Iterator[tuple[SetRun, Any]]:
    yield from zip(shown, [*older, None], strict=False)


def _two(
    sets: RuleSets, runs: Sequence[SetRun], older: str | None, newer: str | None
) -> list[Listed]:
    to = _named(runs, newer) if newer else runs[0] if runs else None
    before = _named(runs, older) if older else _previous(runs, to)
    if to is None:
        raise Problem(UNKNOWN_SET)
    found = [_listed(sets, to, before)]
    return found if before is None else [*found, Listed(before, None, ())]


def _previous(runs: Sequence[SetRun], run: SetRun | None) -> SetRun | None:
    return next((before for after, before in pairwise(runs) if after is run), None)


def _named(runs: Sequence[SetRun], name: str) -> SetRun:
    """Finds a set by its digest or its version; of several the newest."""
    found = [run for run in runs if name.lower() == run.sha256 or name == run.version]
    if not found:
        raise Problem(UNKNOWN_SET, f"{len(runs)} sets have run here. {UNKNOWN_SET.advice}")
    return found[0]


def _listed(sets: RuleSets, run: SetRun, before: SetRun | None) -> Listed:
    if before is None:
        return Listed(run, None, ())
    return Listed(run, before, [*_evaluators(before, run), *_changes(sets, before, run)])


def _evaluators(before: SetRun, run: SetRun) -> Iterator[Change]:
    if before.evaluator != run.evaluator:
        said = f"evaluator altered from “{before.evaluator}” to “{run.evaluator}”."
        yield Change("altered", "evaluator", run.evaluator, said)


def _changes(sets: RuleSets, before: SetRun, run: SetRun) -> Iterable[Change]:
    if before.sha256 == run.sha256:
        return ()
    try:
        return _compared(sets.knowledge(before.sha256), sets.knowledge(run.sha256))
    except KnowledgeError:
        said = "The text of one of the two is kept, but this program no longer reads it."
        return (Change("altered", "file", "ruleset.toml", said),)


@functools.lru_cache(maxsize=64)
def _compared(older: Knowledge, newer: Knowledge) -> tuple[Change, ...]:
    return tuple(compare(older, newer))


def answer(request: Request, sets: RuleSets) -> Response:
    """Returns the answer to a question for rule sets, as JSON or as text."""
    found, following = listed(sets, request.query)
    if request.accepts == PLAIN:
        return caching.revalidated(request, Response(as_text(found)))
    headers = pages.links(_as_asked(request), following())
    return caching.revalidated(request, Response(as_json(found), headers=headers))


def _as_asked(request: Request) -> Request:
    query = {"limit": request.query["limit"]}
    return replace(request, query=query)


def counted(found: Counted) -> dict[str, Any]:
    """Returns over how much was counted, and since when."""
    since = None if found.since is None else moment(found.since)
    return {"over": found.over, "at_most": MOST_COUNTED, "since": since}


def as_json(found: Iterable[Listed]) -> dict[str, Any]:
    """Returns the list for programs."""
    return {"sets": [_one(entry) for entry in found]}


def _one(entry: Listed) -> dict[str, Any]:
    run, before = entry.run, entry.before
    return {
        "version": run.version,
        "sha256": run.sha256,
        "evaluator": run.evaluator,
        "first_run_at": moment(run.first_run_at),
        "compared_to": before
        and {"version": before.version, "sha256": before.sha256, "evaluator": before.evaluator},
        "changes": [
            {
                "kind": change.kind,
                "part": change.part,
                "subject": change.subject,
                "sentence": change.sentence,
            }
            for change in entry.changes
        ],
    }


def as_text(found: Sequence[Listed]) -> str:
    """Returns the list for people."""
    return "\n\n".join(map(_paragraph, found)) + "\n" if found else "No set has run here yet.\n"


def _paragraph(entry: Listed) -> str:
    run, before = entry.run, entry.before
    head = f"{run.version}   {run.sha256[:12]}   first run {moment(run.first_run_at)}"
    if before is None:
        return f"{head}\nevaluator: {run.evaluator}"
    lines = [f"{head}\nevaluator: {run.evaluator}"]
    lines.append(f"compared to {before.version}, {before.sha256[:12]}:")
    said = [change.sentence for change in entry.changes] or ["Nothing changed."]
    lines += [
        textwrap.fill(one, WIDTH, initial_indent="  - ", subsequent_indent="    ") for one in said
    ]
    return "\n".join(lines)


def moment(microseconds: int) -> str:
    """Returns a moment as ISO text."""
    when = datetime.fromtimestamp(microseconds / 1e6, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
