"""A small service that has nothing to do with anything, and people who may use it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate

from chassis import clock
from chassis.http import pages
from chassis.http.app import Service, create_app
from chassis.http.auth import Verifier
from chassis.http.errors import ProblemType
from chassis.http.routing import JSON, MERGE_PATCH, TEXT, Request, Response, ResponseSpec, Routes
from chassis.storage.database import Unavailable

AUDIENCE = "things"
TOO_ODD = ProblemType("too-odd", 422, "The thing is too odd", "Send an even size.")


class OddThing(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.errors = [{"pointer": "/size_mm", "detail": sentence}]


class PartSchema(Schema):
    size_mm = fields.Integer(strict=True, required=True, validate=validate.Range(1, 300))
    side = fields.String(validate=validate.OneOf(["left", "right"]))


class ThingSchema(Schema):
    pieces = fields.List(fields.Nested(PartSchema()))
    name = fields.String(validate=validate.Length(1, 40))
    on = fields.Boolean(truthy={True}, falsy={False})


class ThingQuery(pages.PageQuery):
    colour = fields.String(load_default=None)


def make_routes() -> Routes:
    routes = Routes("things")

    @routes.route(
        "POST",
        "/v1/things",
        scope="things:write",
        body=ThingSchema(),
        examples={"small": {"pieces": [{"size_mm": 4}]}},
        responses={202: ResponseSpec("Accepted.", ThingSchema(), {"name": "a"})},
        problems=[TOO_ODD],
    )
    def submit_thing(request: Request, _dependencies: Any) -> Response:
        """Accepts a thing."""
        return Response(
            {"took": request.body, "tenant": request.tenant_id}, 202, {"Location": "/v1/things/1"}
        )

    @routes.route(
        "PATCH",
        "/v1/things/<thing_id>",
        scope="things:write",
        consumes=(MERGE_PATCH, JSON),
        body=ThingSchema(partial=True),
    )
    def change_thing(request: Request, _dependencies: Any, thing_id: str) -> Response:
        return Response({"id": thing_id, "change": request.document})

    @routes.route("GET", "/v1/things", scope="things:read", query=ThingQuery())
    def list_things(request: Request, _dependencies: Any) -> Response:
        return Response(dict(request.query), headers=pages.links(request, pages.cursor("a", 3)))

    @routes.route("GET", "/v1/things/<thing_id>", scope="things:read", produces=(JSON, TEXT))
    def read_thing(request: Request, dependencies: Any, thing_id: str) -> Response:
        if thing_id in dependencies:
            raise dependencies[thing_id]
        return (
            Response(f"thing {thing_id}") if request.accepts == TEXT else Response(b'{"b":1,"a":2}')
        )

    return routes


@pytest.fixture(scope="session")
def signing_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def jwks_file(signing_key, tmp_path_factory) -> Path:
    public = jwt.algorithms.ECAlgorithm.to_jwk(signing_key.public_key(), as_dict=True)
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_bytes(orjson.dumps({"keys": [public | {"kid": "one"}]}))
    return path


@pytest.fixture(scope="session")
def mint(signing_key) -> Callable[..., str]:
    def make(
        key: Any = signing_key, algorithm: str = "ES256", kid: str = "one", **changes: Any
    ) -> str:
        claims = {
            "sub": "somebody",
            "tenant": "t1",
            "aud": AUDIENCE,
            "scope": "things:read things:write",
            "exp": int(clock.now().timestamp()) + 600,
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})

    return make


@pytest.fixture
def verifier(jwks_file) -> Verifier:
    return Verifier(jwks_file, AUDIENCE)


@pytest.fixture
def service(verifier) -> Service:
    broken = {
        "odd": OddThing("size is odd"),
        "away": Unavailable("locked"),
        "bug": RuntimeError("secret Mrs Miller"),
    }
    return Service(
        "things", "1.2", [make_routes()], verifier, broken, exceptions={OddThing: TOO_ODD}
    )


@pytest.fixture
def app(service) -> Flask:
    return create_app(service)


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def headers(mint) -> dict[str, str]:
    return {"Authorization": f"Bearer {mint()}"}
