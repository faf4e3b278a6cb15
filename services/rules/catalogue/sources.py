"""How a bibliography entry is cited, and which entries a document names."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules.language.model import Knowledge

_FIELDS: Final = ("authors", "title", "journal")
_ENDS: Final = (".", "!", "?", "…")
_NUMBERS: Final = ("doi", "pmid")
_HOLDERS: Final = (dict, list)
_DETAILS: Final = ("doi", "pmid", "url", "read", "note")


def reference(entry: Mapping[str, Any]) -> str:
    """Write an entry as people cite it; what an article lacks is stated once, and not filled in.

    Without a journal it is a page, a guideline or a case: those have a title and need no authors.
    """
    fields = [str(entry[part]) for part in _FIELDS if entry.get(part)]
    year = str(entry.get("year") or "")
    if year and not any(year in part for part in fields):
        fields.append(year)
    lacking = [part for part in _FIELDS[:2] if not entry.get(part)]
    if lacking and entry.get("journal"):
        fields.append(f"{' and '.join(lacking).capitalize()} not given in the evidence notes")
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in fields)


def citation(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Show an entry as an answer does: as people cite it, where it is, how deeply it was read.

    What has a number that identifies it for ever is shown without its page; the pages of the
    rules have both.
    """
    numbered = any(entry.get(name) for name in _NUMBERS)
    details = {name: entry[name] for name in _DETAILS if entry.get(name)}
    return {"text": reference(entry)} | {
        n: v for n, v in details.items() if n != "url" or not numbered
    }


@functools.lru_cache(maxsize=8)
def all_citations(knowledge: Knowledge) -> Mapping[str, dict[str, Any]]:
    """Cite every source of a set, by key; whoever shows a citation takes a copy."""
    return {key: citation(entry) for key, entry in knowledge.bibliography.items()}


def named(document: Iterable[Any], under: str = "sources") -> set[str]:
    """Collect what stands in all lists of one name, wherever it stands in a document.

    Every answer is walked for its sources, so this keeps a list of what waits, and calls nobody.
    """
    names: set[str] = set()
    waiting = [value for value in document if type(value) in _HOLDERS]
    while waiting:
        holder = waiting.pop()
        if type(holder) is dict:
            names.update(holder.get(under) or ())
            holder = holder.values()
        waiting += [value for value in holder if type(value) in _HOLDERS and value]
    return names
