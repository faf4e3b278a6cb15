"""What clinics read: a case with its progress, briefs and decisions unchanged, and addresses."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from intake.case import Kind, Progress
from rules import Vocabulary

HOW_TO: Final = (
    'A case is {"reference": "…", section: {fact: value}, list: [{field: value}]}.',
    "Lists, such as `nodules`, stand at the top level, beside the sections.",
    'Only "reference" is required: the clinic\'s own name for the patient.',
    "A fact of type `codes` is an object with true, false or null for each member.",
    '"others": false in such an object says that every member that is not listed is a no.',
    "What is absent or null is unknown; it is never taken for a no.",
)


def accepted_view(case_id: str, revision: int, progress: Progress | None = None) -> dict[str, Any]:
    """Returns the answer to an accepted case, correction or follow-up."""
    return {
        "case_id": case_id,
        "revision": revision,
        "progress": progress_view(progress or Progress("submitted", waiting_for="assessment")),
        "links": links(case_id),
    }


def links(case_id: str) -> dict[str, str]:
    """Returns where everything about a case is found; results are those of the newest revision."""
    here = f"/v1/cases/{case_id}"
    names = {"revisions": "revisions", "follow_ups": "follow-ups"}
    results = {"assessment": "assessment", "plan": "plan"}
    return {"self": here} | {name: f"{here}/{tail}" for name, tail in (names | results).items()}


def revision_links(case_id: str, revision: int) -> dict[str, str]:
    """Returns where one revision, and its full documents, are found."""
    here = f"/v1/cases/{case_id}/revisions/{revision}"
    documents = {f"{kind}_document": f"{here}/{kind}" for kind in ("assessment", "plan")}
    return {"revision": here} | documents


def progress_view(progress: Progress) -> dict[str, Any]:
    """Returns how far a revision has come, and what it waits for."""
    stopped = {"by": progress.stopped_by, "reason_code": progress.reason_code}
    return {
        "state": progress.state,
        "outcome": progress.outcome,
        "waiting_for": progress.waiting_for,
        "stopped": stopped if progress.state == "stopped" else None,
    }


def case_view(overview: Any, sections: Collection[str]) -> dict[str, Any]:
    """Returns a case at one revision, with the sections that were asked for.

    Args:
        overview: `use_cases.Overview`.
        sections: Names of sections, as in `queries.SECTIONS`.
    """
    case = overview.case
    always = {
        "case_id": case.case_id,
        "reference": case.reference,
        "revision": case.revision,
        "newest_revision": overview.newest,
        "contact": case.contact,
        "on": case.accepted.on,
        "accepted_at": _time(case.accepted.at),
        "opened_at": _time(case.opened.at),
        "progress": progress_view(overview.shown.progress),
    }
    chosen = {
        "brief": unchanged(brief_of(overview.results)),
        "assessment": unchanged(_decision(overview.results, "assessment")),
        "plan": unchanged(_decision(overview.results, "plan")),
        "case": case.body,
        "revisions": [revision_view(one) for one in overview.revisions],
    }
    shown = {
        name: value for name, value in chosen.items() if name in sections and value is not None
    }
    own = links(case.case_id) | revision_links(case.case_id, case.revision)
    return always | shown | {"links": own}


def brief_of(results: Mapping[Kind, Any]) -> bytes | None:
    """Returns the brief that stands: the plan's, and until there is one, the assessment's."""
    stored = results.get("plan") or results.get("assessment")
    return stored.brief if stored else None


def _decision(results: Mapping[Kind, Any], kind: Kind) -> bytes | None:
    stored = results.get(kind)
    return stored.decision if stored else None


def unchanged(stored: bytes | None) -> Any:
    """Returns stored JSON as it arrived, to be put into an answer."""
    return None if stored is None else orjson.Fragment(stored)


def result_view(newest: Any, kind: Kind) -> dict[str, Any]:
    """Returns the decision and the brief of the newest revision.

    Args:
        newest: `use_cases.NewestResult` that has a result.
        kind: Which result.
    """
    entry = newest.revision.entry
    return {
        "case_id": entry.case_id,
        "revision": entry.revision,
        "on": entry.accepted.on,
        "kind": kind,
        "decision": unchanged(newest.stored.decision),
        "brief": unchanged(newest.stored.brief),
        "links": links(entry.case_id) | revision_links(entry.case_id, entry.revision),
    }


def summary_view(headline: bytes | None) -> dict[str, Any]:
    """Returns the few words that say where a case stands."""
    words = orjson.loads(headline or b"{}")
    return {name: words.get(name) for name in ("action", "urgency", "category", "likely")}


def list_view(cases: Iterable[Any]) -> dict[str, Any]:
    """Returns a page of cases.

    Args:
        cases: `use_cases.RevisionProgress`, one for each case.
    """
    return {
        "cases": [
            {
                "case_id": one.entry.case_id,
                "reference": one.entry.reference,
                "opened_at": _time(one.entry.opened.at),
                **revision_view(one),
                "summary": summary_view(one.headline),
                "links": links(one.entry.case_id),
            }
            for one in cases
        ]
    }


def revisions_view(case_id: str, revisions: Sequence[Any]) -> dict[str, Any]:
    """Returns a page of a case's revisions.

    Args:
        case_id: The case.
        revisions: `use_cases.RevisionProgress`, one for each revision.
    """
    return {
        "case_id": case_id,
        "revisions": [
            revision_view(one)
            | {"summary": summary_view(one.headline)}
            | {"links": revision_links(case_id, one.entry.revision)}
            for one in revisions
        ],
    }


def revision_view(revision: Any) -> dict[str, Any]:
    """Returns one revision and how far it has come."""
    entry = revision.entry
    return {
        "revision": entry.revision,
        "contact": entry.contact,
        "on": entry.accepted.on,
        "accepted_at": _time(entry.accepted.at),
        "progress": progress_view(revision.progress),
    }


def vocabulary_view(vocabulary: Vocabulary) -> bytes:
    """Returns the vocabulary as it is written, for people and programs; made once."""
    sections = [{"section": table["section"], **table} for table in vocabulary.tables.values()]
    return orjson.dumps({"digest": vocabulary.digest, "how_to": list(HOW_TO), "sections": sections})


def _time(microseconds: int) -> str:
    moment = datetime.fromtimestamp(microseconds / 1e6, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
