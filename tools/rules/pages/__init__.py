"""Browsable pages of all rules with their citations, under docs/rules.

`python -m tools.rules.pages` writes them; a test refuses pages that are out of date.
"""

from tools.rules.pages.pages import pages
from tools.rules.pages.places import FOLDER, page_of

__all__ = ["FOLDER", "page_of", "pages"]
