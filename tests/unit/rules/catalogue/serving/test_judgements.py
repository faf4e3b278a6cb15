"""How rules came out, counted in the database."""

import pytest
from sqlalchemy import MetaData

from rules.catalogue.serving.judgements import JudgementRow, Judgements, judgement_table

METADATA = MetaData()
JUDGEMENTS = judgement_table(METADATA)


@pytest.fixture
def connection(database):
    with database.write() as opened:
        METADATA.create_all(opened)
        yield opened


def rows(*letters, tenant="t", sha256="a", start=0):
    return [
        JudgementRow(tenant, f"{sha256}{at}", 1, sha256, text, start + at)
        for at, text in enumerate(letters)
    ]


def test_a_rule_is_counted_where_its_letter_stands_in_each_set(connection):
    judgements = Judgements(connection, JUDGEMENTS)
    judgements.add_all([*rows("tf", "uf", "-t"), *rows("ft", sha256="b", start=10)])
    assert sorted(judgements.sets("t")) == ["a", "b"]
    found = judgements.count("t", {"a": 0, "b": 1})
    assert (found.over, found.since) == (4, 0)
    assert (found.tally.judged, found.tally.fired, found.tally.unknown) == (3, 2, 1)


def test_a_set_without_the_rule_is_looked_at_and_counts_nothing(connection):
    judgements = Judgements(connection, JUDGEMENTS)
    judgements.add_all(rows("t", "t"))
    found = judgements.count("t", {})
    assert (found.over, found.since, found.tally.judged) == (2, 0, 0)


def test_only_the_tenants_newest_are_counted(connection):
    judgements = Judgements(connection, JUDGEMENTS)
    judgements.add_all([*rows(*("t" * 5)), *rows("t", tenant="u", sha256="b")])
    found = judgements.count("t", {"a": 0, "b": 0}, most=3)
    assert (found.over, found.since, found.tally.fired) == (3, 2, 3)
    assert judgements.count("nobody", {"a": 0}).since is None


def test_what_is_judged_again_takes_its_own_place(connection):
    judgements = Judgements(connection, JUDGEMENTS)
    judgements.add_all(rows("t"))
    judgements.add_all(rows("f", start=5))
    found = judgements.count("t", {"a": 0})
    assert (found.over, found.since, found.tally.fired) == (1, 5, 0)
