"""Query strings."""

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery


class AssessmentQuery(Schema):
    """Which revision, and whether to show the reasoning rule by rule."""

    revision = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    expand = fields.String(
        load_default=None, validate=validate.OneOf(["explanation"], ["the reasoning, rule by rule"])
    )


class ProofQuery(Schema):
    """Which revision; the newest one that there is, if left out."""

    revision = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))


class RuleListQuery(PageQuery):
    """The rules, in the order of their ids."""
