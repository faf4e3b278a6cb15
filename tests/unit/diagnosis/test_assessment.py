"""The whole document: BM-01's journey, what is missing, what is cited, how it reads."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.support.assessing import as_text, assess

from diagnosis.judge import Ruleset, load_ruleset
from diagnosis.schemas import case_facts, rule_faults
from diagnosis.write import explain
from rules import NothingInForceError, from_canonical

ON = dt.date(2026, 11, 22)
RULESET = load_ruleset(check_then=rule_faults)
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
BM01: dict[str, Any] = json.loads((EXAMPLES / "bm01_completed.json").read_text())
BLOCK = {"nodule_id": "crest", "nrs_before": 7, "nrs_after": 1, "minutes_after": 20}


def flat(body: dict[str, Any]) -> dict[str, Any]:
    return RULESET.knowledge.vocabulary.flatten(case_facts({"facts": body}, ON))


def assessed(facts: dict[str, Any]) -> dict[str, Any]:
    return assess(facts, RULESET, ON).document


@pytest.fixture(scope="module")
def bm01() -> dict[str, Any]:
    return flat({name: value for name, value in BM01.items() if name != "reference"})


def missing(document: dict[str, Any], fact: str) -> dict[str, Any]:
    (found,) = [entry for entry in document["missing_findings"] if entry["fact"] == fact]
    return found


def test_bm01_is_probable_before_its_block_and_confirmed_after(bm01: dict[str, Any]) -> None:
    before = assessed(bm01)
    assert before["likelihood"] == before["category"] == "PROBABLE"
    assert before["provisional"] is None
    assert before["red_flags"]["screen"]["sentence"] == "red-flag screen: 13 of 13"
    assert not before["red_flags"]["locked"]
    assert not before["red_flags"]["hold"]
    assert before["proposals"]["diagnostic_block"] is True
    after = assessed(bm01 | {"blocks": [BLOCK], "earlier_blocks": "recorded"})
    assert after["likelihood"] == "CONFIRMED"
    assert after["proposals"]["diagnostic_block"] is False
    reasons = {entry["rule"] for entry in after["reasons"]["for"]}
    assert {"BC-02", "BC-03"} <= reasons
    assert any("80 %" in entry["sentence"] for entry in after["reasons"]["for"])


def test_a_confirmed_answer_tells_of_its_block_though_a_competitor_was_not_looked_for(
    bm01: dict[str, Any],
) -> None:
    """The sacroiliac tests are those of DD-04; not done, that explanation was not found."""
    done = {name: value for name, value in bm01.items() if not name.startswith("sij_tests.")}
    after = assessed(done | {"blocks": [BLOCK], "earlier_blocks": "recorded"})
    assert (after["likelihood"], after["competing"]) == ("CONFIRMED", None)
    (reason,) = [entry for entry in after["reasons"]["for"] if entry["rule"] == "BC-03"]
    assert "cannot tell nodule, nerve and fascia apart" in reason["sentence"]


def test_a_block_is_proposed_and_the_plan_is_said_to_decide_on_the_needle(
    bm01: dict[str, Any],
) -> None:
    (block,) = [entry for entry in assessed(bm01)["examinations"] if entry["rule"] == "NE-05"]
    assert block["why_here"].startswith(
        "Safety: the treatment plan decides whether a needle may be used. Can settle"
    )


def test_no_block_is_proposed_against_a_deficit(bm01: dict[str, Any]) -> None:
    document = assessed(bm01 | {"sensation": "reduced"})
    assert document["likelihood"] in {"POSSIBLE", "PROBABLE"}
    assert not document["red_flags"]["locked"]
    assert document["proposals"]["diagnostic_block"] is False
    assert "NE-05" not in {entry["rule"] for entry in document["examinations"]}


def test_a_block_that_is_half_recorded_is_completed_without_another_needle(
    bm01: dict[str, Any],
) -> None:
    half = bm01 | {"blocks": [{"nodule_id": "crest", "nrs_before": 7, "minutes_after": 20}]}
    (entry,) = [one for one in assessed(half)["examinations"] if one["rule"] == "BC-03"]
    assert entry["title"] == "The record of the block that was done"
    assert "Burden: questions only" in entry["why_here"]


def test_the_same_facts_give_the_same_bytes_by_a_stored_ruleset(bm01: dict[str, Any]) -> None:
    stored = Ruleset(from_canonical(RULESET.knowledge.canonical()))
    first = orjson.dumps(assess(bm01, RULESET, ON, case_id="c", revision=1).document)
    again = orjson.dumps(assess(bm01, stored, ON, case_id="c", revision=1).document)
    assert again == first


def test_the_keys_stand_in_the_order_in_which_people_read_them() -> None:
    keys = list(assessed({}))
    assert keys[:8] == [
        "kind",
        "case_id",
        "revision",
        "on",
        "summary",
        "category",
        "likelihood",
        "provisional",
    ]
    assert keys[-1] == "citations"


def test_an_assessment_names_ruleset_and_missing_sign_off() -> None:
    document = assessed({})
    assert document["sign_off"] == "clinical sign-off: none yet"
    assert document["ruleset"]["version"] == "2026.11.1"
    assert document["ruleset"]["sha256"] == RULESET.sha256


def test_there_is_no_assessment_before_the_first_rule() -> None:
    with pytest.raises(NothingInForceError):
        assess({}, RULESET, dt.date(2026, 10, 31))


def test_no_missing_finding_is_cut_from_a_crowded_case() -> None:
    crowded = {
        "nodules": [{"id": f"n{at}", "certainty": "definite"} for at in range(20)],
        "investigations": [{"kind": "ct"} for _ in range(50)],
        "labs": [{"test": "crp"} for _ in range(50)],
        "blocks": [{"nrs_before": 5} for _ in range(50)],
    }
    document = assessed(crowded)
    assert len({entry["fact"] for entry in document["missing_findings"]}) > 200
    assert len(document["limits"]) == len(assessed({})["limits"])


def test_a_missing_finding_says_what_each_answer_would_change() -> None:
    found = missing(assessed({"nodule_present": "none"}), "age_years")
    changes = {(entry["conclusion"], entry["if"], entry["to"]) for entry in found["could_change"]}
    assert ("red_flag:RF-16", "under 16 years", "locks treatment") in changes
    assert ("category", "under 16 years", "OUT-OF-SCOPE-RED-FLAG") in changes
    assert ("red_flag:RF-05", "70 years or more", "holds treatment") in changes
    assert found["sentence"].startswith("Age: if under 16 years, RF-16")


def test_what_changes_nothing_alone_may_matter_together() -> None:
    found = missing(assessed({}), "point_site")
    assert found["together"] is True
    assert found["could_change"] == []
    assert "sentence" not in found


def test_an_ultrasound_that_was_not_done_is_a_missing_finding() -> None:
    facts = {
        "nodules": [
            {
                "id": "a",
                "certainty": "definite",
                "site": "psis",
                "tenderness": 1,
                "pain_reproduction": "familiar_pain",
                "mobility": "mobile",
            }
        ],
        "power": "normal",
        "reflexes": "normal",
        "sensation": "normal",
    }
    changes = {
        (entry["conclusion"], entry["if"], entry["to"])
        for entry in missing(assessed(facts), "investigations")["could_change"]
    }
    assert ("likelihood", "fat", "PROBABLE") in changes
    assert ("red_flag:RF-11", "not plainly fat", "locks treatment") in changes


def test_a_finding_that_would_contradict_a_recorded_answer_is_not_imagined() -> None:
    denied = assessed({"fever": False})
    assert "max_temp_c" not in {
        entry["fact"] for entry in denied["missing_findings"] if entry["could_change"]
    }
    assert missing(assessed({}), "max_temp_c")["could_change"]


def test_palpation_is_a_missing_finding_with_every_outcome() -> None:
    found = missing(assessed({}), "nodule_present")
    assert {entry["conclusion"] for entry in found["could_change"]} == {"possible likelihoods"}


def test_a_released_statement_is_named_while_its_flag_is_active() -> None:
    found = missing(assessed({"weight_loss": True}), "serious_disease_judged_unlikely")
    assert found["together"]
    quiet = {entry["fact"] for entry in assessed({})["missing_findings"]}
    assert "serious_disease_judged_unlikely" not in quiet


def test_competitors_that_were_not_examined_are_listed(bm01: dict[str, Any]) -> None:
    assert "slr_right_felt" not in assessed(bm01)["facts_not_examined"]
    without = {name: value for name, value in bm01.items() if name != "slr_right_felt"}
    listed = assessed(without | {"slr_structural_differentiation": None})["facts_not_examined"]
    assert "slr_right_felt" in listed


def test_a_competitor_lowers_and_is_named_first(bm01: dict[str, Any]) -> None:
    document = assessed(bm01 | {"known_axial_spondyloarthritis": True})
    assert document["likelihood"] == "POSSIBLE"
    assert document["competing"] is True
    assert document["competitors"] == ["DD-06"]
    assert document["differentials"][0]["rule"] == "DD-06"
    assert document["differentials"][0]["competing"] is True
    assert "comes first: Axial spondyloarthritis" in document["summary"]


def test_a_pointer_without_its_partner_is_to_examine() -> None:
    facts = {"slr_right_felt": "below_knee", "dermatomal_pain": False}
    (entry,) = assessed(facts)["differentials"]
    assert (entry["rule"], entry["state"], entry["competing"]) == ("DD-05", "to_examine", False)
    assert "slr_structural_differentiation" in entry["missing"]


def test_a_tender_medial_crest_without_ultrasound_points_to_the_enthesis() -> None:
    facts = {"nodule_present": "none", "point_site": "crest_medial", "point_tenderness": 2}
    states = {entry["rule"]: entry["state"] for entry in assessed(facts)["differentials"]}
    assert states["DD-12"] == "to_examine"
    done = facts | {"investigations": [{"kind": "ultrasound", "result": "normal"}]}
    assert "DD-12" not in {entry["rule"] for entry in assessed(done)["differentials"]}


def test_cluneal_entrapment_comes_first_when_there_is_no_nodule() -> None:
    crest = {
        "point_site": "crest_lateral",
        "midline_distance_mm": 70,
        "point_reproduction": "familiar_pain",
        "taut_band": True,
        "hypersensitive_spot_with_referral": True,
        "known_axial_spondyloarthritis": True,
    }
    ranks = [
        [entry["rule"] for entry in assessed(crest | {"nodule_present": present})["differentials"]]
        for present in ("none", "doubtful")
    ]
    assert ranks[0][0] == "DD-01"
    assert ranks[1][0] == "DD-06"


def test_only_what_the_rules_read_is_named_as_used() -> None:
    facts = {"age_years": 45, "pain_nrs_now": 6, "nodules": [{"id": "a", "side": "left"}]}
    assert assessed(facts)["facts_used"] == {"age_years": 45, "nodules": [{"id": "a"}]}


def test_every_cited_key_is_told_in_full() -> None:
    citations = assessed({"fever": True})["citations"]
    assert citations["IDSA2015"]["doi"] == "10.1093/cid/civ482"
    assert citations["IDSA2015"]["text"].startswith("Berbari EF et al. Vertebral osteomyelitis")
    assert all(entry["read"] for entry in citations.values())


def test_an_explanation_shows_why_a_rule_came_out_as_it_did() -> None:
    trees = explain({"age_years": 15}, RULESET.in_force(ON))
    assert trees["RF-16"]["verdict"] is True
    assert trees["RF-16"]["value"] == 15
    assert set(trees) == set(assessed({})["verdicts"])


def test_the_text_puts_red_flags_first_and_numbers_its_sources(bm01: dict[str, Any]) -> None:
    text = as_text(assessed(bm01 | {"known_axial_spondyloarthritis": True, "fever": True}))
    places = [text.index(word) for word in ("RED FLAGS", "LIKELIHOOD", "WHAT ELSE FITS")]
    assert places == sorted(places)
    assert "TODAY: Suspected spinal infection" in text
    assert "CATEGORY   OUT-OF-SCOPE-RED-FLAG" in text
    assert "Settles:" in as_text(assessed(bm01))
    assert "  - [1] " in text
    assert all(len(line) <= 96 for line in text.splitlines() if "http" not in line)


@pytest.mark.parametrize("facts", [{}, {"age_years": 71}, {"nodule_present": "none"}])
def test_every_answer_reads_without_a_percentage_or_a_dose(facts: dict[str, Any]) -> None:
    text = as_text(assess(facts, RULESET, ON, case_id="c-1", revision=2).document)
    assert text.startswith("ASSESSMENT, case c-1, revision 2, judged on 2026-11-22")
    assert " mg" not in text
    assert "WHAT IS MISSING" in text


def test_an_action_table_that_nobody_understands_is_refused() -> None:
    version = RULESET.knowledge.rules["RF-01"].versions[0]
    assert rule_faults(version.then, version) == []
    assert rule_faults({"effect": "explode"}, version)
    assert rule_faults({}, version) == [
        "it has none of effect, side, pointer, settles, so nobody knows what follows."
    ]


def test_a_result_that_is_not_at_hand_leaves_the_screen_open() -> None:
    screen = assessed({"earlier_tests": "done_result_not_available"})["red_flags"]["screen"]
    assert screen["items"][12]["state"] == "incomplete"
    assert screen["items"][12]["missing"] == ["investigations"]


def test_the_text_says_when_nothing_is_missing_and_names_few_findings_all(
    bm01: dict[str, Any],
) -> None:
    document = assessed(bm01)
    finding = {"together": False, "sentence": "Age: if under 16 years, RF-16 locks treatment."}
    few = as_text(document | {"missing_findings": [finding]})
    assert "more that could change it alone" not in few
    assert "Nothing that could change" in as_text(document | {"missing_findings": []})
