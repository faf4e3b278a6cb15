"""Every number that a sentence says is one of the rule, definition or table that it speaks of."""

import json
import re
from pathlib import Path

import pytest

from rules.language.sentences import Sentences

SERVICES = Path(__file__).parents[2] / "services"
NUMBER = re.compile(r"(?<![\w{-])\d+(?![\w}-])")
NAMES = re.compile(r"\{[^}]*\}|\bHLA-B27\b|\b[TL]\d+\b|\b[A-Z]{2}-\d+\b")
RULES = {
    "diagnosis": {
        "notices.out_of_age": ("red_flags/rf_16_child.toml", {}),
        "limits.out_of_age": ("red_flags/rf_16_child.toml", {}),
        "RF-16.name": ("red_flags/rf_16_child.toml", {}),
        "RF-16.why": ("red_flags/rf_16_child.toml", {}),
        "reason.BC-08.sentence": ("definitions/point_block_negative.toml", {"70": 100 - 70}),
        "reason.BC-08.short": ("definitions/point_block_negative.toml", {"70": 100 - 70}),
        "reason.BC-15.sentence": ("definitions/large_or_depth_uncertain.toml", {}),
        "examination.size_and_depth.settles": ("definitions/large_or_depth_uncertain.toml", {}),
        "examination.block.ask": ("definitions/positive_block.toml", {}),
        "examination.block_record.do": ("definitions/positive_block.toml", {}),
        "examination.block.settles": ("definitions/point_block_negative.toml", {}),
        "reason.BC-03.sentence": ("facts/03_pain.toml", {}),
        "reason.tender-and-familiar.sentence": ("facts/08_nodule_examination.toml", {}),
    },
    "treatment": {
        "look.visit": ("follow_up/fu_01_contacts.toml", {}),
        "step.third_needle.do": ("definitions/needled_this_year.toml", {"12": 365}),
        "step.block.do": ("definitions/positive_block_of_short_relief.toml", {}),
        "scores.changed": ("facts/03_pain.toml", {}),
        "closed.injection-indicated": ("options/tx_07_guided_injection.toml", {}),
        "found.CI-03": ("contraindications/ci_03_steroid_repeat.toml", {"3": 90}),
        "found.CI-14": ("contraindications/ci_14_recent_steroid.toml", {"3": 90}),
        "found.CI-15": ("contraindications/ci_15_under_18.toml", {}),
        "caution.CI-15": ("contraindications/ci_15_under_18.toml", {}),
    },
}
"""For each sentence with a number: where the threshold stands, and how it is spelled there."""


def numbers(text: str) -> list[str]:
    return NUMBER.findall(NAMES.sub("", text))


def sentences_of(service: str) -> dict[str, list[str]]:
    """Each sentence that says a number, with its numbers."""
    sentences = Sentences.load(SERVICES / service / "knowledge")
    texts: dict[str, str] = json.loads(sentences.canonical())["texts"]
    return {key: found for key, text in texts.items() if (found := numbers(text))}


@pytest.mark.parametrize("service", ["diagnosis", "treatment", "intake"])
def test_every_number_of_a_sentence_is_tied_to_a_threshold(service: str) -> None:
    assert {*sentences_of(service)} - {*RULES.get(service, {})} == set()


@pytest.mark.parametrize(
    ("service", "key"), [(service, key) for service, keys in RULES.items() for key in keys]
)
def test_a_number_of_a_sentence_is_the_rule_s(service: str, key: str) -> None:
    where, spelled = RULES[service][key]
    text = (SERVICES / service / "knowledge" / where).read_text(encoding="utf-8")
    thresholds = {found for line in text.splitlines() for found in NUMBER.findall(line)}
    for number in sentences_of(service)[key]:
        assert str(spelled.get(number, number)) in thresholds, (key, number, where)
