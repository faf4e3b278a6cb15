"""Each property catches rules that offend it; a property that cannot fail protects nobody."""

import pytest
from tests.knowledge.properties.broken import BROKEN
from tests.knowledge.properties.services import Services
from tests.knowledge.properties.statements import PROPERTIES
from tests.knowledge.properties.sweep import chance_of, made

from treatment.judge import judging

SEED = 20261122
MOST = 12_000  # cases are tried until one is caught
ASKING = "an_unanswered_contraindication_is_asked"


def caught(services: Services, name: str) -> int | None:
    """The number of the first case that breaks a property."""
    for at in range(MOST):
        facts = made(SEED, at)
        if PROPERTIES[name](services, facts, services.decide(facts), chance_of(SEED, at, name)):
            return at
    return None


@pytest.mark.parametrize("name", BROKEN)
def test_it_catches_services_that_are_wrong(name: str) -> None:
    assert caught(BROKEN[name](), name) is not None


def test_it_catches_a_question_that_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(verdict: bool | None, when_true: str) -> str:
        return when_true if verdict else judging.CLEAR

    monkeypatch.setattr(judging, "_word", silent)
    assert caught(Services(), ASKING) is not None


def test_each_property_is_shown_to_catch_something() -> None:
    assert {*BROKEN, ASKING} == set(PROPERTIES)
