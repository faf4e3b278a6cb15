"""An independent judge: conditions as written, words for verdicts, nothing of the engine."""

from typing import Any

YES, NO, OPEN = "yes", "no", "open"


def both(*answers: str) -> str:
    return NO if NO in answers else OPEN if OPEN in answers else YES


def either(*answers: str) -> str:
    return YES if YES in answers else OPEN if OPEN in answers else NO


def opposite(answer: str) -> str:
    return {YES: NO, NO: YES, OPEN: OPEN}[answer]


def word(truth: bool) -> str:
    return YES if truth else NO


class Naive:
    """Knows lists that act only when recorded, and the fact that counts a list."""

    def __init__(self, facts: dict[str, Any], rules: dict[str, Any], external: dict[str, Any]):
        self.facts = facts
        self.rules = rules  # (kind, id) -> (over, table)
        self.external = external

    def elements(self, name: str) -> list[dict[str, Any]]:
        return self.facts.get(name) or []

    def gap(self, name: str) -> bool:
        if self.facts.get(name) is None:
            return name != "scans"
        count = self.facts.get("parcel_count")
        return name == "parcels" and count is not None and count > len(self.facts[name])

    def use(self, kind: str, name: str, scope: list) -> str:
        if kind == "rule" and name in self.external:
            return {True: YES, False: NO, None: OPEN}[self.external[name]]
        over, table = self.rules[kind, name]
        if over is None:
            return self.judge(table, [])
        for listed, element in reversed(scope):
            if listed == over:
                return self.judge(table, [(over, element)])
        answers = [self.judge(table, [(over, element)]) for element in self.elements(over)]
        return either(*answers, OPEN if self.gap(over) else NO)

    def read(self, table: dict[str, Any], scope: list) -> Any:
        if "fact" in table:
            return self.facts.get(table["fact"])
        if "item" in table:
            return scope[-1][1].get(table["item"])
        if "outer_item" in table:
            return scope[-2][1].get(table["outer_item"])
        key = "fall_percent" if "fall_percent" in table else "fall_points"
        before, after = (self.number(name, scope) for name in table[key])
        if before is None or after is None:
            return None
        if key == "fall_points":
            return round(before - after, 9)
        return round(100 * (before - after) / before, 9) if before else None

    def number(self, name: str, scope: list) -> Any:
        fields = {"parcels": ["weight_kg"], "scans": ["before", "after"]}
        inside = bool(scope) and name in fields[scope[-1][0]]
        return scope[-1][1].get(name) if inside else self.facts.get(name)

    def leaf(self, table: dict[str, Any], scope: list) -> str:
        value = self.read(table, scope)
        if "known" in table:
            listed = table.get("fact") == "scans"
            return word((value is not None or listed) == table["known"])
        if value is None:
            return OPEN
        for key, holds in {
            "equals": lambda x: value == x,
            "not_equals": lambda x: value != x,
            "in": lambda x: value in x,
            "not_in": lambda x: value not in x,
            "at_least": lambda x: value >= x,
            "above": lambda x: value > x,
            "at_most": lambda x: value <= x,
            "below": lambda x: value < x,
            "between": lambda x: x[0] <= value <= x[1],
        }.items():
            if key in table:
                return word(holds(table[key]))
        raise AssertionError(table)

    def counted(self, answers: list[str], table: dict[str, Any], more: bool = False) -> str:
        low = answers.count(YES)
        high = low + answers.count(OPEN)
        totals = set(range(low, high + 1)) | (
            {low + 1000} | set(range(low, low + 50)) if more else set()
        )
        if "at_least" in table:
            found = {total >= table["at_least"] for total in totals}
        elif "at_most" in table:
            found = {total <= table["at_most"] for total in totals}
        else:
            found = {total == table["exactly"] for total in totals}
        return OPEN if len(found) == 2 else word(found.pop())

    def judge(self, table: dict[str, Any], scope: list) -> str:
        for key in ("all", "any", "not", "count", "rule", "defined", "compare"):
            if key in table:
                return getattr(self, f"judge_{key}")(table, scope)
        for kind in ("any_of", "all_of", "none_of", "count_of"):
            if kind in table:
                return self.quantified(kind, table, scope)
        return self.leaf(table, scope)

    def judge_all(self, table: dict[str, Any], scope: list) -> str:
        return both(*(self.judge(part, scope) for part in table["all"]))

    def judge_any(self, table: dict[str, Any], scope: list) -> str:
        return either(*(self.judge(part, scope) for part in table["any"]))

    def judge_not(self, table: dict[str, Any], scope: list) -> str:
        return opposite(self.judge(table["not"], scope))

    def judge_count(self, table: dict[str, Any], scope: list) -> str:
        return self.counted([self.judge(part, scope) for part in table["count"]], table)

    def judge_rule(self, table: dict[str, Any], scope: list) -> str:
        return self.use("rule", table["rule"], scope)

    def judge_defined(self, table: dict[str, Any], scope: list) -> str:
        return self.use("defined", table["defined"], scope)

    def judge_compare(self, table: dict[str, Any], scope: list) -> str:
        left, right = (self.number(name, scope) for name in table["compare"])
        if left is None or right is None:
            return OPEN
        sides = {"above": left > right, "at_least": left >= right, "below": left < right}
        return word({**sides, "at_most": left <= right, "equals": left == right}[table["is"]])

    def quantified(self, kind: str, table: dict[str, Any], scope: list) -> str:
        name, answers = table[kind], []
        for element in self.elements(name):
            here = YES
            if "matching" in table:
                mine, theirs = element.get(table["matching"]), scope[-1][1].get("id")
                here = OPEN if mine is None or theirs is None else word(mine == theirs)
            inside = self.judge(table["where"], [*scope, (name, element)])
            answers.append(
                either(opposite(here), inside) if kind == "all_of" else both(here, inside)
            )
        gap = self.gap(name)
        if kind == "all_of":
            return both(*answers, OPEN if gap else YES)
        if kind == "count_of":
            return self.counted(answers, table, more=gap)
        found = either(*answers, OPEN if gap else NO)
        return opposite(found) if kind == "none_of" else found
