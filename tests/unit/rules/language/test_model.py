"""Which version of a rule is in force, and how a rule is found."""

import datetime as dt

import pytest
from tests.unit.rules.parcels import knowledge, rule

FINE = {"fact": "fragile", "equals": True}
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 5, 31)


def ended(**changes):
    return knowledge(
        rule("CA-01", FINE, in_force={"from": "2026-01-01", "to": "2026-06-01"}, **changes)
    )


def test_a_version_is_in_force_from_its_first_day_until_the_day_before_its_end():
    on = ended().rules["CA-01"].on
    assert on(FIRST) is not None
    assert on(LAST) is not None
    assert on(FIRST - dt.timedelta(days=1)) is None
    assert on(LAST + dt.timedelta(days=1)) is None


def test_a_draft_is_never_in_force():
    assert ended(status="draft").rules["CA-01"].on(FIRST) is None
    assert ended(status="draft").rules_on(FIRST) == []
    assert [entry.id for entry in ended().rules_on(FIRST)] == ["CA-01"]


@pytest.mark.parametrize(("name", "known"), [("CA-01", True), ("ca-01", True), ("CA-1", False)])
def test_a_rule_is_found_by_its_id_in_any_case(name, known):
    assert (ended().rule_named(name) is not None) is known
