'''What a service says over HTTP: routes, checks before them, problems instead of surprises.

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
* Lists: `pages.PageQuery`, `pages.cursor()`, `pages.position(text, str, int)`, `pages.links()`.
* PATCH: `consumes=(MERGE_PATCH, JSON)` and a `partial=True` schema; what is merged is checked by
  `validation.load(THING, merged)`.

This package imports nothing by itself, so that a process without Flask can use
`errors` and `headers` alone.
'''
