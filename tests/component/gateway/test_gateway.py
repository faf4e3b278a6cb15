"""The gateway on sockets: passes on once, adds nothing, and says who is away."""

import json
import socket
import threading
import time

import pytest

from gateway import upstreams
from gateway.upstreams import Upstream


def document(body, slug):
    received = json.loads(body)
    assert received["type"] == f"/problems/{slug}"
    return received


def test_a_request_reaches_its_service_unchanged(ask, services):
    status, _, body = ask("POST", "/v1/cases?x=%20y", b'{"a":1}', {"Idempotency-Key": "k"})
    assert status == 200
    assert json.loads(body) == {"service": "intake"}
    ((method, path, headers, sent),) = services["intake"].asked
    assert (method, path, sent) == ("POST", "/v1/cases?x=%20y", b'{"a":1}')
    assert {name.lower(): value for name, value in headers.items()}["idempotency-key"] == "k"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/cases/1/revisions/2/assessment", "diagnosis"),
        ("/v1/cases/1/revisions/2/plan", "treatment"),
        ("/v1/cases/1/assessment", "intake"),
        ("/v1/cases/1/plan", "intake"),
    ],
)
def test_documents_are_answered_by_their_owners(ask, services, path, name):
    ask("GET", path)
    assert [len(service.asked) for service in services.values()] == [
        int(service == name) for service in services
    ]


def test_the_answer_comes_back_unchanged(ask, services):
    services["intake"].behaviour = lambda handler: handler.say(
        b"[1]", 202, [("Location", "/v1/cases/1"), ("ETag", '"3"'), ("X-Two", "a"), ("X-Two", "b")]
    )
    status, headers, body = ask("POST", "/v1/cases", b"{}")
    assert (status, body) == (202, b"[1]")
    assert headers["location"] == "/v1/cases/1"
    assert headers["etag"] == '"3"'
    assert "x-request-id" in headers


def test_the_request_id_is_the_same_on_both_sides(ask, services):
    _, headers, _ = ask("GET", "/v1/cases", headers={"X-Request-Id": "mine-1"})
    assert headers["x-request-id"] == "mine-1"
    _, headers, _ = ask("GET", "/v1/cases", headers={"X-Request-Id": "not fit for logs"})
    passed = [{n.lower(): v for n, v in asked[2].items()} for asked in services["intake"].asked]
    assert [each["x-request-id"] for each in passed] == ["mine-1", headers["x-request-id"]]


def test_connections_to_a_service_are_kept(ask, services):
    for _ in range(5):
        ask("POST", "/v1/cases", b"{}")
    assert len(services["intake"].connections) == 1


def test_a_large_body_is_streamed_through(ask, services):
    body = b'"' + b"x" * 500_000 + b'"'
    assert ask("POST", "/v1/cases", body)[0] == 200
    assert services["intake"].asked[0][3] == body


def test_a_large_answer_is_streamed_back(ask, services):
    services["intake"].behaviour = lambda handler: handler.say(b"y" * 3_000_000)
    assert ask("GET", "/v1/cases")[2] == b"y" * 3_000_000


