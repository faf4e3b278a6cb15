'''HTTP: routes, the checks before a handler, problem documents, and the API description.

A complete service::

    from marshmallow import Schema, fields, validate

    from chassis.http import pages, problem_types
    from chassis.http.app import Service, create_app
    from chassis.http.auth import Verifier
    from chassis.http.routing import JSON, TEXT, Response, Request, Routes, ResponseSpec
    from chassis.http.errors import Problem, ProblemType
    from chassis.http.headers import etag, require_revision, wait_seconds
    from chassis.http.idempotency import once
    from chassis.storage.idempotency import IdempotencyKeys

    class ThingSchema(Schema):              # unknown fields are refused by marshmallow itself
        size_mm = fields.Integer(strict=True, required=True, validate=validate.Range(1, 300))

    class ThingList(pages.PageQuery):       # limit and cursor, and a filter of our own
        colour = fields.String(load_default=None)

    TOO_ODD = ProblemType("too-odd", 422, "The thing is too odd", "Send an even size.")
    THING = ThingSchema()                   # an INSTANCE: a class is rebuilt on every request
    routes = Routes("things")

    @routes.route("POST", "/v1/things", scope="things:write", body=THING,
                headers={"Idempotency-Key": "Required; the same for each retry."},
                examples={"small": {"size_mm": 4}},
                responses={202: ResponseSpec("Accepted.", example={"id": "..."})})
    def submit_thing(request: Request, dependencies: Dependencies) -> Response:
        """Accepts a thing."""
        with dependencies.database.write() as connection:
            keys = IdempotencyKeys(connection, dependencies.tables.idempotency)
            return once(keys, request, lambda: accept(connection, request.principal, request.body))

    @routes.route("GET", "/v1/things/<thing_id>", scope="things:read", produces=(JSON, TEXT))
    def read_thing(request: Request, dependencies: Dependencies, thing_id: str) -> Response:
        """Shows a thing."""
        with dependencies.database.read() as connection:
            thing = Things(connection).get(request.tenant_id, thing_id)
        if thing is None:
            raise Problem(problem_types.NOT_FOUND)
        if request.accepts == TEXT:
            return Response(thing.as_text())  # text -> text/plain
        return Response(thing.document, headers={"ETag": etag(3)})  # bytes are sent unchanged

    app = create_app(Service(
        "things", "1.0", [routes], Verifier(jwks_file, "audience"), dependencies,
        ready={"database": database.ping}, exceptions={OddThing: TOO_ODD}))

What the route has already done when the handler is called: token (401), scope (403), `Accept`
(406), query string (400 `invalid-query`), media type (415), size (413), strict JSON (400), schema
(422, with every fault and its JSON pointer). It is called as
`handler(request, dependencies, **variables)`.

* `request.principal`, `request.tenant_id`, `request.body` (what the schema made),
  `request.document` (the JSON as sent), `request.query`, `request.accepts`, `request.headers`,
  `request.request_id`, `request.traceparent`.
* `Response(body, status, headers)`: dict or list -> orjson, bytes -> sent as they are, str -> text.
* Raise `Problem(kind, detail, errors=[{"pointer": "/a/0", "detail": ...}], headers={...})`, or
  raise an exception of the domain that `Service.exceptions` maps to a `ProblemType`.
* `require_revision(request.headers, current)` (428, 412), `wait_seconds(request.headers)`,
  `etag(3)`.
* Typed answers, from which foreign clients are generated: declare what an answer is made of as
  `msgspec.Struct` (or dataclass) and name the class, `ResponseSpec("…", Thing)`; return
  `Response(thing)`, or a dict with structs in it. Each class becomes the component schema of its
  name; its docstring describes it, the entries of its `Attributes:` describe the members::

      class Colour(StrEnum):
          """A colour.

          Attributes:
              red: As blood.                  # each code, as it is sent, with its meaning
              dark-blue: As the sea.
          """

          RED = "red"
          DARK_BLUE = "dark-blue"

      class Thing(Struct, frozen=True, omit_defaults=True, kw_only=True):
          """A thing.

          Attributes:
              size_mm: Its outer size.
              kind: What it is.
                  small: Fits in a hand.      # the codes of a Literal stand below its entry
                  big: Does not.
          """

          size_mm: int
          kind: Literal["small", "big"] = "small"
          colour: Colour | None = None

  With `omit_defaults=True` what is None is absent, never null, and described so; without it every
  member is always there. Codes read from data: `Colour = components.coded("Colour", "A colour.",
  {"red": "As blood."})`. Unions only of tagged structs (`tag="cat"`, `tag_field="kind"`); name a
  union that is a whole answer by `Pet = Annotated[Cat | Dog, Meta(title="Pet")]`. Bytes of another
  service that pass through unchanged: a member of the type `components.described_elsewhere(
  "AccountDecision", service="accounts", schema="Decision")`. Two classes of one name in one
  service are refused, and so is a class named like a request's schema.
* A member of a request that another typed class describes, such as an answer that is sent back:
  `StructField(Thing, required=True, validate=…)` in the marshmallow schema.
* The handler's docstring: the first line is the operation's summary, the rest its description.
* Lists: `pages.PageQuery`, `pages.cursor()`, `pages.position(text, str, int)`, `pages.links()`.
* PATCH: `consumes=(MERGE_PATCH, JSON)` and a `partial=True` schema; what is merged is checked by
  `validation.load(THING, merged)`.

This package imports nothing by itself, so that a process without Flask can use
`errors` and `headers` alone.
'''  # noqa: D214 - a docstring within it
