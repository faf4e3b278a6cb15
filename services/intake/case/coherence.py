"""What a body cannot say: dates to come, ids of nobody, too many entries, contradictions."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from intake.case.contradictions import UNLISTED, Fault, Path, contradictions
from intake.case.findings import Body, Findings


class ImplausibleCase(Exception):
    """A body whose values are each allowed, but cannot all be true.

    Args:
        found: Every fault.
    """

    def __init__(self, found: Collection[Fault]) -> None:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        super().__init__(f"The body has {count}.")
        self.errors = [_told(fault) for fault in found]


def _told(fault: Fault) -> dict[str, Any]:
    told = {"pointer": _pointer(fault.path), "detail": fault.detail}
    return told if fault.against is None else told | {"contradicts": _pointer(fault.against)}


def _pointer(path: Path) -> str:
    return "".join(f"/{step}" for step in path)


def faults(
    findings: Findings, body: Body, on: date, known_nodules: Collection[str] = ()
) -> list[Fault]:
    """Returns everything that cannot be true in a body.

    Args:
        findings: What the vocabulary says.
        body: Sections and lists, tidy.
        on: The day of the entry; no date may lie after it.
        known_nodules: Ids that earlier revisions knew; a past block may still name them.
    """
    found = [*_dates(findings, body, on), *_references(findings, body, known_nodules)]
    return [*found, *_limits(findings, body), *contradictions(body)]


def nodules_named(findings: Findings, body: Body) -> frozenset[str]:
    """Returns the ids of all nodules that a body describes or refers to."""
    described = {nodule["id"] for nodule in body.get("nodules", ())}
    referred = {
        element[name]
        for home, names in findings.references.items()
        for element in body.get(home, ())
        for name in names
        if name in element
    }
    return frozenset(described | referred)


def _dates(findings: Findings, body: Body, on: date) -> Iterator[Fault]:
    today = on.isoformat()  # ISO dates compare like the days they name
    for home, names in findings.dates.items():
        elements = body.get(home, ()) if home in findings.lists else [body.get(home, {})]
        for index, element in enumerate(elements):
            for name in names:
                if name in element and element[name] > today:
                    place = (home, index, name) if home in findings.lists else (home, name)
                    yield Fault(place, f"The date lies after {today}, the day of this entry (UTC).")


def _references(findings: Findings, body: Body, known: Collection[str]) -> Iterator[Fault]:
    described = {nodule.get("id") for nodule in body.get("nodules", [{"id": UNLISTED}])}
    for home, names in findings.references.items():
        for index, element in enumerate(body.get(home, ())):
            for name in names:
                if name in element and element[name] not in described | set(known):
                    yield Fault((home, index, name), "No nodule in `nodules` has this id.")


def _limits(findings: Findings, body: Body) -> Iterator[Fault]:
    for home, most in findings.limits.items():
        if len(body.get(home, ())) > most:
            yield Fault((home,), f"At most {most} entries are kept.")
