"""What must hold for every plan as it is written, over cases that diagnosis has really assessed."""

import copy
import json
import os
import re
import textwrap
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.assessed import brief_of, case_of, recommend
from tests.support.assessing import assess

from diagnosis.judge.ruleset import load_ruleset
from intake.case import Findings, tidy
from rules import Vocabulary
from treatment.judge import in_force, judge, load_guidance
from treatment.write import (
    Brief,
    Plan,
    load_sentences,
    write_brief,
    write_text,
)

ON = date(2026, 11, 22)
ROOT = Path(__file__).resolve().parents[2]
RULES = load_ruleset()
GUIDANCE = load_guidance()
VOCABULARY = GUIDANCE.vocabulary
FINDINGS = Findings(Vocabulary.load(ROOT / "services" / "intake" / "knowledge" / "facts"))
ON_THE_NODULE = {"injection", "laser", "tecar", "shockwave", "dry_needling", "manual_therapy"}
MODALITIES = [*sorted(ON_THE_NODULE), "surgery"]
OFFERED = {"offered", "optional_unproven"}
MOST_BYTES = 8 * 1024  # decision and brief together
SENTENCES = load_sentences()
IN_FORCE = in_force(GUIDANCE, ON)


def _complete() -> dict[str, Any]:
    """The README's patient, who wants everything."""
    text = (ROOT / "docs" / "examples" / "bm01_completed.json").read_text(encoding="utf-8")
    body = json.loads(text)
    del body["reference"]
    body["decisions"]["consent"] = dict.fromkeys([*MODALITIES, "corticosteroid"], True)
    body["decisions"]["requested_modalities"] = dict.fromkeys(MODALITIES, True)
    body["pain"]["disabling_pain"] = False
    body["red_flags"]["max_temp_c"] = 36.8
    return FINDINGS.outgoing(tidy(FINDINGS.answered(body)), ON)


COMPLETE = _complete()


def _known_facts() -> dict[str, list[Any]]:
    """Every recorded fact with the values that it may be given; dangerous ones among them."""
    values: dict[str, list[Any]] = {}
    for name, fact in VOCABULARY.facts.items():
        if fact.home == "derived" or fact.derived or fact.stays or fact.type in {"text", "codes"}:
            continue
        if fact.type == "boolean":
            values[name] = [True, False]
        elif fact.type == "code":
            values[name] = list(fact.codes)
        elif name in {"age_years", "pain_nrs_now", "pain_nrs_average", "max_temp_c", "inr"}:
            low, high = fact.minimum or 0, fact.maximum or 0
            values[name] = sorted({low, (low + high) // 2, 3, 7, 38, high} & _range(low, high))
    return values


def _range(low: float, high: float) -> set[float]:
    return {number for number in (low, (low + high) // 2, 3, 7, 38, high) if low <= number <= high}


VALUES = _known_facts()
CALM = sorted(
    n for n in VALUES if VOCABULARY.facts[n].home not in {"red_flags", "clinician_records"}
)

days = st.integers(0, 400)
scores = st.one_of(st.none(), st.integers(0, 10))
needles = st.fixed_dictionaries(
    {
        "modality": st.sampled_from(["injection", "dry_needling", "laser", "surgery", "exercise"]),
        "performed_days_ago": days,
        "with_corticosteroid": st.sampled_from([None, True, False]),
        "adverse_event": st.sampled_from([None, "none", "flare", "infection_sign"]),
    }
)
contacts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["first", "follow_up"]),
        "happened_days_ago": days,
        "pain_nrs_average": scores,
        "rmdq": st.one_of(st.none(), st.integers(0, 24)),
        "relief_faded": st.sampled_from([None, True, False]),
        "worse_or_new_sign": st.sampled_from([None, True, False, False]),
        "nodule_palpable": st.sampled_from([None, True, False]),
    }
)
blocks = st.fixed_dictionaries(
    {
        "nodule_id": st.just("crest"),
        "performed_days_ago": days,
        "nrs_before": st.integers(0, 10),
        "nrs_after": st.integers(0, 10),
        "minutes_after": st.sampled_from([5, 20, 40]),
        "technically_sound": st.booleans(),
        "relief_duration_hours": st.sampled_from([None, 3.0, 5000.0]),
    }
)
images = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["ultrasound", "mri", "ct"]),
        "region": st.just("nodule"),
        "nodule_id": st.sampled_from(["crest", "psis"]),
        "result": st.sampled_from(
            ["fat_nodule", "fascial_gap", "non_fat", "hernia", "oedema_only"]
        ),
    }
)
drugs = st.fixed_dictionaries(
    {
        "drug": st.sampled_from(
            ["lidocaine", "bupivacaine", "other_anaesthetic", "corticosteroid"]
        ),
        "amount_mg": st.sampled_from([None, 20, 250, 600]),
        "with_adrenaline": st.sampled_from([None, True, False]),
    }
)
nodule_changes = st.dictionaries(
    st.sampled_from(
        ["size_long_mm", "mobility", "depth", "tenderness", "pain_reproduction", "site"]
    ),
    st.none(),
    max_size=2,
)
LISTS = {
    "treatments_given": needles,
    "contacts": contacts,
    "blocks": blocks,
    "investigations": images,
    "planned_drugs": drugs,
}


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """A complete case with a few answers changed, a few taken away, and some history."""
    body = copy.deepcopy(COMPLETE)
    pool = draw(st.sampled_from([sorted(VALUES), CALM, CALM]))  # the screen locks soon enough
    for name in draw(st.lists(st.sampled_from(pool), max_size=4, unique=True)):
        put(body, name, draw(st.sampled_from(VALUES[name])))
    for name in draw(st.lists(st.sampled_from(pool), max_size=2, unique=True)):
        put(body, name, None)
    for name in draw(st.lists(st.sampled_from(sorted(LISTS)), max_size=2, unique=True)):
        found = draw(st.lists(LISTS[name], max_size=3))
        body[name] = [{k: v for k, v in one.items() if v is not None} for one in found]
    for nodule in body["nodules"]:
        for name in draw(nodule_changes):
            nodule.pop(name, None)
    return body