def test_an_answer_without_a_length_is_streamed_back(ask, services):
    def chunked(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n")

    services["intake"].behaviour = chunked
    assert ask("GET", "/v1/cases")[2] == b"abcdef"


def test_a_body_that_is_too_large_reaches_nobody(ask, services):
    status, _, body = ask("POST", "/v1/cases", headers={"Content-Length": str(9 * 2**20)})
    assert status == 413
    document(body, "body-too-large")
    assert services["intake"].asked == []


def test_an_unknown_path_is_not_found(ask, services):
    for path in ("/", "/nope", "/metrics", "/v1/casesx"):
        status, headers, body = ask("GET", path)
        assert status == 404
        assert headers["content-type"] == "application/problem+json"
        document(body, "not-found")
    assert not any(service.asked for service in services.values())


def test_a_service_that_is_away_is_a_problem_to_repeat(ask, gateway, closed_port):
    gateway.upstreams["diagnosis"] = Upstream.at("diagnosis", f"http://127.0.0.1:{closed_port}", 1)
    status, headers, body = ask("POST", "/v1/assessments:evaluate", b"{}")
    assert status == 503
    assert headers["retry-after"] == "1"
    problem = document(body, "service-unavailable")
    assert problem["service"] == "diagnosis"
    assert "with the same Idempotency-Key" in problem["detail"]
    assert ask("GET", "/v1/cases")[0] == 200


def test_a_service_that_breaks_off_is_asked_only_once(ask, services):
    def break_off(handler):
        handler.close_connection = True
        handler.connection.close()

    services["intake"].behaviour = break_off
    status, _, body = ask("POST", "/v1/cases", b"{}")
    assert status == 502
    assert "with the same Idempotency-Key" in document(body, "bad-gateway")["detail"]
    assert len(services["intake"].asked) == 1


def test_a_service_that_dies_within_its_answer_is_a_problem_to_repeat(ask, services):
    def breaks_off(handler):
        handler.send_response(202)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"case_id": ')
        handler.close_connection = True

    services["intake"].behaviour = breaks_off
    status, _, body = ask("POST", "/v1/cases", b"{}")
    assert status == 502
    assert "with the same Idempotency-Key" in document(body, "bad-gateway")["detail"]
    assert len(services["intake"].asked) == 1


def test_a_service_that_is_silent_is_given_up(ask, services, monkeypatch):
    monkeypatch.setattr(upstreams, "ANSWER_S", 0.1)
    services["intake"].behaviour = lambda handler: handler.connection.recv(1)
    began = time.monotonic()
    status, _, body = ask("POST", "/v1/cases", b"{}")
    assert status == 504
    document(body, "gateway-timeout")
    assert time.monotonic() - began < 5
    assert len(services["intake"].asked) == 1


def test_a_service_that_was_replaced_is_found_again(ask, services):
    ask("GET", "/v1/cases")
    gone = threading.Event()

    def last_words(handler):
        handler.close_connection = True
        handler.say(b"{}")
        handler.connection.shutdown(socket.SHUT_RDWR)
        gone.set()

    services["intake"].behaviour = last_words
    ask("GET", "/v1/cases")
    assert gone.wait(10)  # or the next request may still find the kept connection open
    services["intake"].behaviour = None
    assert ask("GET", "/v1/cases")[0] == 200
    assert len(services["intake"].connections) == 2


def test_the_gateway_is_ready_when_all_services_are(ask, services):
    assert ask("GET", "/readyz")[0] == 200
    services["treatment"].behaviour = lambda handler: handler.say(b"{}", 503)
    status, _, body = ask("GET", "/readyz")
    assert status == 503
    assert json.loads(body)["checks"] == {"intake": "ok", "diagnosis": "ok", "treatment": "failed"}
    assert ask("GET", "/livez")[0] == 200


def test_the_version_names_every_service(ask):
    received = json.loads(ask("GET", "/v1/version")[2])
    assert set(received["services"]) == {"intake", "diagnosis", "treatment"}


def test_a_refused_token_is_refused_for_the_version_too(ask, services):
    services["intake"].behaviour = lambda handler: handler.say(
        b"{}", 401, [("WWW-Authenticate", "Bearer")]
    )
    status, headers, _ = ask("GET", "/v1/version")
    assert (status, headers["www-authenticate"]) == (401, "Bearer")


def test_the_description_is_that_of_all(ask):
    assert json.loads(ask("GET", "/openapi.json")[2])["info"]["title"] == "Backmice"


def test_every_problem_has_its_page_at_the_gateway(ask, services):
    for slug in ("bad-gateway", "validation-failed"):
        assert ask("GET", f"/problems/{slug}")[0] == 200
    assert ask("GET", "/problems/own")[2] == b'"own"'
    for service in services.values():
        service.behaviour = lambda handler: handler.say(b"", 404)
    assert ask("GET", "/problems/nope")[0] == 404


def test_the_gateways_own_pages_are_only_read(ask):
    status, headers, body = ask("POST", "/readyz")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    document(body, "method-not-allowed")
    assert ask("HEAD", "/readyz")[2] == b""
