"""What a body cannot say: dates to come, numbers and answers that contradict each other."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from intake.domain.findings import Body, Findings

Path: TypeAlias = tuple[str | int, ...]

UNLISTED: Final = "unlisted"
"""Reserved: the judging services call a nodule so that was said to be there, undescribed."""


@dataclass(frozen=True)
class Fault:
    """Where a body contradicts itself, and what is wrong there.

    Attributes:
        path: Names and list positions from the root.
        detail: One sentence that quotes nothing typed by people.
    """

    path: Path
    detail: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join(f"/{step}" for step in self.path)


class ImplausibleCase(Exception):
    """A body whose values are each allowed, but cannot all be true.

    Args:
        found: Every fault.
    """

    def __init__(self, found: Collection[Fault]) -> None:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        super().__init__(f"The body has {count}.")
        self.errors = [{"pointer": fault.pointer, "detail": fault.detail} for fault in found]


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
    found += _limits(findings, body)
    for check in _CHECKS:
        found += check(body)
    return found


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


def _nodule_ids(body: Body) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, nodule in enumerate(body.get("nodules", ())):
        name = nodule.get("id")
        if name in seen:
            yield Fault(("nodules", index, "id"), "Another nodule has the same id.")
        if name == UNLISTED:
            yield Fault(("nodules", index, "id"), f"The id `{UNLISTED}` is reserved.")
        seen.add(name)


def _nodule_answers(body: Body) -> Iterator[Fault]:
    palpation = body.get("nodule_examination", {})
    present, count = palpation.get("nodule_present"), palpation.get("nodule_count")
    listed = body.get("nodules")
    if present == "none" and (listed or count):
        place = ("nodules",) if listed else ("nodule_examination", "nodule_count")
        yield Fault(place, "`nodule_present` is none.")
    if present in ("definite", "doubtful") and (listed == [] or count == 0):
        place = ("nodules",) if listed == [] else ("nodule_examination", "nodule_count")
        yield Fault(place, f"`nodule_present` is {present}.")
    if listed and count is not None and 0 < count < len(listed):
        place = ("nodule_examination", "nodule_count")
        yield Fault(place, f"{len(listed)} nodules are described.")


def _nodule_sizes(body: Body) -> Iterator[Fault]:
    for index, nodule in enumerate(body.get("nodules", ())):
        if _above(nodule.get("size_short_mm"), nodule.get("size_long_mm")):
            yield Fault(("nodules", index, "size_short_mm"), "It is larger than `size_long_mm`.")


def _ages(body: Body) -> Iterator[Fault]:
    onset = body.get("history", {}).get("age_at_onset_years")
    if _above(onset, body.get("patient", {}).get("age_years")):
        yield Fault(("history", "age_at_onset_years"), "It is above `age_years`.")


def _pressures(body: Body) -> Iterator[Fault]:
    examination = body.get("examination", {})
    if _above(examination.get("diastolic_mmhg"), examination.get("systolic_mmhg")):
        yield Fault(("examination", "diastolic_mmhg"), "It is above `systolic_mmhg`.")


def _earlier_blocks(body: Body) -> Iterator[Fault]:
    if body.get("care", {}).get("earlier_blocks") == "none" and body.get("blocks"):
        yield Fault(("care", "earlier_blocks"), "`blocks` holds at least one block.")


def _above(value: Any, limit: Any) -> bool:
    return value is not None and limit is not None and value > limit


_CHECKS: tuple[Callable[[Body], Iterator[Fault]], ...] = (
    _nodule_ids,
    _nodule_answers,
    _nodule_sizes,
    _ages,
    _pressures,
    _earlier_blocks,
)
