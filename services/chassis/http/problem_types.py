"""The problems that any service can have; services add their own."""

from typing import Final

from chassis.http.errors import ProblemType

MALFORMED_JSON: Final = ProblemType(
    "malformed-json",
    400,
    "The body is not JSON as we read it",
    "Send one JSON document in UTF-8, with each name once.",
)
DUPLICATE_NAME: Final = ProblemType(
    "duplicate-name",
    400,
    "An object names the same thing twice",
    "Name each thing once; two values cannot both be meant.",
)
NOT_FINITE: Final = ProblemType(
    "not-finite",
    400,
    "A number is not finite",
    "JSON has no NaN and no infinity; leave out what is not known.",
)
TOO_DEEP: Final = ProblemType(
    "too-deep", 400, "The body is nested too deeply", "Send at most 64 levels of objects and lists."
)
BAD_QUERY: Final = ProblemType(
    "invalid-query",
    400,
    "A query parameter is not as it should be",
    "See `errors` for each parameter and what it may hold.",
)
BAD_CURSOR: Final = ProblemType(
    "invalid-cursor",
    400,
    "The cursor is not one of ours",
    "Follow the address in the `Link` header unchanged.",
)
KEY_REQUIRED: Final = ProblemType(
    "idempotency-key-required",
    400,
    "An Idempotency-Key is required",
    "Send a header `Idempotency-Key` with 1 to 255 visible characters: "
    "new for each intended change, the same for each retry.",
)
UNAUTHENTICATED: Final = ProblemType(
    "unauthenticated",
    401,
    "A valid bearer token is required",
    "Send `Authorization: Bearer <token>` with a current ES256 token for this audience.",
)
FORBIDDEN: Final = ProblemType(
    "missing-scope",
    403,
    "The token lacks a scope",
    "Ask for a token with the scope that `scope` names.",
)
NOT_FOUND: Final = ProblemType(
    "not-found",
    404,
    "There is nothing here",
    "Check the address; what belongs to another tenant looks the same.",
)
WRONG_METHOD: Final = ProblemType(
    "method-not-allowed",
    405,
    "This address does not take this method",
    "Use a method that the `Allow` header lists.",
)
NOT_ACCEPTABLE: Final = ProblemType(
    "not-acceptable",
    406,
    "None of the accepted media types is served here",
    "Accept one of those that `allowed` lists.",
)
KEY_IN_USE: Final = ProblemType(
    "idempotency-key-in-use",
    409,
    "The first request with this key is still running",
    "Repeat it after `Retry-After`.",
)
CONFLICT: Final = ProblemType(
    "conflict", 409, "The request collides with the current state", "Read it again, then decide."
)
STALE: Final = ProblemType(
    "stale-revision",
    412,
    "The thing has changed since you read it",
    "Read it again and send its new `ETag` as `If-Match`.",
)
TOO_LARGE: Final = ProblemType(
    "body-too-large", 413, "The body is too large", "Send at most the bytes that `limit` names."
)
WRONG_MEDIA_TYPE: Final = ProblemType(
    "unsupported-media-type",
    415,
    "The body has a media type that is not read here",
    "Send one that `allowed` lists.",
)
INVALID: Final = ProblemType(
    "validation-failed",
    422,
    "The body does not fit the schema",
    "`errors` lists every fault with its JSON pointer, what was found, and what is allowed.",
)
KEY_REUSED: Final = ProblemType(
    "idempotency-key-reused",
    422,
    "This Idempotency-Key was used for another request",
    "Use a new key for a new request, and the same body for a retry.",
)
REVISION_REQUIRED: Final = ProblemType(
    "revision-required",
    428,
    "An If-Match header is required",
    "Send the `ETag` of what you read as `If-Match`.",
)
INTERNAL: Final = ProblemType(
    "internal-error",
    500,
    "We failed",
    "Nothing was stored unless an answer said so. Repeat it, and tell us the request id.",
)
UNAVAILABLE: Final = ProblemType(
    "unavailable",
    503,
    "Not available just now",
    "It may or may not have stored something. Repeat the request after `Retry-After`, "
    "a POST with the same `Idempotency-Key`; before you repeat a PATCH, read again.",
)

COMMON: Final = (
    MALFORMED_JSON,
    TOO_DEEP,
    BAD_QUERY,
    BAD_CURSOR,
    KEY_REQUIRED,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    WRONG_METHOD,
    NOT_ACCEPTABLE,
    KEY_IN_USE,
    CONFLICT,
    STALE,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    INVALID,
    KEY_REUSED,
    REVISION_REQUIRED,
    INTERNAL,
    UNAVAILABLE,
)
