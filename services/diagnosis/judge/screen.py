"""The minimal red-flag screen: what was asked, and what was not."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, cast

from diagnosis.judge.decision import ItemState, OpenItem, Screen
from diagnosis.judge.red_flags import ActiveFlag
from diagnosis.judge.ruleset import FALSE, TRUE, UNKNOWN, RulesInForce
from diagnosis.judge.tables import AskedItem, NeedsWhen
from rules import Evaluation

OPEN = frozenset({"not asked", "incomplete"})
AGE = "age_years"


class ScreenItem(NamedTuple):
    """A question of the screen, its state, and the unknown facts that it still needs."""

    n: int
    state: str
    missing: tuple[str, ...]


class Screening(NamedTuple):
    """The screen of one case; complete with all its items and the age."""

    answered: int
    complete: bool
    items: tuple[ScreenItem, ...]

    def decision(self) -> Screen:
        """Return what of it a decision holds."""
        return Screen(
            answered=self.answered,
            of=len(self.items),
            complete=self.complete,
            open=tuple(
                OpenItem(n=item.n, state=cast("ItemState", item.state))
                for item in self.items
                if item.state in OPEN
            ),
        )


def judge_screen(
    rules: RulesInForce, evaluation: Evaluation, active: Sequence[ActiveFlag]
) -> Screening:
    """Judge the screen: its items, how many are answered, and whether it is complete.

    An item is answered when everything that it asks is known, or while a positive answer makes one
    of its rules lock. A rule that only holds, or that a clinician has released, leaves the rest of
    its item to be asked. The screen is complete with all items and the age.
    """
    locks = {entry.id for entry in active if entry.effect == "lock"}
    items = tuple([_item(rules, evaluation, item, locks) for item in rules.screen_items])
    answered = sum([item.state not in OPEN for item in items])
    complete = answered == len(items) and AGE in evaluation.facts
    return Screening(answered, complete, items)


def _item(
    rules: RulesInForce, evaluation: Evaluation, item: AskedItem, locks: AbstractSet[str]
) -> ScreenItem:
    begun, missing = _asked(rules, evaluation, item)
    positive = evaluation.state[item.positive] == TRUE
    if not missing or (positive and not locks.isdisjoint(item.rules)):
        state = "positive" if positive else "negative"
    else:
        state = "incomplete" if positive or begun else "not asked"
    return ScreenItem(item.n, state, () if state == "positive" else tuple(missing))


def _asked(rules: RulesInForce, evaluation: Evaluation, item: AskedItem) -> tuple[bool, list[str]]:
    """Tell whether any of an item is known, and list what of it is unknown."""
    facts, state = evaluation.facts, evaluation.state
    if item.each_nodule:
        return _of_nodules(facts, item)
    missing = [name for name in item.needs if name not in facts]
    begun = len(missing) < len(item.needs)
    for more in item.needs_when:
        if state[more.when] != FALSE:
            missing += _missing_when(facts, more, unknown=state[more.when] == UNKNOWN)
    if item.results:
        missing += _results(rules, facts)
    return begun, missing


def _missing_when(facts: Mapping[str, Any], more: NeedsWhen, *, unknown: bool) -> list[str]:
    """List what else is needed; while it is unknown whether it is, list what would tell."""
    needed = [name for name in more.needs if name not in facts]
    if not needed or not unknown:
        return needed
    return [name for name in more.tells if name not in facts]


def _of_nodules(facts: Mapping[str, Any], item: AskedItem) -> tuple[bool, list[str]]:
    nodules = facts.get("nodules")
    if nodules is None:
        return False, ["nodule_present"]
    missing = [
        f"nodules[{index}].{field}"
        for index, nodule in enumerate(nodules)
        for field in item.each_nodule
        if field not in nodule and item.or_fact.get(field) not in facts
    ]
    begun = len(missing) < len(nodules) * len(item.each_nodule)
    if facts.get("nodule_count", 0) > len(nodules):
        missing.append("nodules")
    return begun, missing


def _results(rules: RulesInForce, facts: Mapping[str, Any]) -> list[str]:
    """List what of the recorded tests cannot be read, or that a result is not at hand at all."""
    missing = [*_unread_investigations(facts), *_unread_labs(rules, facts)]
    tests = facts.get("earlier_tests")
    nothing = not facts.get("investigations") and not facts.get("labs")
    if tests == "done_result_not_available" or (tests == "done_result_recorded" and nothing):
        missing.append("investigations")
    return missing


def _unread_investigations(facts: Mapping[str, Any]) -> Iterator[str]:
    for index, investigation in enumerate(facts.get("investigations", ())):
        if "result" not in investigation:
            yield f"investigations[{index}].result"


def _unread_labs(rules: RulesInForce, facts: Mapping[str, Any]) -> Iterator[str]:
    for index, lab in enumerate(facts.get("labs", ())):
        reported_only = lab.get("test") in rules.reported_only
        if "test" not in lab:
            yield f"labs[{index}].test"
        if "positive" in lab and not reported_only:
            continue
        if "value" not in lab:
            yield f"labs[{index}].value"
        elif reported_only and "upper_limit" not in lab:
            yield f"labs[{index}].upper_limit"