def put(body: dict[str, Any], name: str, value: Any) -> None:
    """Sets or takes away one fact by its engine name, or sets one of an element of a list."""
    listed, bracket, rest = name.partition("[")
    if bracket:
        position, _, field = rest.partition("].")
        body[listed][int(position)][field] = value
        return
    fact = VOCABULARY.facts[name]
    owner = body.setdefault(fact.home, {})
    key = fact.written
    if fact.member_of:
        owner, key = owner.setdefault(key, {}), name.partition(".")[2]
    if value is None:
        owner.pop(key, None)
    else:
        owner[key] = value


def assessed(body: dict[str, Any]) -> dict[str, Any]:
    return assess(RULES.knowledge.vocabulary.flatten(body), RULES, ON).document


def planned(body: dict[str, Any]) -> tuple[dict[str, Any], Plan]:
    assessment = assessed(body)
    return assessment, recommend(assessment, body, GUIDANCE, ON)


def statuses(plan: Plan) -> dict[str, str]:
    return {one["modality"]: one["status"] for one in plan["modalities"]}


def offers(plan: Plan) -> set[str]:
    return {name for name, status in statuses(plan).items() if status in OFFERED}


def test_the_complete_case_gets_an_offer_so_that_the_properties_are_not_empty() -> None:
    _, plan = planned(COMPLETE)
    assert offers(plan) >= ON_THE_NODULE


@settings(max_examples=60, deadline=None)
@given(bodies())
def test_a_plan_cites_in_full_whatever_it_names(body: dict[str, Any]) -> None:
    _, plan = planned(body)
    assert write_text(plan, SENTENCES).startswith("PLAN")
    named = {key for one in _sources(plan) for key in one}
    assert named <= set(plan["citations"])


def _sources(value: Any) -> list[list[str]]:
    if isinstance(value, dict):
        own = [value["sources"]] if isinstance(value.get("sources"), list) else []
        return own + [one for part in value.values() for one in _sources(part)]
    if isinstance(value, list):
        return [one for part in value for one in _sources(part)]
    return []


@settings(max_examples=200, deadline=None)
@given(bodies())
def test_what_is_said_to_change_a_conclusion_does_change_it(body: dict[str, Any]) -> None:
    assessment, plan = planned(body)
    for finding in plan["missing_findings"]:
        for change in finding["could_change"][:2]:
            more = copy.deepcopy(body)
            put(more, finding["fact"], change["if"])
            found = recommend(assessment, more, GUIDANCE, ON)
            assert _conclusion(found, change["conclusion"]) == change["to"]
            assert _conclusion(plan, change["conclusion"]) != change["to"]


