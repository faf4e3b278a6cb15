"""Verdicts in one letter each, and their counts."""

import dataclasses

from rules.catalogue.tally import letters, tally


def test_letters_are_written_and_counted():
    verdicts = {"A": True, "B": None, "C": False, "D": True}
    assert letters(["A", "B", "C", "D", "X"], verdicts) == "tuft-"
    found = tally([("t", 2), ("t", 1), ("u", 3), ("f", 4), ("-", 5), ("", 6)])
    assert dataclasses.asdict(found) == {"judged": 10, "fired": 3, "unknown": 3}
