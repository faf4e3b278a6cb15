"""A quick look at a whole body: most are flawless, and then nobody has to describe their faults.

Made from the same vocabulary as the schema. It may doubt what the schema accepts (then the schema
decides), but never the other way round; a test holds it to that.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from chassis.http.fields import IsoDate, StrictNumber
from intake.schemas.fields import LONGEST_TEXT, NAME
from rules import Fact, Vocabulary

Check: TypeAlias = Callable[[Any], bool]

_NAME: Final = re.compile(NAME)
_NUMBER: Final = StrictNumber()
_DATE: Final = IsoDate()


def whole_body(vocabulary: Vocabulary, reference: Check) -> Check:
    """Returns a check that is true only of bodies that the schema takes unchanged."""
    checks = {
        section.name: _object(section.facts) for section in vocabulary.sections if section.facts
    }
    for name, entry in vocabulary.lists.items():
        checks[name] = _list(_object(entry.written.values()), entry.table["maximum_items"])
    fits = _members(checks)
    return lambda body: (
        type(body) is dict
        and reference(body.get("reference"))
        and fits({name: value for name, value in body.items() if name != "reference"})
    )


def _members(checks: Mapping[str, Check]) -> Check:
    def fits(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, inner in value.items():
            check = checks.get(name)
            if check is None or not (inner is None or check(inner)):
                return False
        return True

    return fits


def _object(facts: Iterable[Fact]) -> Check:
    known = list(facts)
    fits = _members({fact.written: _MAKERS[fact.type](fact) for fact in known})
    if any(fact.type == "id" for fact in known):
        return lambda value: fits(value) and value.get("id") is not None
    return fits


def _list(element: Check, most: int) -> Check:
    return lambda value: type(value) is list and len(value) <= most and all(map(element, value))


def _set(fact: Fact) -> Check:
    fits = _members(dict.fromkeys(fact.codes, _truth))
    return lambda value: fits(
        {name: said for name, said in value.items() if name != "others" or said is not False}
        if type(value) is dict
        else value
    )


def _truth(value: Any) -> bool:
    return value is True or value is False


def _between(fact: Fact, kind: Check) -> Check:
    low = -math.inf if fact.minimum is None else fact.minimum
    high = math.inf if fact.maximum is None else fact.maximum
    return lambda value: kind(value) and low <= value <= high


def _code(fact: Fact) -> Check:
    codes = frozenset(fact.codes)
    return lambda value: type(value) is str and value in codes


_MAKERS: dict[str, Callable[[Fact], Check]] = {
    "integer": lambda fact: _between(fact, lambda value: type(value) is int),
    "number": lambda fact: _between(fact, _NUMBER.takes),
    "boolean": lambda _fact: _truth,
    "code": _code,
    "codes": _set,
    "text": lambda _fact: lambda value: type(value) is str and 0 < len(value) <= LONGEST_TEXT,
    "days_ago": lambda _fact: _DATE.takes,
    "id": lambda _fact: lambda value: type(value) is str and bool(_NAME.match(value)),
    "ref": lambda _fact: lambda value: type(value) is str and bool(_NAME.match(value)),
}
