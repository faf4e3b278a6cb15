"""Named component schemas of the API description, made from typed classes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from inspect import cleandoc
from typing import Annotated, Any, Final

import msgspec
from msgspec import inspect

Shape = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"
DESCRIBED_BY: Final = "x-described-by"
"""Marks a component that another service describes: `{"service", "schema"}`."""
_ENTRY: Final = re.compile(r"([^:]+?)(?: \([^)]*\))?:(?:\s+|$)(.*)")
_PART: Final = re.compile(r"^Attributes:\s*$", re.MULTILINE)
_PART_END: Final = re.compile(r"^\S", re.MULTILINE)
_ABOUT_MEMBER: Final = "x-about-member"
"""What a class says of a member that another service describes; it stands beside the reference."""
_INFO_MEMBERS: Final = ("type", "types", "item_type", "item_types", "key_type", "value_type")


def coded(name: str, description: str, codes: Mapping[str, str]) -> type[StrEnum]:
    """Return an enumeration of codes that are only known when the program runs.

    Args:
        name: Of the class, and of its component.
        description: What the codes say, in one sentence.
        codes: What each code means, by code.
    """
    explained = "\n".join(f"    {code}: {meaning}" for code, meaning in codes.items())
    members = {variable_name(code): code for code in codes}
    made = StrEnum(name, members)  # type: ignore[misc] # its codes are data
    made.__doc__ = f"{description}\n\nAttributes:\n{explained}\n"
    return made


def described_elsewhere(name: str, service: str, schema: str) -> Any:
    """Return the type of a member whose bytes come unchanged from another service.

    In the service's own description the component is an open object; in the description of the
    whole it is the other service's component.

    Args:
        name: Of the component here.
        service: The service that describes it.
        schema: The name of the component there.
    """
    about = {
        "type": "object",
        "additionalProperties": True,
        DESCRIBED_BY: {"service": service, "schema": schema},
    }
    description = f"As {service} describes it: {schema}."
    meta = msgspec.Meta(title=name, description=description, extra_json_schema=about)
    return Annotated[msgspec.Raw, meta]


def variable_name(code: str) -> str:
    """Return a name for a code in generated programs."""
    name = re.sub(r"\W+", "_", code, flags=re.ASCII).strip("_").upper()
    return name if name and not name[0].isdigit() else f"VALUE_{name}"


def explain_codes(schema: Shape, meanings: Mapping[str, str]) -> None:
    """Write what each code of an enumeration means, for generators and for readers.

    Args:
        schema: A schema with `enum`; it is changed.
        meanings: By code.
    """
    codes = [code for code in schema["enum"] if code is not None]
    schema["x-enum-varnames"] = [variable_name(str(code)) for code in codes]
    if len({*schema["x-enum-varnames"]}) < len(codes):  # "<" and ">" have no names of their own
        schema["x-enum-varnames"] = [f"VALUE_{number}" for number in range(len(codes))]
    if not set(codes) <= meanings.keys():
        return
    schema["x-enum-descriptions"] = [meanings[code] for code in codes]
    listed = "\n".join(f"* `{code}`: {meanings[code]}" for code in codes)
    schema["description"] = "\n\n".join(filter(None, [schema.get("description"), listed]))


class Components:
    """The component schemas of one description, by name.

    Args:
        types: Every class or union of classes that a response is declared with.
        names: Names of components that differ from the names of their classes.
    """

    def __init__(self, types: Iterable[Any], names: Mapping[str, str] | None = None) -> None:
        self.schemas: dict[str, Shape] = {}
        self._names = dict(names or {})
        self._types = list(types)
        classes = _classes_by_name(self._types)
        made, described = msgspec.json.schema_components(self._types, ref_template=REFERENCE)
        for name, schema in described.items():
            _tidy_class(schema, classes.get(name))
            self._add(name, self._without_inline(schema))
        self._made = [self.place(schema) for schema in made]

    def of(self, type_: Any) -> Shape:
        """Return the schema, most often a reference, of one of the given types."""
        return self._made[next(n for n, known in enumerate(self._types) if known is type_)]

    def place(self, schema: Mapping[str, Any]) -> Shape:
        """Return a schema in which everything that has a title is a reference to a component.

        Args:
            schema: A JSON Schema; its titles become the names of components.
        """
        placed = self._without_inline(schema)
        name, about = placed.get("title"), placed.pop(_ABOUT_MEMBER, None)
        if name is None:
            return placed
        nullable = isinstance(placed.get("type"), list)
        if nullable:
            placed["type"] = next(kind for kind in placed["type"] if kind != "null")
        reference = self._add(name, placed)
        about_it = {"description": about} if about else {}
        return {"anyOf": [reference, {"type": "null"}]} if nullable else reference | about_it

    def _add(self, name: str, schema: Shape) -> Shape:
        name = self._names.get(name, name)
        schema.pop("title", None)
        if self.schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two different schemas are called {name}")
        return {"$ref": REFERENCE.format(name=name)}

    def _without_inline(self, schema: Mapping[str, Any]) -> Shape:
        placed = dict(schema)
        for member in ("items", "additionalProperties"):
            if isinstance(placed.get(member), Mapping):
                placed[member] = self.place(placed[member])
        for member in ("anyOf", "oneOf"):
            if member in placed:
                placed[member] = [self.place(one) for one in placed[member]]
        if placed.get("type") == "array":
            placed.setdefault("items", {})
        if placed.get("type") == "object" and "properties" not in placed:
            placed.setdefault("additionalProperties", True)
        if "properties" in placed:
            placed["properties"] = {
                name: self.place(inner) for name, inner in placed["properties"].items()
            }
        return _one_of(self._renamed(placed))

    def _renamed(self, schema: Shape) -> Shape:
        for name, other in self._names.items():
            if schema.get("$ref") == REFERENCE.format(name=name):
                schema["$ref"] = REFERENCE.format(name=other)
        return schema


def _one_of(schema: Shape) -> Shape:
    """Say of a tagged union that exactly one of its members is meant."""
    if "discriminator" in schema and "anyOf" in schema:
        schema["oneOf"] = schema.pop("anyOf")
    nested = [one for one in schema.get("anyOf", ()) if "discriminator" in one]
    if nested and len(schema["anyOf"]) > 1 and "title" not in nested[0]:
        union = nested[0]  # `A | B | None`: null is one more member, not a union of its own
        schema["anyOf"] = [{"oneOf": union["oneOf"], "discriminator": union["discriminator"]}]
        schema["anyOf"].append({"type": "null"})
    return schema


def _tidy_class(schema: Shape, class_: type | None) -> None:
    """Turn what msgspec says of a class into what readers and generators need."""
    text, entries = _split_docstring(schema.get("description", ""))
    schema.pop("description", None)
    if text:
        schema["description"] = text
    if "enum" in schema:
        schema["type"] = "string" if isinstance(schema["enum"][0], str) else "integer"
        explain_codes(schema, {name: " ".join(entry.split()) for name, entry in entries.items()})
        return
    entries = _inherited_entries(class_) | entries
    absent = bool(getattr(getattr(class_, "__struct_config__", None), "omit_defaults", False))
    for name, inner in schema.get("properties", {}).items():
        left_out = absent and "default" in inner  # what may be unset has none, and can be null
        _tidy_property(inner, entries.get(name, ""), text, absent=left_out)
        if not absent and name not in schema.setdefault("required", []):
            schema["required"].append(name)  # it is always written
    schema["properties"] = {
        name: _member(inner["anyOf"][0], {k: v for k, v in inner.items() if k != "anyOf"})
        if len(inner.get("anyOf", ())) == 1
        else inner
        for name, inner in schema.get("properties", {}).items()
    }


def _member(schema: Shape, about: Shape) -> Shape:
    """Add what a class says of a member, but to a component, which describes itself."""
    if "title" in schema:
        return about | schema | {_ABOUT_MEMBER: about.get("description")}
    return schema | about


def _inherited_entries(class_: type | None) -> dict[str, str]:
    entries: dict[str, str] = {}
    for base in reversed(getattr(class_, "__mro__", ())[1:-1]):
        entries |= _split_docstring(cleandoc(base.__doc__ or ""))[1]
    return entries


def _tidy_property(schema: Shape, entry: str, class_text: str, *, absent: bool) -> None:
    schema.pop("default", None)
    coded = list(_enumerations(schema))
    text, meanings = _split_entry(entry, {code for one in coded for code in one["enum"]})
    if text and "description" not in schema:
        schema["description"] = text
    elif text and DESCRIBED_BY in schema:
        schema[_ABOUT_MEMBER] = text
    if absent and "anyOf" in schema:
        schema["anyOf"] = [one for one in schema["anyOf"] if one != {"type": "null"}]
    for one in coded:
        one.setdefault("type", "string")
        tag = {one["enum"][0]: class_text} if len(one["enum"]) == 1 and class_text else {}
        explain_codes(one, tag | meanings)


def _enumerations(schema: Shape) -> Iterator[Shape]:
    """Yield what lists codes: a member itself, each of its items, or it unless it is null."""
    if "enum" in schema:
        yield schema
    for inner in (
        *schema.get("anyOf", ()),
        schema.get("items"),
        schema.get("additionalProperties"),
    ):
        if isinstance(inner, dict):
            yield from _enumerations(inner)


def _split_docstring(docstring: str) -> tuple[str, dict[str, str]]:
    """Return what a docstring says before its `Attributes:`, and each entry of these by name."""
    found = _PART.search(docstring)
    if found is None:
        return docstring.strip(), {}
    rest = docstring[found.end() :].lstrip("\n")
    if end := _PART_END.search(rest):
        rest = rest[: end.start()]
    return docstring[: found.start()].strip(), dict(_entries(rest))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    name, collected = "", list[str]()
    for line in lines:
        entry = _ENTRY.match(line.strip()) if line[margin : margin + 1].strip() else None
        if entry is None:
            collected.append(line.strip())
            continue
        if name:
            yield name, "\n".join(collected)
        name, collected = entry[1], [entry[2]]
    if name:
        yield name, "\n".join(collected)


def _split_entry(entry: str, codes: Iterable[Any]) -> tuple[str, dict[str, str]]:
    """Return the text of an entry without the lines that explain single codes, and these."""
    text, meanings = list[str](), dict[str, str]()
    for line in entry.splitlines():
        found = _ENTRY.match(line)
        if found and found[1] in codes:
            meanings[found[1]] = found[2]
        elif meanings:
            last = next(reversed(meanings))
            meanings[last] += f" {line}"
        else:
            text.append(line)
    return " ".join(text), meanings


def _classes_by_name(types: Iterable[Any]) -> dict[str, type]:
    found: dict[str, type] = {}
    waiting = list(inspect.multi_type_info(types))
    while waiting:
        info = waiting.pop()
        class_ = getattr(info, "cls", None)
        if class_ is not None and class_.__name__ in found:
            if found[class_.__name__] is not class_:
                raise ValueError(f"two classes are called {class_.__name__}")
            continue
        if class_ is not None:
            found[class_.__name__] = class_
        waiting += _inner(info)
    return found


def _inner(info: Any) -> Iterator[Any]:
    for member in _INFO_MEMBERS:
        inner = getattr(info, member, None)
        if isinstance(inner, inspect.Type):
            yield inner
        elif isinstance(inner, tuple):
            yield from (one for one in inner if isinstance(one, inspect.Type))
    for field in getattr(info, "fields", ()):
        yield field.type
