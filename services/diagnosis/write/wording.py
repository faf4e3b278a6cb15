"""The wording that this program writes with."""

import functools

from diagnosis.judge.ruleset import FOLDER
from rules.language.sentences import Sentences


@functools.cache
def load_sentences() -> Sentences:
    """Read the fixed sentences of ``knowledge/sentences``, once."""
    return Sentences.load(FOLDER)
