"""`docs/glossary.md` is the vocabulary of the code: no name uses a word that it rejects."""

import collections
import functools
import re
from pathlib import Path

from tests.unit.names import defined, words

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"

# What is held to the glossary; it grows until it names the four roots and nothing else.
HELD = (
    "services/rules",
    "services/gateway",
    "services/backmice",
    "services/intake",
    "tools",
    "bench",
    "tests",
)
ROOTS = ("services", "tools", "tests", "bench")
ALLOWED: dict[str, str] = {
    "services/rules/catalogue/serving/routes.py": "its names are mended with the HTTP package",
    "services/rules/catalogue/serving/bodies.py": "its names are mended with the HTTP package",
}
"""File -> why a rejected word may stand in it."""


def rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1:]]


@functools.cache
def rejected() -> set[str]:
    return {word for _, _, words_ in rows() for word in re.findall(r"[a-z]+", words_)}


def offences(roots: tuple[str, ...]) -> list[str]:
    paths = sorted(path for root in roots for path in (ROOT / root).rglob("*.py"))
    return [line for path in paths for line in offences_in(path)]


@functools.cache
def offences_in(path: Path) -> list[str]:
    banned, place = rejected(), str(path.relative_to(ROOT))
    if place in ALLOWED:
        return []
    return [f"{place}:{line} {name}" for line, name in defined(path) if banned & {*words(name)}]


def test_no_name_uses_a_word_that_the_glossary_rejects():
    assert offences(HELD) == []


def test_the_rest_of_the_tree_is_counted():
    counts = collections.Counter(line.split("/")[0] for line in offences(ROOTS))
    for root, number in sorted(counts.items()):
        print(f"{root}: {number} names with rejected words")  # noqa: T201
    assert set(counts) <= set(ROOTS)


def test_each_row_has_a_term_a_meaning_and_rejected_words_or_none():
    assert rows()
    assert [row for row in rows() if len(row) != 3 or not row[0] or not row[1]] == []


def test_the_terms_are_in_alphabetical_order_and_none_is_there_twice():
    terms = [row[0].lower() for row in rows()]
    assert terms == sorted(set(terms))


def test_no_term_is_rejected_elsewhere():
    terms = {row[0].lower() for row in rows()}
    assert terms & rejected() == set()
