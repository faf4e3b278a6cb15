"""Verdicts in one letter each, and their counts."""

import dataclasses

from rules.catalogue.tally import letters, tally


def test_letters_are_written_and_counted():
    verdicts = {"A": True, "B": None, "C": False, "D": True}
    assert letters(["A", "B", "C", "D", "X"], verdicts, {"B", "D"}) == "tUfT-"
    found = tally([("t", 2), ("T", 1), ("U", 3), ("f", 4), ("-", 5), ("", 6)])
    assert dataclasses.asdict(found) == {
        "judged": 10,
        "fired": 3,
        "unknown": 3,
        "decisive": {True: 1, None: 3, False: 0},
    }
