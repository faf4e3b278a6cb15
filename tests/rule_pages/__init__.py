"""Browsable pages of all rules with their citations, under docs/rules.

`python -m tests.rule_pages` writes them; a test refuses pages that are out of date.
"""

from tests.rule_pages.pages import pages
from tests.rule_pages.places import FOLDER, page_of

__all__ = ["FOLDER", "page_of", "pages"]
