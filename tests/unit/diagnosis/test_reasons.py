"""The reasons tell of the nodule that the case shows, and name it where there are several."""

from datetime import date
from typing import Any

from tests.support.assessing import assess

from diagnosis.judge.ruleset import load_ruleset

RULES = load_ruleset()
ON = date(2026, 11, 22)
TENDER = {
    "id": "sore",
    "certainty": "definite",
    "side": "right",
    "site": "psis",
    "tenderness": 2,
    "pain_reproduction": "familiar_pain",
}
SILENT = {"certainty": "definite", "site": "crest_medial", "tenderness": 0}
MOBILE = SILENT | {"id": "loose", "mobility": "mobile"}
FAT = SILENT | {"id": "fat"}
ULTRASOUND = {"kind": "ultrasound", "result": "fat_nodule"}
NORMAL = {"power": "normal", "reflexes": "normal", "sensation": "normal"}


def reasons(*nodules: dict[str, Any], **facts: Any) -> dict[str, list[tuple[str, str]]]:
    sentences = assess({"nodules": list(nodules), **facts}, RULES, ON).document["reasons"]
    return {
        side: [(one["rule"], one["sentence"]) for one in entries]
        for side, entries in sentences.items()
    }


def test_findings_of_three_nodules_are_not_made_one() -> None:
    imaged = [ULTRASOUND | {"nodule_id": "fat"}]
    found = reasons(MOBILE, FAT, TENDER, investigations=imaged, **NORMAL)
    name = "Nodule sore (right, posterior superior iliac spine): "
    assert [sentence for _, sentence in found["for"]] == [
        f"{name}A definite nodule lies where back mice are described.",
        f"{name}The nodule is tender, and pressure on it brings the pain that the patient knows.",
        "Power, reflexes and sensation of the legs are normal.",
    ]
    assert "BC-06" not in {rule for rule, _ in found["against"]}  # the others are the silent ones


def test_criteria_and_their_remarks_are_those_of_the_nodule_that_decides() -> None:
    typical = TENDER | {"mobility": "mobile", "size_long_mm": 20, "depth": "subcutaneous"}
    other = typical | {"id": "other", "side": "left", "tenderness": 0}
    half = {"nodule_id": "sore", "nrs_before": 8, "nrs_after": 4, "minutes_after": 20}
    gone = half | {"nodule_id": "other", "nrs_after": 0}
    found = reasons(other, typical, blocks=[half, gone], **NORMAL)
    sentences = dict(found["for"])
    assert sentences["BC-03"].startswith(
        "Nodule sore (right, posterior superior iliac spine): Relief"
    )
    assert "80 %" not in sentences["BC-03"]


def test_of_equally_high_nodules_the_one_that_brings_the_pain_is_told_of() -> None:
    doubtful = SILENT | {"id": "thickening", "certainty": "doubtful", "tenderness": 1}
    known = {"point_tenderness": 2, "point_reproduction": "familiar_pain"}
    atypical = TENDER | {"site": "other", "side": "midline"}
    sentences = reasons(doubtful, atypical, **known)["for"]
    assert [sentence.partition(":")[0] for _, sentence in sentences] == [
        "Nodule sore (midline, other)"
    ]


def test_a_tender_thickening_speaks_only_where_it_is_what_the_case_shows() -> None:
    doubtful = TENDER | {"id": "thickening", "certainty": "doubtful"}
    typical = TENDER | {"mobility": "mobile", "size_long_mm": 20, "depth": "subcutaneous"}
    assert "BC-04" not in dict(reasons(doubtful, typical, **NORMAL)["for"])
    alone = dict(reasons(doubtful, SILENT | {"id": "b"})["for"])
    assert alone["BC-04"].startswith("Nodule thickening (right, posterior")
    point = {"point_tenderness": 2, "point_reproduction": "familiar_pain"}
    assert "BC-04" in dict(reasons(nodule_present="none", **point)["for"])


def test_a_nodule_without_a_recorded_place_is_named_by_its_id() -> None:
    """It is told of though another one is INCIDENTAL for certain: this one keeps the case open."""
    bare = {name: value for name, value in TENDER.items() if name not in {"side", "site"}}
    sentences = reasons(bare, FAT)["for"]
    assert sentences[0][1].startswith("Nodule sore: The nodule is tender")


def test_the_only_nodule_needs_no_name() -> None:
    sentences = [sentence for entries in reasons(TENDER).values() for _, sentence in entries]
    assert sentences
    assert not [sentence for sentence in sentences if "sore" in sentence]


def test_a_block_that_did_not_help_is_told_of_whichever_nodule() -> None:
    typical = TENDER | {"mobility": "mobile", "size_long_mm": 20, "depth": "subcutaneous"}
    other = typical | {"id": "tried", "side": "left"}
    vain = {"nodule_id": "tried", "nrs_before": 8, "nrs_after": 8, "minutes_after": 20}
    sentences = reasons(typical, other, blocks=[vain | {"technically_sound": True}], **NORMAL)
    assert dict(sentences["against"])["BC-08"].startswith("Nodule tried (left, ")
    assert dict(sentences["for"])["BC-02"].startswith("Nodule sore (right, ")


def test_which_of_two_equal_nodules_is_told_of_is_no_question_of_their_order() -> None:
    twin = TENDER | {"id": "twin", "side": "left"}
    assert reasons(TENDER, twin, **NORMAL) == reasons(twin, TENDER, **NORMAL)
