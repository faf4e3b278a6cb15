"""Rule sets are kept once, and brought back."""

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

from rules import KnowledgeError, Vocabulary
from rules.catalogue.serving.judgements import run_table
from rules.catalogue.serving.rule_sets import RuleSets
from rules.language.loader import build

METADATA = MetaData()
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
