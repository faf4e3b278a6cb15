"""The minimal red-flag screen, as a rule that can be read like the others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from diagnosis.judge.computed import screen_facts
from diagnosis.judge.ruleset import Ruleset, RulesInForce
from diagnosis.judge.screen import AGE
from rules import Rule, RuleVersion
from rules.catalogue.label import RestsOn
from rules.language.nodes import Leaf, Ref
from rules.language.sentences import Sentences

FILE: Final = "screen.toml"


def screen_rule(ruleset: Ruleset, sentences: Sentences) -> Rule:
    """Show the screen as a rule: it fires while one of its questions is open."""
    table = ruleset.knowledge.other[FILE]
    items = table["item"]
    start = ruleset.knowledge.first_date
    if start is None:
        raise LookupError(ruleset.version)
    action = sentences.text("screen.rule.action")
    version = RuleVersion(
        start=start,
        end=None,
        strength=sentences.text("strength.project_choice"),
        because=sentences.text("screen.rule.because"),
        sources=tuple(sorted({key for item in items for key in item["sources"]})),
        when={"items": items},
        then={"effect": "hold", "urgency": "hold", "action": action},
        condition=Leaf(Ref(AGE), "known", expected=False),
        project_choice=sentences.text("screen.rule.project_choice"),
    )
    title = sentences.text("screen.rule.title")
    return Rule(table["rule"], title, "active", None, (version,), FILE, {})


def screen_in_words(items: Sequence[Mapping[str, Any]], sentences: Sentences) -> str:
    """Write what the screen asks, item by item."""
    asked = [
        sentences.text(
            "screen.rule.in_words_item",
            n=item["n"], asks=item["asks"], rules=", ".join(item["rules"]),
        )
        for item in items
    ]  # fmt: skip
    first, last = (sentences.text(f"screen.rule.{key}") for key in ("in_words", "in_words_age"))
    return "\n".join([first, *asked, last])


def screen_rests_on(rules: RulesInForce) -> RestsOn:
    """Name what the screen asks for and looks at."""
    whens = {more["when"] for item in rules.screen for more in item.get("needs_when", ())}
    positives = {item["positive"] for item in rules.screen}
    named = {rule for item in rules.screen for rule in item["rules"]}
    return RestsOn(sorted(whens | positives), sorted(named), screen_facts(rules))
