"""Operators read tables, programs read lines."""

import io

from chassis.clock import derived_id, made_at_us, new_id, now_us
from chassis.messaging.operating.printing import describe, show


def test_people_get_a_table_and_programs_get_lines():
    entries = [{"id": 1, "what": "a"}, {"id": 20, "what": None}]
    table, lines = io.StringIO(), io.StringIO()
    assert show(entries, as_json=False, empty="none", stream=table) == 2
    assert table.getvalue() == "id  what\n1   a\n20  -\n"
    assert show(iter(entries), as_json=True, empty="none", stream=lines) == 2
    assert lines.getvalue() == '{"id": 1, "what": "a"}\n{"id": 20, "what": null}\n'


def test_nothing_is_a_word_for_people_and_silence_for_programs():
    table, lines = io.StringIO(), io.StringIO()
    show([], as_json=False, empty="no letters", stream=table)
    show([], as_json=True, empty="no letters", stream=lines)
    assert (table.getvalue(), lines.getvalue()) == ("no letters\n", "")


def test_one_thing_is_described_line_by_line():
    output = io.StringIO()
    describe({"id": 1, "headers": {"a": "b", "c": None}}, as_json=False, stream=output)
    assert output.getvalue() == "id       1\nheaders  a: b\n         c: -\n"


def test_an_id_tells_when_it_was_made_and_a_derived_one_does_not():
    made = made_at_us(new_id())
    assert made is not None
    assert abs(now_us() - made) < 5_000_000
    assert made_at_us(derived_id("a", "b")) is None
    assert made_at_us("not an id") is None
