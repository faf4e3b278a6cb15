"""The page of all sources: what each is, where it is, and how deeply it was read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.knowledge.sets import SERVICES, rule_set

from rules.catalogue.sources import reference

Entry = Mapping[str, Any]
ABOUT = (
    "Keys are those of the evidence notes. *Read* says how deeply a source was read: few were read"
    " whole. Nothing is filled in that the notes do not give."
)


def sources_page(users: Mapping[str, list[str]]) -> str:
    """Tell every source once, in order of the keys.

    Args:
        users: for each key, links to what cites it.
    """
    entries: dict[str, Entry] = {}
    for service in SERVICES:
        entries |= rule_set(service).knowledge.bibliography
    blocks = [
        "# Sources",
        "Made by `python -m tools.rules.pages`; do not edit.",
        "[All rules](index.md)",
        ABOUT,
    ]
    for key in sorted(entries, key=str.casefold):
        blocks += [f"## {key}", "\n".join(_lines(entries[key], users.get(key, [])))]
    return "\n\n".join(blocks) + "\n"


def _lines(entry: Entry, used: list[str]) -> Iterator[str]:
    yield f"- {reference(entry)}"
    yield from (f"- {address}" for address in _addresses(entry))
    yield f"- Read: {entry['read']}"
    if entry.get("title_from"):
        yield f"- Title: from {entry['title_from']}"
    if entry.get("note"):
        yield f"- Note: {_linked(entry['note'])}"
    yield f"- Cited by: {', '.join(used)}" if used else "- Cited by: other files of the services"


def cited(entry: Entry) -> str:
    """Cite a source in one line, with its addresses and how deeply it was read."""
    where = ", ".join(_addresses(entry))
    return f"{reference(entry)} {where + '. ' if where else ''}Read: {entry['read']}."


def _addresses(entry: Entry) -> Iterator[str]:
    if entry.get("doi"):
        yield f"[doi {entry['doi']}](<https://doi.org/{entry['doi']}>)"
    if entry.get("pmid"):
        yield f"[PMID {entry['pmid']}](<https://pubmed.ncbi.nlm.nih.gov/{entry['pmid']}/>)"
    url = entry.get("url", "")
    if url.startswith("http"):
        yield f"[page read](<{url}>)"
    elif url:
        yield f"read at {url}"


def _linked(note: str) -> str:
    return re.sub(r"https?://[^\s,]+", lambda match: f"<{match[0]}>", note)
