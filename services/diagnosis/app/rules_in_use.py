"""The ruleset that a process of diagnosis judges with."""

from typing import Any

from chassis import clock
from diagnosis.domain import Ruleset, load_ruleset


def ruleset(check_then: Any = None) -> Ruleset:
    """Read the rules, and compile those of today so that the first case does not wait."""
    rules = load_ruleset(check_then=check_then)
    rules.in_force(clock.today())
    return rules