def _conclusion(plan: Plan, name: str) -> str:
    if name == "step":
        return str(plan["step"]["code"])
    if name == "diagnostic_block":
        return str(plan["diagnostic_block"]["status"])
    return statuses(plan)[name.partition(":")[2]]


def test_an_empty_case_gets_self_care_and_nothing_else() -> None:
    _, plan = planned({})
    assert offers(plan) == set()
    assert plan["step"]["code"] == "self_care"
    assert plan["outcome"] == "withheld"
    assert [one["rule"] for one in plan["self_care"]] == ["TX-02", "TX-02"]


def test_no_dose_is_ever_printed() -> None:
    stated = copy.deepcopy(COMPLETE)
    stated["planned_drugs"] = [{"drug": "lidocaine", "amount_mg": 471, "with_adrenaline": False}]
    _, plan = planned(stated)
    text = " ".join(write_text(plan, SENTENCES).split())
    assert statuses(plan)["injection"] == "blocked"
    assert "verify the national label" in text
    for amount in ("471", " mg", "mg/kg", " mL", " ml"):
        assert amount not in text


def screen(body: dict[str, Any]) -> tuple[bytes, Brief]:
    """Decision and brief as they are sent, and the brief."""
    assessment = assessed(body)
    case = case_of(assessment, body, GUIDANCE, ON)
    decision = judge(case, IN_FORCE)
    brief = write_brief(decision, case, brief_of(assessment), IN_FORCE, SENTENCES)
    return msgspec.json.encode(decision) + msgspec.json.encode(brief), brief


CODES = re.compile(
    r"\b[A-Z]{2,3}-\d|[a-z]_[a-z]|\bgate-|\bPROBABLE|\bCONFIRMED|\bPOSSIBLE| mg\b|mg/kg| m[lL]\b"
)


def own_texts(brief: Brief) -> dict[str, tuple[str, int]]:
    """Every text that treatment words itself, with the characters that it may have."""
    found = {"do": (brief.action.do.text, 260), "who": (brief.action.who, 80)}
    found |= {"when": (brief.action.when, 60), "later": (brief.later or "", 120)}
    for place, line in enumerate(brief.treatments):
        found[f"treatment {place}"] = (line.reason, 120)
    for place, one in enumerate(brief.ask_next):
        found[f"question {place}"] = (one.text, 160)
        found[f"change {place}"] = (one.could_change, 140)
    for place, contact in enumerate(brief.look_again):
        found[f"look {place}"] = (contact.text, 90)
    if brief.tell:
        found["tell"] = (brief.tell.text, 240)
    if brief.if_it_fails:
        found["fails"] = (brief.if_it_fails.text, 140)
    return found


@settings(max_examples=int(os.environ.get("BRIEFS", "300")), deadline=None)
@given(bodies())
def test_a_brief_is_one_screen_in_plain_words(body: dict[str, Any]) -> None:
    sent, brief = screen(body)
    assert len(sent) <= MOST_BYTES
    for place, (text, most) in own_texts(brief).items():
        assert len(text) <= most, f"{place}: {text}"
        assert not CODES.search(text), f"{place}: {text}"
    assert len(brief.ask_next) <= 3
    assert len(brief.look_again) <= 4
    lines = [(line.verdict, line.reason) for line in brief.treatments]
    assert len(lines) == len(set(lines)) <= 7
    named = [one.code for line in brief.treatments for one in line.modalities]
    locked = brief.later is not None
    assert sorted(named) == ([] if locked else sorted(MODALITIES))
    assert brief.tell is not None
    assert _height(brief) <= 26  # of 40 lines; the rest is the assessment's


def _height(brief: Brief) -> int:
    """Lines of 80 columns that the plan's own texts take."""
    treatments = [
        f"{', '.join(one.words for one in line.modalities)}  {line.reason}"
        for line in brief.treatments
    ]
    texts = [brief.action.do.text, *treatments, brief.later or ""]
    texts += [sentence.text for sentence in (brief.tell, brief.if_it_fails) if sentence]
    texts.append(" · ".join(f"00 Dec {contact.text}" for contact in brief.look_again))
    return sum(len(textwrap.wrap(text, 66)) for text in texts)
