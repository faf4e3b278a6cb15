"""The guidance that a process of treatment recommends by."""

from chassis import clock
from rules import Knowledge
from treatment.domain import check_guidance, in_force, load_guidance


def guidance() -> Knowledge:
    """Read the guidance, and compile that of today so that the first case does not wait."""
    rules = load_guidance()
    check_guidance(rules)
    in_force(rules, clock.today())
    return rules
