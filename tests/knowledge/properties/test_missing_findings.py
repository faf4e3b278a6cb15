"""What is said of missing findings is what judging the whole case again with each value shows."""

import multiprocessing
import os

import pytest
from tests.knowledge.properties.missing_oracle import changes
from tests.knowledge.properties.services import RULES
from tests.knowledge.properties.sweep import PROCESSES, made
from tests.knowledge.properties.test_properties import SEED
from tests.support.assessing import missing_in_words

from diagnosis.judge.evaluated import evaluate

CASES = int(os.environ.get("MISSING_CASES", "200"))
BLOCK = 50
LEAST = 10  # findings that change something, for each case on average


def wrong(seed: int, at: int) -> tuple[int, list[str]]:
    """Hold the answer about one case against the slow one: what changes, and what differs."""
    facts = made(seed, at)
    judged = evaluate(facts, RULES)
    expected = changes(facts)
    listed: dict[str, set[tuple[str, str]]] = {}
    for finding in missing_in_words(facts, RULES, judged):
        changed = {(change["conclusion"], change["to"]) for change in finding["could_change"]}
        listed.setdefault(finding["fact"], set()).update(changed)
    listed.pop("investigations", None)  # an ultrasound that was not done is no unknown fact
    differing = [
        f"PROPERTY_SEED={seed}, case {at}: {name}: told {listed.get(name, set())}, found {found}"
        for name, found in expected.items()
        if listed.get(name, set()) != found
    ]
    return sum(map(bool, expected.values())), differing


def _block(work: tuple[int, range]) -> tuple[int, list[str]]:
    found = [wrong(work[0], at) for at in work[1]]
    return sum(number for number, _ in found), [line for _, lines in found for line in lines]


@pytest.fixture(scope="module")
def compared() -> list[tuple[int, list[str]]]:
    blocks = [(SEED, range(at, min(at + BLOCK, CASES))) for at in range(0, CASES, BLOCK)]
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        return list(pool.imap_unordered(_block, blocks))


def test_each_finding_is_told_to_change_exactly_what_it_changes(
    compared: list[tuple[int, list[str]]],
) -> None:
    differing = [line for _, lines in compared for line in lines]
    assert not differing, "\n".join(differing[:5])


def test_enough_findings_could_change_something(compared: list[tuple[int, list[str]]]) -> None:
    assert sum(number for number, _ in compared) > LEAST * CASES
