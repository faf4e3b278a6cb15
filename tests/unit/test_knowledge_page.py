"""The table of findings is that of the vocabulary."""

from tests.knowledge_page import PAGE, page


def test_the_table_of_findings_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "python -m tests.knowledge_page"


def test_the_table_names_what_the_rules_added() -> None:
    text = PAGE.read_text()

    assert "| `gain_after_care` | code | RF-07, TX-07, FU-05 |" in text
    assert "computed in treatment, never sent" in text
