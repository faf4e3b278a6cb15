"""A route is open to those who may, and whatever else happens is a problem with a name."""

import gzip
import logging

import pytest
from flask import Flask

from chassis.http import caching, own_routes
from chassis.http.app import PUBLIC, Service, create_app
from chassis.http.routing import ANY_TOKEN, Response, Routes

JSON = {"Content-Type": "application/json"}


def problem(answer, status, slug):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    document = answer.json
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["request_id"] == answer.headers["X-Request-Id"]
    return document


def test_a_good_request_is_answered_by_its_handler(client, headers):
    answer = client.post("/v1/things", json={"pieces": [{"size_mm": 4}]}, headers=headers)
    assert answer.status_code == 202
    assert answer.json == {"took": {"pieces": [{"size_mm": 4}]}, "tenant": "t1"}
    assert answer.headers["Location"] == "/v1/things/1"


def test_bytes_are_sent_unchanged(client, headers):
    assert client.get("/v1/things/1", headers=headers).data == b'{"b":1,"a":2}'


def test_the_media_type_is_negotiated(client, headers):
    answer = client.get("/v1/things/1", headers=headers | {"Accept": "text/plain"})
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text == "thing 1"


def test_a_merge_patch_has_its_own_media_type(client, headers):
    kind = {"Content-Type": "application/merge-patch+json"}
    answer = client.patch("/v1/things/7", data=b'{"name":"b"}', headers=headers | kind)
    assert answer.json == {"id": "7", "change": {"name": "b"}}


def test_without_a_token_every_door_is_shut(app, client):
    routes = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]
    assert routes
    for rule in routes:
        path = rule.rule.replace("<thing_id>", "1")
        for method in rule.methods - {"HEAD"}:
            problem(client.open(path, method=method), 401, "unauthenticated")


def test_a_missing_scope_is_named(client, mint):
    answer = client.get("/v1/things/1", headers={"Authorization": f"Bearer {mint(scope='x')}"})
    assert problem(answer, 403, "missing-scope")["scope"] == "things:read"


def test_any_token_reads_the_version(client, mint):
    answer = client.get("/v1/version", headers={"Authorization": f"Bearer {mint(scope='')}"})
    assert answer.json == {"service": "things", "version": "1.2"}


@pytest.mark.parametrize("path", ["/", "/nope", "/v1/things/", "//v1/things", "/v1/things/1/2"])
def test_an_unknown_path_is_not_found(client, headers, path):
    problem(client.get(path, headers=headers), 404, "not-found")


def test_a_wrong_method_names_the_right_ones(client, headers):
    answer = client.put("/v1/things", headers=headers)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    problem(client.options("/v1/things"), 405, "method-not-allowed")


def test_an_unserved_media_type_is_not_acceptable(client, headers):
    answer = client.get("/v1/things/1", headers=headers | {"Accept": "image/png"})
    assert problem(answer, 406, "not-acceptable")["allowed"] == ["application/json", "text/plain"]


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/merge-patch+json"},
    ],
)
def test_a_body_of_another_kind_is_not_read(client, headers, kind):
    problem(
        client.post("/v1/things", data=b"{}", headers=headers | kind), 415, "unsupported-media-type"
    )


def test_utf8_may_be_said(client, headers):
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    assert client.post("/v1/things", data=b"{}", headers=headers | kind).status_code == 202


def test_a_body_above_a_mebibyte_is_too_large(client, headers):
    answer = client.post("/v1/things", data=b" " * (2**20 + 1), headers=headers | JSON)
    assert problem(answer, 413, "body-too-large")["limit"] == 2**20


def test_a_body_that_is_not_json_is_malformed(client, headers):
    problem(client.post("/v1/things", data=b"{", headers=headers | JSON), 400, "malformed-json")
    problem(client.post("/v1/things", data=b"[" * 99, headers=headers | JSON), 400, "too-deep")


def test_a_body_that_does_not_fit_has_all_its_faults(client, headers):
    answer = client.post("/v1/things", json={"pieces": [{}], "name": "", "x": 1}, headers=headers)
    document = problem(answer, 422, "validation-failed")
    assert [fault["pointer"] for fault in document["errors"]] == [
        "/pieces/0/size_mm",
        "/name",
        "/x",
    ]


def test_a_bad_query_is_told(client, headers):
    problem(client.get("/v1/things?limit=0", headers=headers), 400, "invalid-query")
    problem(client.get("/v1/things/1?a=1", headers=headers), 400, "invalid-query")


def test_an_exception_of_the_domain_is_the_problem_that_the_service_says(client, headers):
    document = problem(client.get("/v1/things/odd", headers=headers), 422, "too-odd")
    assert document["errors"] == [{"pointer": "/size_mm", "detail": "size is odd"}]


