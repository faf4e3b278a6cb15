"""Writes a plan in words: the brief of the screen, the full document, and its text."""

import functools

from rules.language.sentences import Sentences
from treatment.judge import FOLDER
from treatment.write.brief import Brief
from treatment.write.document import Plan, as_bytes, write_document, write_explanation
from treatment.write.screen import write_brief
from treatment.write.text import write_text

__all__ = [
    "Brief",
    "Plan",
    "as_bytes",
    "load_sentences",
    "write_brief",
    "write_document",
    "write_explanation",
    "write_text",
]


@functools.cache
def load_sentences() -> Sentences:
    """Reads the wording of this program.

    Raises:
        KnowledgeError: With one sentence for each fault.
    """
    return Sentences.load(FOLDER)
