"""The rules of a set that are in force on a date, compiled once."""

import datetime as dt
import functools
import weakref
from typing import Any

from rules.language.errors import NothingInForceError
from rules.language.model import Knowledge
from rules.what_if.compiled import WhatIfRules

_compiled: weakref.WeakKeyDictionary[Knowledge, dict[Any, WhatIfRules]]
_compiled = weakref.WeakKeyDictionary()


@functools.lru_cache(maxsize=256)  # every case asks, and most for one day
def in_force(knowledge: Knowledge, on: dt.date) -> WhatIfRules:
    """Compile the rules in force on a date; the same versions are compiled once.

    Raises:
        NothingInForceError: no rule was in force then.
    """
    rules = knowledge.rules_on(on)
    if not rules:
        raise NothingInForceError(f"No rule was in force on {on.isoformat()}.")
    versions = tuple((rule.id, rule.start) for rule in rules)
    known = _compiled.setdefault(knowledge, {})
    if versions not in known:
        definitions = {
            name: (entry.over, entry.condition) for name, entry in knowledge.definitions.items()
        }
        known[versions] = WhatIfRules(rules, definitions, knowledge.vocabulary)
    return known[versions]
