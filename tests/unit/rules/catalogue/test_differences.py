"""Differences between two JSON documents."""

from rules.catalogue.differences import ABSENT, differences


def test_differences_are_found_where_they_are():
    before = {"a": [1, {"b": True}], "c/d": 1, "gone": 1}
    after = {"a": [1, {"b": 1}, 2], "c/d": 2, "new": None}
    assert list(differences(before, after)) == [
        ("/a/1/b", True, 1),
        ("/a/2", ABSENT, 2),
        ("/c~1d", 1, 2),
        ("/gone", 1, ABSENT),
        ("/new", ABSENT, None),
    ]