def test_storage_that_is_away_can_be_tried_again(client, headers):
    answer = client.get("/v1/things/away", headers=headers)
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_a_mistake_of_ours_tells_nothing_but_the_request_id(client, headers, caplog):
    answer = client.get("/v1/things/bug", headers=headers)
    problem(answer, 500, "internal-error")
    assert "Miller" not in answer.text
    assert "request failed" in caplog.messages


def test_a_request_id_is_passed_on_or_made(client, headers):
    kept = client.get("/v1/things/1", headers=headers | {"X-Request-Id": "mine-1"})
    assert kept.headers["X-Request-Id"] == "mine-1"
    made = client.get("/v1/things/1", headers=headers | {"X-Request-Id": "not fit"})
    assert len(made.headers["X-Request-Id"]) == 36


def test_one_line_is_written_per_request(client, headers, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/v1/things/1", headers=headers)
        client.get("/livez")
    lines = [record for record in caplog.records if record.message == "request"]
    assert [(line.method, line.route, line.status) for line in lines] == [
        ("GET", "/v1/things/<thing_id>", 200)
    ]


def test_answers_are_not_cached_and_not_sniffed(client, headers):
    answer = client.get("/v1/things/1", headers=headers)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_figures_are_counted_by_route(client, headers):
    client.get("/v1/things/1", headers=headers)
    figures = client.get("/metrics").text
    assert 'http_route="/v1/things/<thing_id>"' in figures
    assert "/v1/things/1" not in figures


def test_a_view_without_a_scope_stops_the_start(service, monkeypatch):
    described = own_routes.add_description

    def with_stray(app, *rest):
        app.add_url_rule("/backdoor", "backdoor", lambda: "open")
        described(app, *rest)

    monkeypatch.setattr(own_routes, "add_description", with_stray)
    with pytest.raises(ValueError, match="backdoor"):
        create_app(service)


def test_a_door_cannot_be_declared_without_a_scope():
    with pytest.raises(TypeError, match="scope"):
        Routes("x").route("GET", "/v1/x")


def test_every_problem_has_a_page_and_the_list_names_all(client, service):
    listed = {entry["type"] for entry in client.get("/problems").json["problems"]}
    assert listed == {f"/problems/{slug}" for slug in service.problem_types()}
    assert "/problems/too-odd" in listed
    for address in listed:
        page = client.get(address)
        assert page.status_code == 200
        assert page.content_type.startswith("text/plain")
    assert client.get("/problems/nope").status_code == 404


def test_parts_reach_the_handler(verifier, headers):
    routes = Routes("x")

    @routes.route("GET", "/v1/x", scope=ANY_TOKEN)
    def read(_request, dependencies):
        return Response({"parts": dependencies})

    app = create_app(Service("x", "1", [routes], verifier, dependencies=[1, 2]))
    assert isinstance(app, Flask)
    assert app.test_client().get("/v1/x", headers=headers).json == {"parts": [1, 2]}


def test_head_is_answered_like_get_without_a_body(client, headers):
    answer = client.head("/v1/things/1", headers=headers)
    assert answer.status_code == 200
    assert answer.data == b""


def long_answer(client, headers, **more):
    sent = headers | {name.replace("_", "-"): value for name, value in more.items()}
    return client.get("/openapi.json", headers=sent)


def test_a_long_answer_is_compressed_where_that_is_asked_for(client, headers):
    plain = long_answer(client, headers)
    packed = long_answer(client, headers, Accept_Encoding="br, gzip;q=0.5")

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br"])
def test_what_does_not_accept_gzip_gets_none(client, headers, accepted):
    answer = long_answer(client, headers, Accept_Encoding=accepted)
    assert "Content-Encoding" not in answer.headers


def test_a_short_answer_is_not_compressed(client, headers):
    answer = client.get("/v1/things/1", headers=headers | {"Accept-Encoding": "gzip"})
    assert answer.data == b'{"b":1,"a":2}'


def tagged_client(verifier, text):
    routes = Routes("tagged")

    @routes.route("GET", "/v1/tagged", scope=ANY_TOKEN)
    def read(request, _dependencies):
        return caching.tagged(request, lambda: Response({"text": text}), "3.planned.json")

    return create_app(Service("tagged", "1", [routes], verifier)).test_client()


def test_an_encoded_answer_has_a_tag_of_its_own_and_both_still_stand(verifier, headers):
    client = tagged_client(verifier, "a" * 2000)
    packing = headers | {"Accept-Encoding": "gzip"}
    plain, packed = (client.get("/v1/tagged", headers=sent) for sent in (headers, packing))

    assert plain.headers["ETag"] == '"3.planned.json"'
    assert packed.headers["ETag"] == '"3.planned.json-gzip"'
    assert set(packed.headers["Vary"].split(", ")) == {"Accept", "Accept-Encoding"}
    for first, sent in ((plain, headers), (packed, packing)):
        again = client.get("/v1/tagged", headers=sent | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, no-cache"
