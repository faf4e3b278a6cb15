"""What is passed on, what is not, and what is refused at once."""

import io

import pytest

from chassis.http.errors import Problem
from gateway.requests import Asked

KIB = 1024


def asked(body=b"", *, length=None, raw="/v1/cases?a=1", **environ):
    return Asked.of(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/v1/cases",
            "RAW_URI": raw,
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.input": io.BytesIO(body),
            **({"CONTENT_LENGTH": length} if length is not None else {}),
            **environ,
        }
    )


def test_end_to_end_headers_are_passed_on():
    passed = asked(HTTP_AUTHORIZATION="Bearer x", HTTP_IDEMPOTENCY_KEY="k", CONTENT_TYPE="a/b")
    headers = passed.onward_headers()
    assert headers["authorization"] == "Bearer x"
    assert headers["idempotency-key"] == "k"
    assert headers["content-type"] == "a/b"


@pytest.mark.parametrize(
    "name",
    [
        *("CONNECTION", "KEEP_ALIVE", "TE", "TRAILER", "TRANSFER_ENCODING", "UPGRADE"),
        *("PROXY_AUTHORIZATION", "PROXY_CONNECTION", "HOST", "EXPECT", "FORWARDED"),
        *("X_FORWARDED_HOST", "X_FORWARDED_PROTO"),
    ],
)
def test_hop_by_hop_and_forged_headers_are_not(name):
    headers = asked(**{f"HTTP_{name}": "forged"}).onward_headers()
    assert "forged" not in headers.values()


def test_a_header_named_by_connection_is_hop_by_hop():
    headers = asked(HTTP_CONNECTION="close, X-Own", HTTP_X_OWN="1").onward_headers()
    assert "x-own" not in headers


def test_the_caller_cannot_choose_where_it_comes_from():
    headers = asked(HTTP_X_FORWARDED_FOR="10.0.0.1").onward_headers()
    assert headers["x-forwarded-for"] == "192.0.2.1"


def test_a_request_id_is_kept_if_it_is_fit_and_made_if_not():
    assert asked(HTTP_X_REQUEST_ID="mine").onward_headers()["x-request-id"] == "mine"
    assert asked(HTTP_X_REQUEST_ID="a b").onward_headers()["x-request-id"] != "a b"


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        ("/v1/cases?a=%20", "/v1/cases?a=%20"),
        ("/v1/cases/a%2Fb", "/v1/cases/a%2Fb"),
        ("http://other/v1/cases?x=1", "/v1/cases?x=1"),
        ("http://other", "/"),
    ],
)
def test_the_target_stays_as_it_was_spelled(raw, target):
    assert asked(raw=raw).target == target


def test_a_small_body_is_read_whole():
    assert asked(b"abc", length="3").onward_body() == (b"abc", 3)


def test_a_large_body_is_left_to_be_streamed():
    source, length = asked(b"x" * (65 * KIB), length=str(65 * KIB)).onward_body()
    assert length == 65 * KIB
    assert source.read(4) == b"xxxx"


def test_a_streamed_body_ends_where_it_should_and_not_sooner():
    source, _ = asked(b"x" * (65 * KIB) + b"next", length=str(65 * KIB)).onward_body()
    assert source.read() == b"x" * (65 * KIB)
    assert source.read() == b""
    short, _ = asked(b"x", length=str(65 * KIB)).onward_body()
    short.read(10)
    with pytest.raises(OSError, match="went away"):
        short.read(10)


def test_a_body_of_unknown_length_is_read_up_to_the_limit():
    whole = b"x" * (1024 * KIB)
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert asked(whole, **chunked).onward_body() == (whole, 1024 * KIB)
    with pytest.raises(Problem) as caught:
        asked(whole + b"x", **chunked).onward_body()
    assert caught.value.kind.slug == "body-too-large"


@pytest.mark.parametrize(("mebibytes", "read"), [(2, 2), (8, 8), (9, 0)])
def test_a_body_that_says_it_is_too_large_is_swallowed_within_bounds(mebibytes, read):
    body = asked(b"x" * (mebibytes * KIB * KIB), length=str(mebibytes * KIB * KIB))
    with pytest.raises(Problem) as caught:
        body.onward_body()
    assert caught.value.kind.slug == "body-too-large"
    assert body.body.tell() == read * KIB * KIB


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "٣", "+3"])
def test_a_length_that_is_no_number_is_refused(length):
    with pytest.raises(Problem) as caught:
        asked(length=length).onward_body()
    assert caught.value.kind.slug == "invalid-content-length"


def test_without_a_body_there_is_none():
    assert asked().onward_body() == (None, 0)
