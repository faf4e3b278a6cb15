"""The pages of all rules are those of the rules that run, and their links lead somewhere."""

import re
from functools import cache
from pathlib import Path

import pytest
from tests.knowledge.sets import ROOT, SERVICES, rule_set
from tools.rules.pages import FOLDER, page_of, pages

LINK = re.compile(r"\]\((?!<?https?:)([^)\s]+)\)")
HEADING = re.compile(r"(?m)^#+ (.+)$")
PAGES = [*sorted(FOLDER.glob("*.md")), ROOT / "docs" / "safety.md", ROOT / "docs" / "knowledge.md"]


@cache
def made() -> dict[str, str]:
    return pages()


@cache
def anchors(path: Path) -> frozenset[str]:
    """Where a code host lets a link into a page lead: its headings, and ids written by hand."""
    text = path.read_text("utf-8")
    headings = (re.sub(r"[^\w\- ]", "", found.lower()) for found in HEADING.findall(text))
    return frozenset(name.replace(" ", "-") for name in headings) | set(
        re.findall(r'<a id="([^"]+)"', text)
    )


def dead(path: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (path.parent / file).resolve() if file else path
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def test_the_pages_are_up_to_date() -> None:
    there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    stale = [name for name, text in made().items() if there.get(name) != text]
    assert (stale, set(there) - set(made())) == ([], set()), "python -m tools.rules.pages"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = LINK.findall(path.read_text("utf-8"))
    assert links
    assert [link for link in links if dead(path, link)] == []


def test_a_link_that_leads_nowhere_is_noticed() -> None:
    index = FOLDER / "index.md"
    assert not dead(index, "red_flags.md#rf-01")
    assert dead(index, "red_flags.md#rf-99")
    assert dead(index, "nothing.md")


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_is_told_whole(service: str) -> None:
    knowledge = rule_set(service).knowledge
    for rule in knowledge.rules.values():
        section = made()[page_of(rule.id)].split(f"\n## {rule.id}\n")[1].split("\n## ")[0]
        newest = rule.versions[-1]
        assert rule.title in section
        assert newest.because in section
        assert f"from {newest.start}" in section
        assert f"Strength: {newest.strength}" in section
        assert all(f"[{key}](sources.md#" in section for key in newest.sources)
        assert f"tests/knowledge/{service}/{rule.file}" in section


def test_a_rule_links_to_a_definition_and_that_to_a_rule() -> None:
    assert "[competing-explanation](definitions_diagnosis.md#" in made()["criteria.md"]
    assert "[DD-06](differentials.md#dd-06)" in made()["definitions_diagnosis.md"]


def test_every_source_says_how_deeply_it_was_read() -> None:
    blocks = made()["sources.md"].split("\n## ")[1:]
    assert blocks
    assert all("\n- Read: " in block for block in blocks)
