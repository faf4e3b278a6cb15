"""The table of hazards in docs/safety.md, made from the hazards of the services.

`python -m tests.safety_page` writes it; a test refuses a table that is out of date.
"""

from collections.abc import Iterator

from tests.knowledge.hazards import PATIENT, Hazard, hazards
from tests.knowledge.sets import ROOT

PAGE = ROOT / "docs" / "safety.md"
BEGIN, END = "<!-- hazards: begin -->", "<!-- hazards: end -->"


def page() -> str:
    """The page as it should be: its own words, and the table in their midst."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join(_table())
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _table() -> Iterator[str]:
    yield "| # | Hazard | Why it is real | Rules | Shown by |"
    yield "|---|---|---|---|---|"
    for hazard in hazards():
        rules = ", ".join(f"[{rule}](rules/{_page(rule)}#{rule.lower()})" for rule in hazard.rules)
        anchor = f'<a id="{hazard.name.lower()}"></a>{hazard.name}'
        yield f"| {anchor} | {hazard.title} | {hazard.why} | {rules} | {_proofs(hazard)} |"


def _proofs(hazard: Hazard) -> str:
    return ", ".join(_proof(proof) for proof in hazard.shown_by)


def _proof(proof: str) -> str:
    if PATIENT.fullmatch(proof):
        return f"[{proof}](../tests/knowledge/published/{proof}.toml)"
    file, _, test = proof.partition("::")
    return f"[{test.replace('_', ' ').removeprefix('test ') or 'its rule cases'}](../{file})"


def _page(rule: str) -> str:
    from tools.rules.pages import page_of  # noqa: PLC0415 - that page links here

    return page_of(rule)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
