"""Facts that a service takes and does not read, described in brief: types and bounds, no words.

fact = [    # of a section
{ home = "shipment", name = "colour", label = "Colour", type = "code", codes = ["red"] },
]
list = [    # of which nothing is read
{ home = "shipment", name = "stamps", label = "Stamps", maximum_items = 9 },
]
field = [   # of a list, read or not
{ home = "stamps", name = "cents", label = "Value", type = "integer", minimum = 1 },
]
"""

import copy
from collections.abc import Mapping
from typing import Any, Final

Tables = dict[str, dict[str, Any]]

_NOT_OF_A_FACT: Final = frozenset({"home", "derived", "codes"})


def with_unread(tables: Mapping[str, Mapping[str, Any]], unread: Mapping[str, Any]) -> Tables:
    """Return the tables of a vocabulary with the unread facts added to them.

    Args:
        tables: The parsed files, by file name; they are not changed.
        unread: The parsed file of what is not read.
    """
    whole: Tables = copy.deepcopy({name: dict(table) for name, table in tables.items()})
    for entry in unread.get("fact", ()):
        _file(whole, entry)["fact"].append(_fact(entry))
    for entry in unread.get("list", ()):
        about = {key: entry[key] for key in ("name", "label", "maximum_items")}
        _file(whole, entry)["list"].append({**about, "recorded": True, "field": []})
    lists = {one["name"]: one for table in whole.values() for one in table.get("list", ())}
    for entry in unread.get("field", ()):
        lists[entry["home"]].setdefault("field", []).append(_fact(entry))
    return whole


def _file(whole: Tables, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Find the file of unread facts of a section, or begin it."""
    derived = bool(entry.get("derived", False))
    name = f"unread {entry['home']}{' derived' if derived else ''}"
    return whole.setdefault(
        name, {"section": entry["home"], "derived": derived, "fact": [], "list": []}
    )


def _fact(entry: Mapping[str, Any]) -> dict[str, Any]:
    fact = {key: value for key, value in entry.items() if key not in _NOT_OF_A_FACT}
    if codes := entry.get("codes"):
        fact["values"] = [{"code": code, "label": code} for code in codes]
    return fact
