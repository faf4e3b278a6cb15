"""Which single findings may be left out with the effect that something is offered: all named."""

import orjson
import pytest
from tests.knowledge.properties.changes import MAY_ADD_AN_OFFER
from tests.knowledge.properties.services import FINDINGS, INTAKE, ON, RULESET, Facts, Services
from tests.knowledge.sets import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "bm01_completed.json"
FACTS = RULESET.knowledge.vocabulary.facts
NUMBERS = (0, 1, 2, 3, 5, 10, 15, 20, 30, 37.9, 38, 45, 50, 65, 70, 75, 80, 100, 200, 1000)


CONTRADICT_THE_LIST = {"nodule_count", "nodule_present"}
"""A bad answer here denies the nodules that are listed beside it; intake refuses such a record."""

PERSONS: dict[str, Facts] = {
    "a woman of 47": {},
    "a woman of 67, whose buttock and weight bearing would count": {"age_years": 67},
    "at risk of tuberculosis": {"tb_risk": True, "duration_days": 400, "swelling": False},
    "with a bruise that was seen": {"skin_findings.bruise": True, "bruise_over_spine": "none"},
    "17 years old": {"age_years": 17},
}


@pytest.mark.parametrize("person", PERSONS.values(), ids=PERSONS)
def test_only_the_findings_that_are_named_may_be_left_out_to_be_offered_more(
    person: Facts,
) -> None:
    services, whole = Services(), example() | person
    assert services.decide(whole).offers
    gained = {
        name
        for name in FACTS
        if name not in MAY_ADD_AN_OFFER | CONTRADICT_THE_LIST and gains(services, whole, name)
    }
    assert gained == set()


def gains(services: Services, whole: Facts, name: str) -> bool:
    """Tell whether silence about a finding offers what some answer to it would not."""
    silent = services.decide({key: whole[key] for key in whole if key != name}).offers
    return any(silent - services.decide({**whole, name: value}).offers for value in values(name))


def values(name: str) -> tuple[object, ...]:
    fact = FACTS[name]
    return NUMBERS if fact.numeric else tuple(one.code for one in fact.values) or (True, False)


def example() -> Facts:
    body = orjson.loads(EXAMPLE.read_bytes())
    known = FINDINGS.answered({name: body[name] for name in body if name != "reference"})
    return INTAKE.flatten(FINDINGS.outgoing(known, ON))
