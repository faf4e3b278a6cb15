"""Entity tags: what a client has already is not sent again."""

import pytest

from chassis.http.auth import Principal
from chassis.http.caching import revalidated
from chassis.http.doors import Answer, Call


def call(**headers):
    who = Principal("c", "t", frozenset())
    return Call(who, None, {}, None, "", headers, "GET", "/", "r")


def test_an_answer_gets_a_tag_of_its_bytes():
    first = revalidated(call(), Answer({"a": 1}, headers={"Link": "x"}))
    assert first.headers["Link"] == "x"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.body == {"a": 1}
    assert revalidated(call(), Answer({"a": 2})).headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_a_tag_that_still_stands_is_answered_without_a_body(form):
    tag = revalidated(call(), Answer("text")).headers["ETag"]
    again = revalidated(call(**{"If-None-Match": form.format(tag)}), Answer("text"))
    assert (again.status, again.body, again.headers["ETag"]) == (304, None, tag)


def test_another_tag_is_answered_in_full():
    assert revalidated(call(**{"If-None-Match": '"x"'}), Answer("text")).status == 200
