"""Perfect findings of a nodule and one serious sign: nothing is offered, and the flag is raised."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.knowledge.published.answers import answer
from tests.knowledge.published.expectations import MODALITIES, Answer
from tests.knowledge.published.reader import DEFAULT_DAY, nobody, posted, with_perfect_nodule

from diagnosis.judge import load_ruleset
from intake.case import faults
from intake.schemas.requests import FINDINGS

Sign = Mapping[str, Any]
SIGNS: list[Sign] = tomllib.loads(
    Path(__file__).with_name("one_serious_sign.toml").read_text("utf-8")
)["sign"]
ADULT = {"age_years": 45, "sex_at_birth": "female"}


def body(sign: Sign) -> dict[str, Any]:
    facts = {**sign["facts"]}
    facts["patient"] = ADULT | facts.get("patient", {})
    return with_perfect_nodule(replace(nobody(), body=facts), beside=False)


def found(sign: Sign) -> Answer:
    return answer(body(sign), DEFAULT_DAY)


def named(sign: Sign) -> str:
    return f"{sign['item']}: {sign['name']}"


@pytest.mark.parametrize("sign", SIGNS, ids=named)
def test_one_serious_sign_is_enough_to_offer_nothing(sign: Sign) -> None:
    conclusions = found(sign)
    assert [group for group in MODALITIES if conclusions.offered(group)] == []
    assert conclusions.plan["diagnostic_block"]["status"] != "released"


@pytest.mark.parametrize("sign", SIGNS, ids=named)
def test_one_serious_sign_raises_its_flag_with_its_urgency(sign: Sign) -> None:
    conclusions = found(sign)
    if sign["flag"] == "RFS-13":
        assert (conclusions.headline["rule"], conclusions.headline["urgency"]) == (
            "RFS-13",
            sign["urgency"],
        )
        return
    assert conclusions.active[sign["flag"]]["urgency"] == sign["urgency"]
    assert conclusions.headline["urgency"] == sign["urgency"]


@pytest.mark.parametrize("sign", SIGNS, ids=named)
def test_a_clinic_could_post_the_sign(sign: Sign) -> None:
    assert list(faults(FINDINGS, posted(body(sign)), DEFAULT_DAY)) == []


def test_every_question_of_the_screen_has_a_sign() -> None:
    asked = [item["n"] for item in load_ruleset().in_force(DEFAULT_DAY).screen]
    assert {sign["item"] for sign in SIGNS} == set(asked)
