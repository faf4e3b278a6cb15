"""Reads the published patients: what a clinic would POST, and what the answer must say."""

import dataclasses
import functools
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from tests.support.care import with_care

from rules import Vocabulary

HERE = Path(__file__).parent
FACTS = HERE.parents[2] / "services" / "intake" / "knowledge" / "facts"
DEFAULT_DAY = date(2026, 11, 22)
NOT_STATED = "lumbar_site_not_stated"
Body = dict[str, Any]

PERFECT = (
    "clean-screen",
    "not-pregnant",
    "normal-neurology",
    "healthy-skin",
    "no-competitor",
    "no-contraindication",
    "everything-asked-for",
    "typical-nodule",
    "fat-on-ultrasound",
)
"""Everything that could tempt a system to treat: the sets that the safety tests add."""


class BentFactError(Exception):
    """A completed record contradicts what was published."""


@dataclasses.dataclass(frozen=True)
class Record:
    """One moment of one published patient."""

    patient: str
    kind: str
    name: str
    stage: str
    serious: bool
    on: date
    body: Body
    expect: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.patient} {self.name}"


def published() -> list[Record]:
    return [record for path in sorted(HERE.glob("*.toml")) for record in _records(path)]


def patients() -> dict[str, Body]:
    return {path.stem: _read(path) for path in sorted(HERE.glob("*.toml"))}


def with_perfect_nodule(record: Record, *, beside: bool) -> Body:
    """Add perfect nodule findings, as a further nodule or onto the lumps on record."""
    body = deepcopy(record.body)
    body.setdefault("patient", {}).setdefault("age_years", 45)
    if beside and body.get("nodules"):
        _sets(body, [name for name in PERFECT if "nodule" not in name and "fat" not in name])
        _beside(body)
    else:
        _sets(body, PERFECT)
    return body


def nobody() -> Record:
    """A patient without a history, to show that perfect findings alone do lead to an offer."""
    return Record("nobody", "control", "unknown", "as_published", False, DEFAULT_DAY, {}, {})


def projected(body: Body, on: date) -> Body:
    """Turn every date into days before ``on`` and add the record of care, as intake does."""
    return with_care(
        {
            key: [_days_ago(element, on) for element in value] if isinstance(value, list) else value
            for key, value in body.items()
        }
    )


def posted(body: Body) -> Body:
    """Write dates as JSON does."""
    return {
        key: [{k: _json(v) for k, v in element.items()} for element in value]
        if isinstance(value, list)
        else value
        for key, value in body.items()
    }


def _records(path: Path) -> list[Record]:
    patient = _read(path)
    facts = {entry["name"]: entry.get("facts") for entry in patient["record"]}
    return [_record(patient, entry, facts) for entry in patient["record"]]


def _record(patient: Body, entry: Body, facts: Mapping[str, Body]) -> Record:
    on = entry.get("on", DEFAULT_DAY)
    body = deepcopy(entry["facts"]) if "facts" in entry else _completed(entry, facts)
    return Record(
        patient["id"],
        patient["kind"],
        entry["name"],
        entry["stage"],
        entry.get("serious", False),
        on,
        body,
        entry["expect"],
    )


def _completed(entry: Body, facts: Mapping[str, Body]) -> Body:
    body = deepcopy(facts[entry["completes"]])
    fill(body, entry["assumed"].get("facts", {}), strict=True)
    _sets(body, entry["assumed"].get("sets", []))
    return body


def _sets(body: Body, names: tuple[str, ...] | list[str]) -> None:
    sets = [_read(HERE / "assumed" / f"{name}.toml") for name in names]
    imaged = any("nodule_imaging" in table for table in sets)
    if imaged or body.get("investigations") or body.get("labs"):
        body.setdefault("red_flags", {}).setdefault("earlier_tests", "done_result_recorded")
    for table in sets:
        fill(body, table.get("facts", {}), strict=False)
    for table in sets:
        if "nodule" in table:
            _typical(body, table["nodule"])
    for table in sets:
        if "nodule_imaging" in table:
            _image(body, table["nodule_imaging"])


def fill(body: Body, extra: Body, *, strict: bool) -> None:
    """Add what ``extra`` says where the body says nothing."""
    for name, value in extra.items():
        if isinstance(value, list):
            _fill_list(body.setdefault(name, []), value)
        else:
            _fill_table(body.setdefault(name, {}), value, strict=strict)


def _fill_table(known: Body, extra: Body, *, strict: bool) -> None:
    for name, value in extra.items():
        if isinstance(value, dict):
            _fill_table(known.setdefault(name, {}), _members(name, value), strict=strict)
        elif known.get(name) in (None, NOT_STATED):
            known[name] = value
        elif strict and name != "others" and known[name] != value:
            raise BentFactError(f"{name} was published as {known[name]}, not as {value}.")


def _fill_list(known: list[Body], extra: list[Body]) -> None:
    for element in extra:
        values = dict(element)
        place = values.pop("completes", None)
        if place is None:
            place = _same(known, element)
        if place is None:
            known.append(values)
        else:
            _fill_table(known[place], values, strict=True)


def _same(known: list[Body], element: Body) -> int | None:
    """Find the element with the same id; an element without one is always new."""
    names = [one.get("id") for one in known]
    return names.index(element["id"]) if "id" in element and element["id"] in names else None


def _read(path: Path) -> Body:
    return tomllib.loads(path.read_text("utf-8"))


def _members(name: str, values: Body) -> Body:
    """Spell ``others = false`` out: every member of the set that is not listed is a no."""
    if "others" not in values:
        return values
    listed = {member: answer for member, answer in values.items() if member != "others"}
    return listed | {code: False for code in _codes()[name] if code not in listed}


@functools.cache
def _codes() -> dict[str, list[str]]:
    """Map each fact to its codes; read once, because thousands of sets ask for them."""
    facts = [fact for path in sorted(FACTS.glob("*.toml")) for fact in _read(path).get("fact", [])]
    return {fact["name"]: [value["code"] for value in fact.get("values", [])] for fact in facts}


def _typical(body: Body, nodule: Body) -> None:
    nodules = body.setdefault("nodules", [])
    if not nodules:
        nodules.append({"id": "typical"})
    for element in nodules:
        _fill_table(element, nodule, strict=False)


def _beside(body: Body) -> None:
    """Put one more nodule on record, perfect in every finding, and its ultrasound."""
    extra: Body = {"nodules": [{"id": "typical"}]}
    _sets(extra, ["typical-nodule", "fat-on-ultrasound"])
    palpation = body.setdefault("nodule_examination", {})
    palpation.setdefault("nodule_present", "definite")
    if "nodule_count" in palpation:
        palpation["nodule_count"] += 1
    body["nodules"] += extra["nodules"]
    body.setdefault("investigations", []).extend(extra["investigations"])
    body["red_flags"]["earlier_tests"] = "done_result_recorded"


def _image(body: Body, imaging: Body) -> None:
    results = body.setdefault("investigations", [])
    imaged = {one.get("nodule_id") for one in results}
    results.extend(
        {**imaging, "nodule_id": one["id"]} for one in body["nodules"] if one["id"] not in imaged
    )


def _days_ago(element: Body, on: date) -> Body:
    return {
        f"{name.removesuffix('_on')}_days_ago" if isinstance(value, date) else name: (
            (on - value).days if isinstance(value, date) else value
        )
        for name, value in element.items()
    }


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def vocabulary() -> Vocabulary:
    return Vocabulary.load(FACTS)
