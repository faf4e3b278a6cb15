"""Runs a record through the two clinical domains, as their services do."""

import functools
from datetime import date

from tests.knowledge.published.expectations import Answer
from tests.knowledge.published.reader import Body, projected
from tests.support.assessed import recommend
from tests.support.assessing import assess

from diagnosis.judge import Ruleset
from diagnosis.judge.ruleset import load_ruleset
from rules import Knowledge
from treatment.judge import load_guidance


@functools.cache
def rules() -> Ruleset:
    return load_ruleset()


@functools.cache
def guidance() -> Knowledge:
    return load_guidance()


def answer(body: Body, on: date) -> Answer:
    """Assess and plan as `:evaluate` does: facts with days ago instead of dates."""
    facts = projected(body, on)
    flat = rules().knowledge.vocabulary.flatten(facts)
    assessment = assess(flat, rules(), on).document
    return Answer(assessment, recommend(assessment, facts, guidance(), on))
