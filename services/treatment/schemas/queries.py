"""Query strings."""

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery


class PlanQuery(Schema):
    """Whether to show the reasoning rule by rule."""

    expand = fields.String(
        load_default=None, validate=validate.OneOf(["explanation"], ["the reasoning, rule by rule"])
    )


class GuidanceListQuery(PageQuery):
    """The rules of guidance, in the order of their ids."""
