"""The door of the containers: what it passes on, what it refuses, and what it says then."""

import select
import socket
from contextlib import ExitStack

import orjson
import pytest
from tests.compose.clients import a_case
from tests.compose.stack import SERVICES, Stack, docker
from tests.system.product import Reply, eventually

pytestmark = pytest.mark.compose
MOST_AT_ONCE = 96
ANSWER_S = 8.0
"""Shorter than the gateway waits for the rest of a request."""


def problem(reply: Reply) -> tuple[int, str]:
    """Status and type of a problem, after a look at its form."""
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    document = reply.json()
    assert document["status"] == reply.status
    assert document["request_id"] == reply.headers["x-request-id"]
    return reply.status, document["type"]


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/admin", "/v1", "/v1/cases/../../metrics", "/malformed"]
)
def test_what_is_not_routed_is_not_there(stack: Stack, path: str):
    assert problem(stack.ask("GET", path)) == (404, "/problems/not-found")


def test_each_service_answers_by_its_route(stack: Stack):
    for path in ("/v1/cases", "/v1/vocabulary", "/v1/rules", "/v1/guidance"):
        assert stack.ask("GET", path).status == 200, path
    refused = stack.ask("GET", "/v1/cases", Authorization="Bearer nonsense")
    assert problem(refused) == (401, "/problems/unauthenticated")


def test_an_answer_has_one_request_id_which_no_client_chooses(stack: Stack):
    for path in ("/v1/cases", "/livez", "/nowhere"):
        answer = stack.pool.request(
            "GET", stack.address + path, headers={"X-Request-Id": "chosen-by-me"}
        )
        (given,) = answer.headers.getlist("X-Request-Id")
        assert given != "chosen-by-me"
        assert len(given) == 32


@pytest.mark.parametrize("path", ["/v1/cases", "/nowhere", "/livez", "/openapi.json"])
def test_the_security_headers_are_on_every_answer_once(stack: Stack, path: str):
    answer = stack.pool.request("GET", stack.address + path)
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }.items():
        assert answer.headers.getlist(name) == [value]
    assert answer.headers["Server"] == "nginx"


def test_a_large_body_and_a_long_address_are_refused_in_the_same_form(stack: Stack):
    assert problem(stack.ask("POST", "/v1/cases", b"x" * (1024 * 1024 + 1))) == (
        413,
        "/problems/body-too-large",
    )
    long = stack.ask("GET", f"/v1/cases?reference={'x' * 9000}")
    assert problem(long) == (400, "/problems/malformed-request")


def test_every_problem_that_it_says_has_a_page(stack: Stack):
    for name in ("too-many-requests", "malformed-request", "bad-gateway", "not-found"):
        page = stack.ask("GET", f"/problems/{name}")
        assert page.status == 200
        assert f"type: /problems/{name}" in page.text


def test_who_asks_too_much_at_once_is_told_to_wait(stack: Stack):
    head = (
        b"POST /v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer one-client\r\nContent-Length: 10\r\n\r\n"
    )
    with ExitStack() as held:
        connections = [
            held.enter_context(socket.create_connection(("127.0.0.1", stack.port)))
            for _ in range(MOST_AT_ONCE + 1)
        ]
        for connection in connections:
            connection.sendall(head)
        answered, _, _ = select.select(connections, [], [], ANSWER_S)
        assert len(answered) == 1, "one of them is one too many"
        document = answered[0].recv(4096).decode()
        assert document.startswith("HTTP/1.1 429 ")
        assert "\r\nRetry-After: 1\r\n" in document
        assert '"type":"/problems/too-many-requests"' in document
        assert stack.ask("GET", "/v1/cases").status == 200  # another client is not concerned


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_away_costs_only_its_own_routes(stack: Stack, service: str):
    paths = dict(zip(SERVICES, ("/v1/vocabulary", "/v1/rules", "/v1/guidance"), strict=True))
    stack.kill(f"{service}-api")
    away = eventually(lambda: _answer(stack, paths[service], 503), "a 503")
    assert problem(away) == (503, "/problems/service-unavailable")
    assert away.headers["retry-after"] == "1"
    for other in set(SERVICES) - {service}:
        assert stack.ask("GET", paths[other]).status == 200
    ready = stack.ask("GET", "/readyz")
    assert (ready.status, ready.json()["checks"][service]) == (503, "failed")
    stack.start(f"{service}-api")
    eventually(lambda: _answer(stack, paths[service], 200), "its return")


def _answer(stack: Stack, path: str, status: int) -> Reply | None:
    reply = stack.ask("GET", path)
    return reply if reply.status == status else None


def test_a_service_that_comes_back_at_another_address_is_found(stack: Stack):
    before = _address(stack, "treatment-api")
    stack.kill("treatment-api")
    squatter = docker(
        "run",
        "--detach",
        "--rm",
        "--network",
        f"{stack.project}_requests",
        "--entrypoint",
        "sleep",
        "backmice-treatment",
        "600",
    )
    try:
        stack.start("treatment-api")
        assert _address(stack, "treatment-api") != before
        eventually(lambda: _answer(stack, "/v1/guidance", 200), "its return", 10)
    finally:
        docker("kill", squatter)


def _address(stack: Stack, service: str) -> str:
    networks = stack.inspect(service)["NetworkSettings"]["Networks"]
    return str(networks[f"{stack.project}_requests"]["IPAddress"])


def test_a_submission_that_broke_off_is_not_sent_twice_and_can_be_repeated(stack: Stack):
    stack.kill("diagnosis-worker")  # so that the client waits
    body = a_case()
    reference = f"/v1/cases?reference={body['reference']}"
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as waiting:
        waiting.sendall(_posted(stack, body))
        found = eventually(lambda: stack.ask("GET", reference).json()["cases"], "the stored case")
        stack.kill("intake-api")
        assert waiting.recv(4096).startswith(b"HTTP/1.1 502 ")
    stack.start("intake-api")
    stack.start("diagnosis-worker")
    again = eventually(lambda: _taken(stack, body), "the same answer again")
    assert again.headers["location"].rpartition("/")[2] == found[0]["case_id"]
    assert len(stack.ask("GET", reference).json()["cases"]) == 1


def _taken(stack: Stack, body: object) -> Reply | None:
    reply = stack.ask("POST", "/v1/cases", body, Idempotency_Key="broke-off")
    return reply if reply.status == 202 else None


def _posted(stack: Stack, body: object) -> bytes:
    content = orjson.dumps(body)
    head = (
        f"POST /v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {stack.token}\r\nIdempotency-Key: broke-off\r\nPrefer: wait=30\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
