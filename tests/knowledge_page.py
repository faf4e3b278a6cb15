"""The table of findings in docs/knowledge.md, made from the vocabulary.

`python -m tests.knowledge_page` writes it; a test refuses a table that is out of date.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "knowledge.md"
BEGIN, END = "<!-- findings: begin -->", "<!-- findings: end -->"


def page() -> str:
    """The page as it should be: its own words, and the table in their midst."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join(_table())
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _table() -> Iterator[str]:
    yield "| finding | kind | needed by |"
    yield "|---|---|---|"
    for path in sorted((ROOT / "services" / "intake" / "knowledge" / "facts").glob("*.toml")):
        table = tomllib.loads(path.read_text())
        for name, entry in _entries(table):
            needed = ", ".join(entry.get("needed_by", ()))
            if table.get("derived"):
                yield f"| `{name}` | derived by intake, sent in `{table['section']}` | {needed} |"
            elif needed:
                kind = entry.get("type", "list")
                yield f"| `{name}` | {kind} | {needed} |"
    for service in ("diagnosis", "treatment"):
        derived = tomllib.loads(
            (ROOT / "services" / service / "knowledge" / "derived.toml").read_text()
        )
        for name, entry in _entries(derived):
            needed = ", ".join(entry.get("needed_by", ()))
            yield f"| `{name}` | computed in {service}, never sent | {needed} |"


def _entries(table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for fact in table.get("fact", ()):
        yield fact["name"], fact
    for listed in table.get("list", ()):
        yield f"{listed['name']}[]", listed
        for field in listed.get("field", ()):
            yield f"{listed['name']}[].{field['name']}", field


if __name__ == "__main__":
    PAGE.write_text(page())
