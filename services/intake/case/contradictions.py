"""Answers that cannot both be true: two places of one body that say different things."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from intake.case.findings import Body

Path: TypeAlias = tuple[str | int, ...]

UNLISTED: Final = "unlisted"
"""Reserved: the judging services call a nodule so that was said to be there, undescribed."""

FEVER_C: Final = 38.0
FULL_POWER_MRC: Final = 5
_VISCERAL: Final = ("abdomen", "flank", "groin")


@dataclass(frozen=True)
class Fault:
    """A place in a body that cannot stay as it is.

    Attributes:
        path: Names and list positions from the root.
        detail: One sentence that quotes nothing typed by people.
        against: The place that says otherwise, if there is one.
    """

    path: Path
    detail: str
    against: Path | None = None


def contradictions(body: Body) -> Iterator[Fault]:
    """Yields each pair of answers that cannot both be true; the more doubtful place first."""
    for check in _CHECKS:
        yield from check(body)


def _present_nodules(body: Body) -> Iterator[Fault]:
    palpation, listed = body.get("nodule_examination", {}), body.get("nodules")
    present, count = palpation.get("nodule_present"), palpation.get("nodule_count")
    answer, number = _palpated("nodule_present"), _palpated("nodule_count")
    if present == "none" and listed:
        yield Fault(("nodules",), "`nodule_present` says that there is none.", answer)
    if present == "none" and count:
        yield Fault(number, "`nodule_present` says that there is none.", answer)
    if present in ("definite", "doubtful") and listed == []:
        yield Fault(("nodules",), f"`nodule_present` says {present}.", answer)
    if present in ("definite", "doubtful") and count == 0:
        yield Fault(number, f"`nodule_present` says {present}.", answer)
    if listed and count is not None and count < len(listed):
        yield Fault(number, f"`nodules` describes {len(listed)}.", ("nodules",))


def _palpated(name: str) -> Path:
    return ("nodule_examination", name)


def _each_nodule(body: Body) -> Iterator[Fault]:
    never_excised = body.get("nodule_examination", {}).get("lump_excised_before") is False
    for index, nodule in enumerate(body.get("nodules", ())):
        long, short = nodule.get("size_long_mm"), nodule.get("size_short_mm")
        if _above(short, long):
            places = (("nodules", index, "size_short_mm"), ("nodules", index, "size_long_mm"))
            yield Fault(places[0], "It is larger than `size_long_mm`.", places[1])
        if never_excised and nodule.get("excised_before"):
            place = ("nodules", index, "excised_before")
            sentence = "`lump_excised_before` says that none was."
            yield Fault(place, sentence, _palpated("lump_excised_before"))


def _nodule_ids(body: Body) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, nodule in enumerate(body.get("nodules", ())):
        name, place = nodule.get("id"), ("nodules", index, "id")
        if name in first:
            yield Fault(place, "Another nodule has the same id.", ("nodules", first[name], "id"))
        if name == UNLISTED:
            yield Fault(place, f"The id `{UNLISTED}` is reserved.")
        first.setdefault(name, index)


def _ages(body: Body) -> Iterator[Fault]:
    onset, age = ("history", "age_at_onset_years"), ("patient", "age_years")
    if _above(_at(body, onset), _at(body, age)):
        yield Fault(onset, "It is above `age_years`.", age)


def _pregnancy(body: Body) -> Iterator[Fault]:
    sex, pregnancy = ("patient", "sex_at_birth"), ("patient", "pregnancy_status")
    if _at(body, sex) == "male" and _at(body, pregnancy) in ("yes", "possible"):
        yield Fault(pregnancy, "`sex_at_birth` is male.", sex)


def _fever(body: Body) -> Iterator[Fault]:
    fever, highest = ("red_flags", "fever"), ("red_flags", "max_temp_c")
    if _at(body, fever) is False and not _above(FEVER_C, _at(body, highest), unknown=True):
        yield Fault(fever, f"`max_temp_c` is {FEVER_C} or more.", highest)


def _injury(body: Body) -> Iterator[Fault]:
    injury, onset = ("red_flags", "injury"), ("history", "onset_mechanism")
    if _at(body, injury) == "none" and _at(body, onset) in ("trauma_major", "trauma_minor"):
        yield Fault(injury, "`onset_mechanism` names an injury.", onset)


def _tests(body: Body) -> Iterator[Fault]:
    earlier = ("red_flags", "earlier_tests")
    for results in ("investigations", "labs"):
        if _at(body, earlier) == "none" and body.get(results):
            yield Fault(earlier, f"`{results}` holds at least one result.", (results,))


def _blocks(body: Body) -> Iterator[Fault]:
    earlier = ("care", "earlier_blocks")
    if _at(body, earlier) == "none" and body.get("blocks"):
        yield Fault(earlier, "`blocks` holds at least one block.", ("blocks",))


def _power(body: Body) -> Iterator[Fault]:
    power, lowest = ("examination", "power"), ("examination", "lowest_power_mrc")
    said, grade = _at(body, power), _at(body, lowest)
    if grade is None or said is None:
        return
    if (said == "normal") != (grade == FULL_POWER_MRC):
        yield Fault(power, f"`lowest_power_mrc` is {grade}.", lowest)


def _vesicles(body: Body) -> Iterator[Fault]:
    vesicles, rash = ("examination", "vesicles_at_site"), ("examination", "skin_findings")
    if _at(body, vesicles) and (_at(body, rash) or {}).get("rash_or_vesicles") is False:
        place = (*rash, "rash_or_vesicles")
        yield Fault(place, "`vesicles_at_site` says that there are some.", vesicles)


def _visceral_pain(body: Body) -> Iterator[Fault]:
    severe, places = ("red_flags", "visceral_pain_severe"), ("pain", "pain_map")
    told = _at(body, places) or {}
    if _at(body, severe) and all(told.get(name) is False for name in _VISCERAL):
        sentence = "`pain_map` says that there is none in abdomen, flank or groin."
        yield Fault(severe, sentence, places)


def _cancer(body: Body) -> Iterator[Fault]:
    ever, years = ("red_flags", "cancer_history"), ("red_flags", "cancer_years_ago")
    if _at(body, ever) == "none" and _at(body, years) is not None:
        yield Fault(ever, "`cancer_years_ago` says that there was one.", years)
    here = ("comorbidity", "malignancy_in_field")
    if _at(body, ever) == "none" and _at(body, here) is True:
        yield Fault(ever, "`malignancy_in_field` says that there is one.", here)


def _pressures(body: Body) -> Iterator[Fault]:
    low, high = ("examination", "diastolic_mmhg"), ("examination", "systolic_mmhg")
    if _above(_at(body, low), _at(body, high)):
        yield Fault(low, "It is above `systolic_mmhg`.", high)


def _at(body: Body, place: tuple[str, str]) -> Any:
    section, name = place
    return body.get(section, {}).get(name)


def _above(value: Any, limit: Any, *, unknown: bool = False) -> bool:
    return unknown if value is None or limit is None else value > limit


_CHECKS: tuple[Callable[[Body], Iterator[Fault]], ...] = (
    _nodule_ids,
    _present_nodules,
    _each_nodule,
    _ages,
    _pregnancy,
    _fever,
    _injury,
    _tests,
    _blocks,
    _power,
    _vesicles,
    _visceral_pain,
    _cancer,
    _pressures,
)
