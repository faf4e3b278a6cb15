"""How a bibliography entry is cited, and which entries a document names."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.language.model import Knowledge

_PARTS: Final = ("authors", "title", "journal")
_ENDS: Final = (".", "!", "?", "…")
_NUMBERS: Final = ("doi", "pmid")
_HOLDERS: Final = (dict, list)
_SHOWN: Final = ("doi", "pmid", "url", "read", "note")


def reference(entry: Mapping[str, Any]) -> str:
    """Write an entry as people cite it; what an article lacks is said once, and not filled in.

    Without a journal it is a page, a guideline or a case: those have a title and need no authors.
    """
    said = [str(entry[part]) for part in _PARTS if entry.get(part)]
    year = str(entry.get("year") or "")
    if year and not any(year in part for part in said):
        said.append(year)
    lacking = [part for part in _PARTS[:2] if not entry.get(part)]
    if lacking and entry.get("journal"):
        said.append(f"{' and '.join(lacking).capitalize()} not given in the evidence notes")
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in said)


def citation(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Show an entry as an answer does: as people cite it, where it is, how deeply it was read.

    What has a number by which it is found for ever is not told the page as well; the pages of the
    rules have both.
    """
    found = any(entry.get(name) for name in _NUMBERS)
    shown = {name: entry[name] for name in _SHOWN if entry.get(name)}
    return {"text": reference(entry)} | {n: v for n, v in shown.items() if n != "url" or not found}


@functools.lru_cache(maxsize=8)
def all_citations(knowledge: Knowledge) -> Mapping[str, dict[str, Any]]:
    """Cite every source of a set, by key; whoever shows a citation takes a copy."""
    return {key: citation(entry) for key, entry in knowledge.bibliography.items()}


def named(parts: Iterable[Any], under: str = "sources") -> set[str]:
    """Collect what stands in all lists of one name, wherever in the parts of a document.

    Every answer is walked for its sources, so this keeps a list of what waits, and calls nobody.
    """
    found: set[str] = set()
    waiting = [part for part in parts if type(part) in _HOLDERS]
    while waiting:
        part = waiting.pop()
        if type(part) is dict:
            found.update(part.get(under) or ())
            part = part.values()
        waiting += [value for value in part if type(value) in _HOLDERS and value]
    return found
