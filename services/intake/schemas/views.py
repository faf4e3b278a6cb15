"""What clinics read: cases with their progress, documents as they came, and where to go on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from intake.case import Progress
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
    """Returns where everything about a case is found."""
    here = f"/v1/cases/{case_id}"
    parts = {"revisions": "revisions", "follow_ups": "follow-ups"}
    documents = {"assessment": "assessment", "plan": "plan"}
    return {"self": here} | {name: f"{here}/{part}" for name, part in (parts | documents).items()}


def progress_view(progress: Progress) -> dict[str, Any]:
    """Returns how far a revision has come, and what it waits for."""
    stopped = {"by": progress.stopped_by, "reason_code": progress.reason_code}
    return {
        "state": progress.state,
        "outcome": progress.outcome,
        "waiting_for": progress.waiting_for,
        "stopped": stopped if progress.state == "stopped" else None,
    }


def case_view(overview: Any) -> dict[str, Any]:
    """Returns a case whole: what was recorded, how far it has come, and its documents unchanged.

    Args:
        overview: `use_cases.Overview`.
    """
    case = overview.case
    documents = {kind: orjson.loads(text) for kind, text in overview.documents.items()}
    return {
        "case_id": case.case_id,
        "reference": case.reference,
        "revision": case.revision,
        "contact": case.contact,
        "on": case.accepted.on,
        "accepted_at": _time(case.accepted.at),
        "opened_at": _time(case.opened.at),
        "progress": progress_view(overview.followed.progress),
        "summary": summary_view(overview.followed.headlines),
        "missing_findings": missing_findings(documents),
        "assessment": _as_it_came(overview.documents.get("assessment")),
        "plan": _as_it_came(overview.documents.get("plan")),
        "case": case.body,
        "revisions": [revision_view(followed) for followed in overview.revisions],
        "links": links(case.case_id),
    }


def _as_it_came(document: bytes | None) -> Any:
    return None if document is None else orjson.Fragment(document)


def summary_view(headlines: Mapping[str, bytes]) -> dict[str, Any]:
    """Returns the few words that say where a case stands."""
    assessment = orjson.loads(headlines.get("assessment", b"{}"))
    plan = orjson.loads(headlines.get("plan", b"{}"))
    return {
        "category": assessment.get("category"),
        "likelihood": assessment.get("likelihood"),
        "assessment": assessment.get("summary"),
        "step": plan.get("step"),
        "plan": plan.get("summary"),
    }


def missing_findings(documents: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns each finding that either document asks for, once; the documents say what it changes.

    Args:
        documents: The finished documents by kind.
    """
    asked: dict[str, dict[str, Any]] = {}
    for kind in ("assessment", "plan"):
        for finding in documents.get(kind, {}).get("missing_findings", ()):
            name = str(finding.get("fact"))
            label = finding.get("label")
            entry = asked.setdefault(name, {"fact": name, "label": label, "asked_by": []})
            entry["asked_by"].append(kind)
    return list(asked.values())


def list_view(followed: Iterable[Any]) -> dict[str, Any]:
    """Returns a page of cases.

    Args:
        followed: `use_cases.Followed`, one for each case.
    """
    return {
        "cases": [
            {
                "case_id": one.entry.case_id,
                "reference": one.entry.reference,
                "opened_at": _time(one.entry.opened.at),
                **revision_view(one),
                "summary": summary_view(one.headlines),
                "links": links(one.entry.case_id),
            }
            for one in followed
        ]
    }


def revisions_view(case_id: str, followed: Sequence[Any]) -> dict[str, Any]:
    """Returns a page of a case's revisions."""
    return {
        "case_id": case_id,
        "revisions": [
            revision_view(one)
            | {"summary": summary_view(one.headlines)}
            | {"links": revision_links(case_id, one.entry.revision)}
            for one in followed
        ],
    }


def revision_view(followed: Any) -> dict[str, Any]:
    """Returns one revision and how far it has come."""
    entry = followed.entry
    return {
        "revision": entry.revision,
        "contact": entry.contact,
        "on": entry.accepted.on,
        "accepted_at": _time(entry.accepted.at),
        "progress": progress_view(followed.progress),
    }


def revision_links(case_id: str, revision: int) -> dict[str, str]:
    """Returns where one revision, and its documents, are found."""
    here = f"/v1/cases/{case_id}"
    documents = {kind: f"{here}/{kind}?revision={revision}" for kind in ("assessment", "plan")}
    return {"self": f"{here}?revision={revision}"} | documents


def vocabulary_view(vocabulary: Vocabulary) -> bytes:
    """Returns the vocabulary as it is written, for people and programs; made once."""
    sections = [{"section": table["section"], **table} for table in vocabulary.tables.values()]
    return orjson.dumps({"digest": vocabulary.digest, "how_to": list(HOW_TO), "sections": sections})


def _time(microseconds: int) -> str:
    moment = datetime.fromtimestamp(microseconds / 1e6, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
