"""What diagnosis writes of a decision: the brief, the full document, its text."""

from diagnosis.write.brief import Brief
from diagnosis.write.briefing import brief
from diagnosis.write.document import document
from diagnosis.write.explanation import explain
from diagnosis.write.screen_rule import screen_in_words, screen_rests_on, screen_rule
from diagnosis.write.text import text
from diagnosis.write.wording import load_sentences

__all__ = [
    "Brief",
    "brief",
    "document",
    "explain",
    "load_sentences",
    "screen_in_words",
    "screen_rests_on",
    "screen_rule",
    "text",
]
