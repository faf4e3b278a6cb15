"""Entity tags: what a client has already is not sent again."""

import pytest

from chassis.http.auth import Principal
from chassis.http.caching import revalidated, tagged
from chassis.http.routing import Request, Response


def request(**headers):
    who = Principal("c", "t", frozenset())
    return Request(who, None, {}, None, "", headers, "GET", "/", "r")


def test_an_answer_gets_a_tag_of_its_bytes():
    first = revalidated(request(), Response({"a": 1}, headers={"Link": "x"}))
    assert first.headers["Link"] == "x"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.body == {"a": 1}
    assert revalidated(request(), Response({"a": 2})).headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_a_tag_that_still_stands_is_answered_without_a_body(form):
    tag = revalidated(request(), Response("text")).headers["ETag"]
    again = revalidated(request(**{"If-None-Match": form.format(tag)}), Response("text"))
    assert (again.status, again.body, again.headers["ETag"]) == (304, None, tag)


def test_another_tag_is_answered_in_full():
    assert revalidated(request(**{"If-None-Match": '"x"'}), Response("text")).status == 200


def test_what_still_stands_is_not_made_again():
    asked = request(**{"If-None-Match": '"2", W/"3.json-gzip"'})
    answer = tagged(asked, lambda: pytest.fail("it was made"), "3.json")
    assert (answer.status, answer.headers["ETag"]) == (304, '"3.json-gzip"')


def test_what_never_changes_is_never_asked_for_again():
    answer = tagged(request(), Response({"a": 1}), "3.json", immutable=True)
    assert answer.headers == {
        "ETag": '"3.json"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Accept, Accept-Encoding",
    }
