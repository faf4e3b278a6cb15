"""Typed classes become named schemas that a foreign generator can read."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Struct

from chassis.http.components import Components, coded, described_elsewhere

Colour = coded("Colour", "A colour.", {"red": "As blood.", "dark-blue": "As the sea."})


class Urgency(StrEnum):
    """How soon to act.

    Attributes:
        now: At once,
            without delay.
        later: This week.
    """

    NOW = "now"
    LATER = "later"


class Part(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part.

    Attributes:
        size_mm: Its size
            (outer).
        urgency: How soon it is needed.
        kind: What it is.
            small: Fits in a hand.
            big: Does not.
        spare: Another one, if there is one.
    """

    size_mm: int
    urgency: Urgency | None = None
    kind: Literal["small", "big"] = "small"
    spare: "Part | None" = None


class Whole(Struct, frozen=True, kw_only=True):
    name: str
    pieces: tuple[Part, ...] = ()
    note: str | None = None
    main: Part | None = None


class Cat(Struct, tag="cat"):
    """It purrs."""

    lives: int


class Dog(Struct, tag="dog"):
    """It barks."""

    walks: int


class Owner(Struct):
    pet: Cat | Dog | None = None
    raw: described_elsewhere("AccountDecision", "accounts", "Decision") | None = None
    colour: Colour | None = None


Pet = Annotated[Cat | Dog, msgspec.Meta(title="Pet", description="An animal.")]


def schemas(*types: Any) -> dict[str, Any]:
    return Components(types).schemas


def test_an_enumeration_explains_each_code():
    assert schemas(Urgency)["Urgency"] == {
        "type": "string",
        "enum": ["later", "now"],
        "description": "How soon to act.\n\n"
        "* `later`: This week.\n* `now`: At once, without delay.",
        "x-enum-varnames": ["LATER", "NOW"],
        "x-enum-descriptions": ["This week.", "At once, without delay."],
    }


def test_codes_that_are_read_from_data_are_an_enumeration_like_any_other():
    made = schemas(Colour)["Colour"]
    assert made["enum"] == ["dark-blue", "red"]
    assert made["x-enum-varnames"] == ["DARK_BLUE", "RED"]
    assert made["x-enum-descriptions"] == ["As the sea.", "As blood."]


def test_what_is_left_out_when_it_is_none_is_never_null():
    part = schemas(Part)["Part"]
    assert part["description"] == "A part."
    assert part["required"] == ["size_mm"]
    assert part["properties"]["size_mm"] == {"type": "integer", "description": "Its size (outer)."}
    assert part["properties"]["spare"]["$ref"] == "#/components/schemas/Part"
    assert "anyOf" not in part["properties"]["urgency"]


def test_a_literal_is_explained_below_its_attribute():
    kind = schemas(Part)["Part"]["properties"]["kind"]
    assert kind["type"] == "string"
    assert kind["x-enum-descriptions"] == ["Does not.", "Fits in a hand."]
    assert kind["description"].startswith("What it is.\n\n* `big`")


def test_what_is_always_written_is_required_and_can_be_null():
    whole = schemas(Whole)["Whole"]
    assert whole["required"] == ["name", "pieces", "note", "main"]
    assert whole["properties"]["main"]["anyOf"] == [
        {"$ref": "#/components/schemas/Part"},
        {"type": "null"},
    ]


def test_a_union_names_its_discriminator():
    made = Components([Pet, Owner])
    assert made.of(Pet) == {"$ref": "#/components/schemas/Pet"}
    pet = made.schemas["Pet"]
    assert [one["$ref"].rpartition("/")[2] for one in pet["oneOf"]] == ["Cat", "Dog"]
    assert pet["discriminator"]["propertyName"] == "type"
    assert made.schemas["Cat"]["properties"]["type"]["x-enum-descriptions"] == ["It purrs."]
    nullable = made.schemas["Owner"]["properties"]["pet"]["anyOf"]
    assert set(nullable[0]) == {"oneOf", "discriminator"}
    assert nullable[1] == {"type": "null"}


def test_what_another_service_describes_is_a_component_that_says_so():
    made = schemas(Owner)
    assert made["AccountDecision"]["x-described-by"] == {
        "service": "accounts",
        "schema": "Decision",
    }
    assert made["Owner"]["properties"]["raw"]["anyOf"][0] == {
        "$ref": "#/components/schemas/AccountDecision"
    }


def test_shapes_with_a_title_are_components():
    made = Components([])
    inner = {"type": ["object", "null"], "title": "Inner", "properties": {}}
    placed = made.place({"type": "object", "title": "Outer", "properties": {"inner": inner}})
    assert placed == {"$ref": "#/components/schemas/Outer"}
    assert made.schemas["Inner"] == {"type": "object", "properties": {}}
    assert made.schemas["Outer"]["properties"]["inner"]["anyOf"][1] == {"type": "null"}


def test_what_a_class_inherits_is_described_as_in_its_base():
    class Special(Part, frozen=True, omit_defaults=True, kw_only=True):
        """A special part.

        Attributes:
            price: What it costs.
        """

        price: int

    members = schemas(Special)["Special"]["properties"]
    assert members["size_mm"]["description"] == "Its size (outer)."
    assert members["price"]["description"] == "What it costs."


def test_two_things_of_one_name_are_refused():
    other = type("Part", (Struct,), {"__annotations__": {"a": int}})
    with pytest.raises(ValueError, match="Part"):
        Components([Part, other])
    made = Components([Part])
    with pytest.raises(ValueError, match="Part"):
        made.place({"type": "object", "title": "Part"})
