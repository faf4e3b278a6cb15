"""Small readers of headers."""

import pytest

from chassis.http import headers
from chassis.http.errors import Problem

TYPES = ("application/json", "text/plain")


@pytest.mark.parametrize("sent", ["abc", "A-1_2.3", "x" * 128])
def test_a_fit_request_id_is_kept(sent):
    assert headers.valid_request_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "a b", "a\nb", "é", 'a"b', "a;b"])
def test_an_unfit_request_id_is_not(sent):
    assert headers.valid_request_id(sent) is None


def test_a_trace_is_continued_only_if_it_is_valid():
    good = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    assert headers.valid_traceparent(good) == good
    for bad in (
        None,
        "",
        good.upper(),
        good.replace("00-", "ff-"),
        good.replace("a", "0"),
        good[:-1],
    ):
        assert headers.valid_traceparent(bad) is None


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("", 0),
        ("wait=5", 5),
        ("respond-async, wait=5", 5),
        ("wait=5, respond-async", 5),
        ('wait="7"', 7),
        ("Wait = 3", 3),
        ("wait=31", 30),
        ("wait=999999999", 30),
        ("wait=-1", 0),
        ("wait=x", 0),
        ("waiting=5", 0),
        ("nowait=5", 0),
        ("wait=5x", 0),
    ],
)
def test_a_preference_to_wait_is_read_and_bounded(prefer, seconds):
    assert headers.wait_seconds({"Prefer": prefer}) == seconds


def test_an_idempotency_key_may_be_bare_or_quoted():
    assert headers.idempotency_key({"Idempotency-Key": "abc"}) == "abc"
    assert headers.idempotency_key({"Idempotency-Key": '"abc"'}) == "abc"


@pytest.mark.parametrize("sent", ["", '""', '"', 'a"b', "a b", "x" * 256, '"abc', "é"])
def test_a_missing_or_malformed_key_is_told(sent):
    with pytest.raises(Problem) as caught:
        headers.idempotency_key({"Idempotency-Key": sent})
    assert caught.value.kind.slug == "idempotency-key-required"


@pytest.mark.parametrize(
    "sent", ['"3"', '"2", "3"', "*", '"3-gzip"', '"3.planned.json"', '"3.assessed.text-gzip"']
)
def test_the_current_revision_opens_the_door(sent):
    headers.require_revision({"If-Match": sent}, 3)


@pytest.mark.parametrize(
    "sent", ['"2"', "3", 'W/"3"', '"33"', '"2", W/"3"', '"33.json"', '"2.3"', '"a.3"']
)
def test_any_other_revision_is_stale(sent):
    with pytest.raises(Problem) as caught:
        headers.require_revision({"If-Match": sent}, 3)
    assert caught.value.kind.status == 412
    assert caught.value.headers == {"ETag": '"3"'}


@pytest.mark.parametrize(("sent", "advised"), [("3", "with its quotes"), ('"2"', "Read it again")])
def test_a_stale_revision_says_what_to_send(sent, advised):
    with pytest.raises(Problem, match="stale-revision") as caught:
        headers.require_revision({"If-Match": sent}, 3)
    assert advised in caught.value.detail


def test_no_revision_at_all_is_another_problem():
    with pytest.raises(Problem) as caught:
        headers.require_revision({}, 3)
    assert caught.value.kind.status == 428


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/plain", "text/plain"),
        ("text/*", "text/plain"),
        ("TEXT/PLAIN", "text/plain"),
        ("text/plain;q=0.5, application/json", "application/json"),
        ("text/plain, application/json;q=0.9", "text/plain"),
        ("application/json;q=0, */*", "text/plain"),
        ("image/png, */*;q=0.1", "application/json"),
        ("text/plain;charset=utf-8", "text/plain"),
        ("text/plain, application/json", "application/json"),
    ],
)
def test_the_answer_is_what_the_caller_prefers(accept, chosen):
    assert headers.choose(accept, TYPES) == chosen


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "json", "text/plain;q=x"])
def test_what_is_not_served_is_not_acceptable(accept):
    with pytest.raises(Problem) as caught:
        headers.choose(accept, TYPES)
    assert caught.value.kind.status == 406
    assert caught.value.extra == {"allowed": list(TYPES)}
