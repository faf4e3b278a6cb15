"""Rules as they are written and as they are served."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from diagnosis.judge import Ruleset
from diagnosis.write import load_sentences, screen_in_words, screen_rests_on, screen_rule
from rules import Rule, RuleVersion
from rules.catalogue.pages import About, page, summary

URGENCIES: Final = ("emergency", "same_day", "urgent", "hold", "routine")
EFFECTS: Final = ("lock", "hold", "note", "reassurance")


class _Note(Schema):
    when = fields.String(required=True)
    sentence = fields.String(required=True)


class _Grade(Schema):
    when = fields.String(required=True)
    effect = fields.String(required=True, validate=validate.OneOf(EFFECTS))
    urgency = fields.String(required=True, validate=validate.OneOf(URGENCIES))
    action = fields.String(required=True)
    withholds = fields.List(fields.String(validate=validate.OneOf(["needle", "energy", "manual"])))


class _Flag(_Grade):
    when = fields.String(dump_only=True)
    out_of_scope = fields.Boolean()
    grades = fields.List(fields.Nested(_Grade))
    notes = fields.List(fields.Nested(_Note))


class _Criterion(Schema):
    side = fields.String(required=True, validate=validate.OneOf(["for", "against", "neutral"]))
    category = fields.String()
    examination = fields.String()
    lowers = fields.Boolean()
    of_nodule = fields.String()
    notes = fields.List(fields.Nested(_Note))


class _Differential(Schema):
    rank = fields.Integer(required=True)
    pointer = fields.String(required=True)
    competes = fields.Boolean(required=True)
    first_when = fields.String()
    to_examine_when = fields.String()
    unless = fields.String()
    notes = fields.List(fields.Nested(_Note))


class _Examination(Schema):
    examination = fields.String(required=True)
    settles = fields.List(fields.String(), required=True)
    ask_when_unknown = fields.Boolean()
    before_treatment = fields.Boolean()


_SHAPES: Final[tuple[Schema, ...]] = (_Flag(), _Criterion(), _Differential(), _Examination())
_DECIDING_FIELDS: Final = (
    "effect",
    "side",
    "pointer",
    "settles",
)  # a field that only one shape has


def rule_faults(then: Mapping[str, Any], _version: RuleVersion) -> list[str]:
    """Lists what is wrong with a rule's `[then]`."""
    for field, shape in zip(_DECIDING_FIELDS, _SHAPES, strict=True):
        if field in then:
            return _faults(shape, then)
    return [f"it has none of {', '.join(_DECIDING_FIELDS)}, so nobody knows what follows."]


def _faults(shape: Schema, then: Mapping[str, Any]) -> list[str]:
    try:
        shape.load(dict(then))
    except ValidationError as error:
        messages = error.messages if isinstance(error.messages, dict) else {"": error.messages}
        return [f"{name}: {faults}" for name, faults in messages.items()]
    return []


def rules_listed(ruleset: Ruleset) -> list[Rule]:
    """Lists the rules in the order of their ids, the screen among them."""
    rules = [*ruleset.knowledge.rules.values(), screen_rule(ruleset, load_sentences())]
    return sorted(rules, key=lambda rule: rule.id)


def rule_summary(rule: Rule) -> dict[str, Any]:
    """Shows a rule in a list: its newest version in short."""
    return summary(rule)


def rule_view(ruleset: Ruleset, rule: Rule, about: About) -> dict[str, Any]:
    """Shows a rule whole: its versions, what it reads and rests on, its label and its tests."""
    named = {"ruleset": {"version": ruleset.version, "sha256": ruleset.sha256}}
    if rule.id in ruleset.knowledge.rules:
        return page(ruleset.knowledge, rule, about) | named
    version = rule.versions[0]
    rests_on = screen_rests_on(ruleset.in_force(version.start))
    shown = page(ruleset.knowledge, rule, about, rests_on)
    shown["versions"][0]["in_words"] = screen_in_words(version.when["items"], load_sentences())
    return shown | named
