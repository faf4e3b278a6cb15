"""What must hold for every case, whatever was recorded.

A plain run holds it against a few thousand fixed cases; `make test-properties` against 100,000 new
ones: `PROPERTY_CASES` says how many, `PROPERTY_SEED` which (0: new ones).
"""

import os
import random

import pytest
from tests.knowledge.properties import sweep as sweeping
from tests.knowledge.properties.services import Services
from tests.knowledge.properties.statements import PROPERTIES
from tests.knowledge.properties.sweep import Found, explain

CASES = int(os.environ.get("PROPERTY_CASES", "4000"))
SEED = int(os.environ.get("PROPERTY_SEED", "20261122")) or random.SystemRandom().randrange(1, 10**9)
LEAST_SHARE = 0.02  # of the cases must come under each property, or it proves nothing


@pytest.fixture(scope="module")
def found() -> Found:
    return sweeping.sweep(SEED, CASES)


@pytest.mark.parametrize("name", PROPERTIES)
def test_it_holds_for_every_case(name: str, found: Found) -> None:
    failures = [explain(Services(), SEED, at, name) for at in found.failures.get(name, [])[:2]]
    assert not failures, "\n".join(failures)
    least = LEAST_SHARE * found.cases / sweeping.EVERY.get(name, 1)
    assert found.exercised[name] >= least, f"only {found.exercised[name]} cases came under it"
    print(f"PROPERTY_SEED={SEED}: {name}: {found.exercised[name]} of {found.cases} cases")  # noqa: T201
