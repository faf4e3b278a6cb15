"""Cursors come back as they went out, or are refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http import pages
from chassis.http.errors import Problem


@given(st.text(max_size=20), st.integers(-(2**60), 2**60))
def test_a_cursor_holds_its_position(text, number):
    assert pages.position(pages.cursor(text, number), str, int) == [text, number]


@pytest.mark.parametrize(
    "sent", ["", "x", "é", "!!!!", base64.urlsafe_b64encode(b"{}").decode(), pages.cursor("a")]
)
def test_any_other_text_is_no_cursor(sent):
    with pytest.raises(Problem) as caught:
        pages.position(sent, str, int)
    assert caught.value.kind.slug == "invalid-cursor"


def test_a_position_of_other_types_is_no_cursor():
    with pytest.raises(Problem):
        pages.position(pages.cursor(1, "a"), str, int)


def test_the_next_page_keeps_the_filter(client, headers):
    answer = client.get("/v1/things?colour=red%26&limit=2", headers=headers)
    link = answer.headers["Link"]
    assert link.startswith("</v1/things?limit=2&colour=red%26&cursor=")
    assert link.endswith('>; rel="next"')
    assert client.get(link[1 : link.index(">")], headers=headers).json["colour"] == "red&"
