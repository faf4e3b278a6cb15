"""How each rule came out, counted in the database; and which rule sets ran."""

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

from rules import KnowledgeError, Vocabulary
from rules.catalogue.serving.judgements import JudgementRow, Judgements, judgement_table, run_table
from rules.catalogue.serving.rule_sets import RuleSets
from rules.language.loader import build

METADATA = MetaData()
JUDGEMENTS = judgement_table(METADATA)
RUNS = run_table(METADATA)
KEPT = Table(
    "kept",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("first_run_at", BigInteger, nullable=False),
)


@pytest.fixture
def connection(database):
    with database.write() as opened:
        METADATA.create_all(opened)
        yield opened


def a_set(version):
    content = {"ruleset": {"version": version}, "rules": {}, "definitions": {}, "other": {}}
    return build(content | {"bibliography": {}, "external": []}, Vocabulary({}))


def rows(*letters, tenant="t", sha256="a", start=0):
    return [
        JudgementRow(tenant, f"{sha256}{at}", 1, sha256, text, start + at)
        for at, text in enumerate(letters)
    ]


def test_a_rule_is_counted_where_its_letter_stands_in_each_set(connection):
    judgements = Judgements(connection, JUDGEMENTS)
    judgements.add_all([*rows("tf", "Uf", "-t"), *rows("fT", sha256="b", start=10)])
    assert sorted(judgements.sets("t")) == ["a", "b"]
    found = judgements.count("t", {"a": 0, "b": 1})
    assert (found.over, found.since) == (4, 0)
    assert (found.tally.judged, found.tally.fired, found.tally.unknown) == (3, 2, 1)
    assert found.tally.decisive == {True: 1, None: 1, False: 0}


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


def test_a_set_is_kept_once_and_each_evaluator_that_ran_it(connection):
    sets, chosen = RuleSets(connection, KEPT, RUNS), a_set("1")
    sets.keep(chosen, "first", 1)
    sets.keep(chosen, "first", 2)
    sets.keep(chosen, "second", 3)
    sets.keep(a_set("2"), "second", 4)
    assert [(run.version, run.evaluator, run.first_run_at) for run in sets.all()] == [
        ("2", "second", 4),
        ("1", "second", 3),
        ("1", "first", 1),
    ]
    assert sets.text(chosen.digest) == chosen.canonical()
    assert sets.knowledge(chosen.digest).digest == chosen.digest


def test_a_set_that_was_not_kept_or_cannot_be_read_says_so(connection):
    sets = RuleSets(connection, KEPT, RUNS)
    with pytest.raises(LookupError, match="was not kept"):
        sets.knowledge("nothing")
    bad = a_set("1").canonical().replace(b'"version":"1"', b'"version":1')
    connection.execute(
        KEPT.insert(), [{"sha256": "x", "version": "1", "content": bad, "first_run_at": 1}]
    )
    with pytest.raises(KnowledgeError):
        sets.knowledge("x")
