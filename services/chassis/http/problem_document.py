"""The body of a problem as clients read it; `errors` writes it."""

from typing import Any

from msgspec import Struct


class Allowed(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What would have been allowed at a place.

    Attributes:
        type: The type of JSON value, a date or a date-time.
        values: Each value that is allowed.
        fields: Each name of a member that is allowed.
        min: The least number.
        max: The largest number.
        length_min: The least length.
        length_max: The largest length.
        length: The only length.
        pattern: The regular expression that text must match.
    """

    type: str | None = None
    values: list[Any] | None = None
    fields: list[str] | None = None
    min: float | None = None
    max: float | None = None
    length_min: int | None = None
    length_max: int | None = None
    length: int | None = None
    pattern: str | None = None


class Fault(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One fault of a request, and its place.

    Attributes:
        detail: What is wrong, in one sentence.
        pointer: The place in the body: a JSON pointer (RFC 6901); the whole body if empty.
        parameter: The query parameter, if it is one.
        found: What is there: a kind of value, a number or a code; never text of the caller.
        allowed: What would have been allowed.
        contradicts: The JSON pointer of the place that says otherwise.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    found: str | None = None
    allowed: Allowed | None = None
    contradicts: str | None = None


class ProblemDocument(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why a request was not answered as hoped (RFC 9457); further members depend on the type.

    Attributes:
        type: The kind of problem: an address at which it is explained, `/problems/…`.
        title: The same short sentence for each problem of this type.
        status: The HTTP status.
        detail: What happened this time, or what to do.
        instance: The path of the request.
        request_id: The id that the logs have of this request.
        errors: Each fault of the request, with its place.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    request_id: str | None = None
    errors: list[Fault] | None = None
