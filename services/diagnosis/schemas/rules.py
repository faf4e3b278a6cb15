"""Rules as they are written and as they are served."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from chassis.knowledge import Rule, RuleVersion
from diagnosis.domain import Ruleset

URGENCIES: Final = ("emergency", "same_day", "urgent", "hold", "routine")
EFFECTS: Final = ("lock", "hold", "note", "reassurance")
SIGN_OFF: Final = "clinical sign-off: none yet"


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
    rank = fields.Integer(required=True)
    examination = fields.String(required=True)
    settles = fields.List(fields.String(), required=True)
    ask_when_unknown = fields.Boolean()
    before_treatment = fields.Boolean()


_SHAPES: Final[tuple[Schema, ...]] = (_Flag(), _Criterion(), _Differential(), _Examination())
_TELLING: Final = ("effect", "side", "pointer", "settles")  # a field that only one shape has


def rule_faults(then: Mapping[str, Any], _version: RuleVersion) -> list[str]:
    """Says what is wrong with a rule's `[then]`."""
    for telling, shape in zip(_TELLING, _SHAPES, strict=True):
        if telling in then:
            return _faults(shape, then)
    return [f"it has none of {', '.join(_TELLING)}, so nobody knows what follows."]


def _faults(shape: Schema, then: Mapping[str, Any]) -> list[str]:
    try:
        shape.load(dict(then))
    except ValidationError as error:
        messages = error.messages if isinstance(error.messages, dict) else {"": error.messages}
        return [f"{name}: {faults}" for name, faults in messages.items()]
    return []


def rule_summary(rule: Rule) -> dict[str, Any]:
    """Shows a rule in a list: its newest version in short."""
    newest = rule.versions[-1]
    return {
        "id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "in_force": _dates(newest),
        "strength": newest.strength,
        "because": newest.because,
        "sources": list(newest.sources),
    }


def rule_view(ruleset: Ruleset, rule: Rule) -> dict[str, Any]:
    """Shows a rule whole: every version, its conditions, what it reads and what it rests on."""
    bibliography = ruleset.knowledge.bibliography
    keys = sorted({key for version in rule.versions for key in version.sources})
    return {
        "id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "judged_over": rule.over,
        "sign_off": SIGN_OFF,
        "versions": [_version(version) for version in rule.versions],
        "facts": _facts(ruleset, rule),
        "file": rule.file,
        "ruleset": {"version": ruleset.version, "sha256": ruleset.sha256},
        "citations": {key: dict(bibliography[key]) for key in keys},
    }


def _version(version: RuleVersion) -> dict[str, Any]:
    return {
        "in_force": _dates(version),
        "strength": version.strength,
        "strength_note": version.strength_note,
        "project_choice": version.project_choice,
        "because": version.because,
        "sources": list(version.sources),
        "when": dict(version.when),
        "then": dict(version.then),
    }


def _dates(version: RuleVersion) -> dict[str, str | None]:
    until = version.end.isoformat() if version.end else None
    return {"from": version.start.isoformat(), "to": until}


def _facts(ruleset: Ruleset, rule: Rule) -> list[str]:
    """Lists the facts that the newest version reads; a draft is read by nobody."""
    if rule.status == "draft":
        return []
    rules = ruleset.in_force(rule.versions[-1].start)
    names = rules.compiled.facts_of(rule.id)
    return sorted(name for name in names if name.partition("[")[0] not in rules.derived)
