"""Equal content, equal bytes."""

import datetime as dt

from rules.language.canonical import canonical, plain


def test_order_and_layout_do_not_count_but_every_value_does():
    assert canonical({"b": [1, 2], "a": "é"}) == canonical({"a": "é", "b": [1, 2]})
    assert canonical({"b": [1, 2], "a": "é"}) == '{"a":"é","b":[1,2]}'.encode()
    assert canonical({"b": [1, 2]}) != canonical({"b": [2, 1]})


def test_dates_become_text_wherever_they_stand():
    table = {"from": dt.date(2026, 1, 31), "list": [{"at": dt.time(8, 30)}], "n": 1}
    assert plain(table) == {"from": "2026-01-31", "list": [{"at": "08:30:00"}], "n": 1}
