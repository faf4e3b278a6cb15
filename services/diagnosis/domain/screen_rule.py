"""RFS-13, the minimal red-flag screen, as a rule that can be read like the others."""

from collections.abc import Mapping
from typing import Any, Final

from diagnosis.domain.deciding import SCREEN
from diagnosis.domain.reading import screen_facts
from diagnosis.domain.ruleset import Ruleset, RulesInForce
from rules import Rule, RuleVersion
from rules.catalogue.label import RestsOn
from rules.language.nodes import Leaf, Ref

FILE: Final = "screen.toml"
TITLE: Final = "Minimal red-flag screen, incomplete"
BECAUSE: Final = (
    "Needle, energy or manual treatment of a nodule waits until all thirteen questions, and the "
    "age, are answered; what was not asked is shown as not asked, never as a no."
)
CHOICE: Final = "Which questions belong to the screen, and that all of them must be answered."
ACTION: Final = "Ask what is missing before anything is applied to a nodule."


def screen_rule(ruleset: Ruleset) -> Rule:
    """Show the screen as a rule: it fires while one of its questions is open."""
    items = ruleset.knowledge.other[FILE]["item"]
    start = ruleset.knowledge.first_date
    if start is None:
        raise LookupError("no rule was ever in force")
    version = RuleVersion(
        start=start,
        end=None,
        strength="project choice",
        because=BECAUSE,
        sources=tuple(sorted({key for item in items for key in item["sources"]})),
        when={"items": items},
        then={"effect": "hold", "urgency": "hold", "action": ACTION},
        condition=Leaf(Ref("age_years"), "known", expected=False),
        project_choice=CHOICE,
    )
    return Rule(SCREEN, TITLE, "active", None, (version,), FILE, {})


def screen_in_words(items: list[Mapping[str, Any]]) -> str:
    """Write what the screen asks, item by item."""
    asked = [f"- {item['n']}. {item['asks']} ({', '.join(item['rules'])})" for item in items]
    return "\n".join(["At least one of these is not answered:", *asked, "- Age"])


def screen_rests_on(rules: RulesInForce) -> RestsOn:
    """Say what the screen asks for and looks at."""
    whens = {more["when"] for item in rules.screen for more in item.get("needs_when", ())}
    positives = {item["positive"] for item in rules.screen}
    named = {rule for item in rules.screen for rule in item["rules"]}
    return RestsOn(sorted(whens | positives), sorted(named), screen_facts(rules))
