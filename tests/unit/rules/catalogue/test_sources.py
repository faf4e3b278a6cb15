"""A source is cited as far as it is known, and what is not known is said and not filled in."""

from typing import Any

import pytest

from rules.catalogue.sources import citation, named

NOT_GIVEN = "not given in the evidence notes."


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"authors": "A B", "title": "T", "journal": "J 2016;1"}, "A B. T. J 2016;1."),
        ({"title": "Is it?", "journal": "J 2016"}, f"Is it? J 2016. Authors {NOT_GIVEN}"),
        ({"authors": "A B", "journal": "J 2016"}, f"A B. J 2016. Title {NOT_GIVEN}"),
        ({"journal": "J 2016;1", "year": 2016}, f"J 2016;1. Authors and title {NOT_GIVEN}"),
        ({"authors": "A B", "title": "T", "year": 1963}, "A B. T. 1963."),
        ({"title": "A page", "url": "https://example.org"}, "A page."),
    ],
)
def test_a_citation_says_what_is_known_of_it(entry: dict[str, Any], text: str) -> None:
    assert citation(entry)["text"] == text


def test_an_answer_gives_the_number_of_a_source_or_else_its_page() -> None:
    page = {"title": "T", "url": "https://example.org", "read": "opening only"}
    assert citation(page) == {
        "text": "T.",
        "url": "https://example.org",
        "read": "opening only",
    }
    assert citation({**page, "doi": "10.1/2", "note": "cut"}) == {
        "text": "T.",
        "doi": "10.1/2",
        "read": "opening only",
        "note": "cut",
    }


def test_every_source_of_a_document_is_found_however_deep_it_stands() -> None:
    reasons = [{"sources": ["A"], "also": [[{"sources": ["B"]}], "C"]}, {"sources": None}]
    document = {"reasons": reasons, "step": {"sources": ["D", "A"], "asks": {"missing": ["E"]}}}
    assert named([document, None, "F"]) == {"A", "B", "D"}
    assert named(document.values(), "missing") == {"E"}
