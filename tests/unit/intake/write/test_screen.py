"""The screen says what it must, in its place, and fits 40 lines of 80 columns."""

from datetime import date

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.results import SIGN_OFF, assessment_brief, plan_brief

from intake.brief import (
    Action,
    Brief,
    Coded,
    Explanation,
    Likely,
    LookAgain,
    Question,
    Safety,
    Sentence,
    TreatmentLine,
    Versions,
)
from intake.case import Progress
from intake.write import Shown, screen

CASE_ID = "019ab1f2-6c00-7000-8000-000000000001"
HERE = f"/v1/cases/{CASE_ID}/revisions"
ON = date(2026, 12, 1)
PLANNED = Progress("planned", "recommended")
ASSESSED = Progress("assessed", waiting_for="plan")


def brief(made):
    return msgspec.json.decode(orjson.dumps(made), type=Brief)


def lines(shown):
    text = screen(shown)
    assert text.endswith("\n")
    return text[:-1].split("\n")


def planned(revision=1, newest=1, **members):
    made = brief(plan_brief(revision, **members))
    return lines(Shown(CASE_ID, revision, newest, ON, PLANNED, made))


def test_the_action_comes_first_and_the_sign_off_and_the_full_text_last():
    shown = planned()
    assert shown[0].startswith("BACK PAIN: WHAT TO DO")
    assert shown[0].endswith("woman, 47 · revision 1 · 1 Dec 2026")
    assert shown[2].startswith("DO        Offer a diagnostic block")
    assert SIGN_OFF in " ".join(shown)
    assert shown[-1] == f"  {HERE}/1/assessment · plan"


@pytest.mark.parametrize(
    ("start", "rest"),
    [
        ("WHO WHEN ", "Whoever injects under ultrasound here. Not urgent"),
        ("WHY ", "The nodule is mobile and tender"),
        ("SAFE ", "All 13 danger questions answered today"),
        ("  1 ", "A tap over the tender point for a Tinel sign."),
        ("LIKELY ", "A painful back mouse is probable."),
        ("  for ", "pressure on the nodule"),
        ("  against ", "nothing that was recorded"),
        ("OTHERWISE ", "entrapped superior cluneal nerve (1 settles it)"),
        ("  may  ", "guided injection"),
        ("  unproven  ", "laser, TECAR, shockwave"),
        ("TELL HER ", "The lump is fat and harmless"),
        ("LOOK AGAIN ", "14 Dec by message · 28 Dec visit"),
        ("IF IT FAILS ", "Relief fades: one repeat."),
    ],
)
def test_each_part_of_a_plan_stands_behind_its_label(start, rest):
    (found,) = [line for line in planned() if line.startswith(start)]
    assert found.removeprefix(start).strip().startswith(rest)


def test_no_rule_id_and_no_code_is_on_the_screen():
    text = "\n".join(planned())
    codes = ("TX-04", "BC-08", "DD-01", "EX-TINEL", "nodules[a]", "tinel_sign", "PROBABLE")
    assert [code for code in codes if code in text] == []


def test_a_revision_that_is_not_the_newest_says_so_in_its_first_line():
    shown = planned(revision=1, newest=3)
    assert shown[0].startswith("NOT THE NEWEST: REVISION 1 OF 3")
    assert lines(Shown(CASE_ID, 1, 3, ON, ASSESSED))[0].startswith(
        "NOT THE NEWEST: REVISION 1 OF 3"
    )


def test_an_assessment_alone_says_that_the_plan_is_on_its_way():
    shown = lines(Shown(CASE_ID, 1, 1, ON, ASSESSED, brief(assessment_brief())))
    assert "LATER     The plan is on its way." in shown
    assert shown[-1] == f"  {HERE}/1/assessment"
    assert not any(line.startswith("TREATMENT") for line in shown)


def test_a_stop_after_the_assessment_expects_no_plan():
    stopped = Progress("stopped", waiting_for="plan", stopped_by="treatment", reason_code="x-y")
    text = screen(Shown(CASE_ID, 1, 1, ON, stopped, brief(assessment_brief())))
    assert "STOPPED   Processing stopped, so there is no plan." in text
    assert "on its way" not in text
    assert "x-y" not in text


def test_a_locked_case_names_the_emergency_what_not_to_do_and_what_comes_later():
    action = {
        "do": {"text": "Call the vascular surgeon on duty now."},
        "who": "You, by telephone,",
        "when": "before anything else.",
        "urgency": "emergency",
        "do_not": "No further examination of the back, no needle, no manual therapy.",
    }
    locked = brief(
        assessment_brief(
            2,
            subject="man, 58",
            action=action,
            ask_next=[],
            likely=None,
            otherwise=[],
            later="The lump can wait until the aorta is settled.",
            tell={"text": "Do not drive."},
        )
    )
    stopped = Progress("stopped", waiting_for="plan", stopped_by="treatment")
    for progress in (ASSESSED, stopped):
        shown = lines(Shown(CASE_ID, 2, 2, ON, progress, locked))
        assert shown[2] == "DO        EMERGENCY. Call the vascular surgeon on duty now."
        assert shown[3] == "WHO WHEN  You, by telephone, before anything else."
        assert any(line.startswith("DO NOT    No further examination") for line in shown)
        assert "TELL HIM  Do not drive." in shown
        assert "LATER     The lump can wait until the aorta is settled." in shown
        assert not any(line.startswith(("LIKELY", "TREATMENT", "ASK")) for line in shown)


def test_an_emergency_is_not_named_twice():
    action = plan_brief()["action"] | {"urgency": "emergency", "do": {"text": "Emergency: call."}}
    assert planned(action=action)[2] == "DO        Emergency: call."


def test_without_a_result_the_screen_says_what_is_waited_for():
    submitted = Progress("submitted", waiting_for="assessment")
    shown = lines(Shown(CASE_ID, 1, 1, ON, submitted))
    assert shown[0].startswith("BACK PAIN: NO RESULT YET")
    assert shown[0].endswith("revision 1 · 1 Dec 2026")
    assert shown[2].startswith("WAIT      The case is recorded; its assessment is on its way.")
    assert not any("OLDER" in line for line in shown)


def test_without_a_result_an_older_one_is_named_by_its_address_and_not_shown():
    submitted = Progress("submitted", waiting_for="assessment")
    shown = lines(Shown(CASE_ID, 3, 3, ON, submitted, older=2))
    assert shown[-2].startswith("OLDER     Revision 2 has a result, made before")
    assert shown[-1] == f"          {HERE}/2"


def test_a_stopped_revision_without_a_result_says_so_first():
    stopped = Progress("stopped", waiting_for="assessment", stopped_by="diagnosis")
    shown = lines(Shown(CASE_ID, 1, 1, ON, stopped))
    assert shown[0].startswith("BACK PAIN: NO RESULT ")
    assert shown[2].startswith("STOPPED   Processing stopped, so there is no assessment.")


def words(most):
    """Text of the brief's own kind: words with spaces between them, up to a length."""
    word = st.text("abcdefghij-é.,;:()%½", min_size=1, max_size=12)
    return st.lists(word, min_size=1, max_size=60).map(lambda found: " ".join(found)[:most].strip())


SENTENCES = words(200).map(lambda text: Sentence(text=text))
CODED = words(40).map(lambda text: Coded(code="c", words=text))
BRIEFS = st.builds(
    Brief,
    kind=st.sampled_from(["assessment", "plan"]),
    revision=st.integers(1, 9999),
    on=st.just("2026-12-01"),
    subject=st.sampled_from(["woman, 47", "man, 58", "person, 101", "girl, 9"]),
    action=st.builds(
        Action,
        do=SENTENCES,
        who=words(70),
        when=words(70),
        urgency=st.sampled_from(["emergency", "same_day", "urgent", "routine"]),
        do_not=st.none() | words(140),
    ),
    why=st.lists(SENTENCES, max_size=3).map(tuple),
    safety=st.builds(Safety, text=words(210), answered=st.just(3), of=st.just(13)),
    ask_next=st.lists(
        st.builds(Question, text=words(160), could_change=words(160), examination=words(20)),
        max_size=3,
    ).map(tuple),
    likely=st.none()
    | st.builds(
        Likely,
        category=st.just("PROBABLE"),
        text=words(160),
        speaks_for=st.none() | SENTENCES,
        speaks_against=st.none() | SENTENCES,
    ),
    otherwise=st.lists(
        st.builds(Explanation, name=words(80), rule=st.just("r"), settled_by=st.none() | words(60)),
        max_size=3,
    ).map(tuple),
    treatments=st.lists(
        st.builds(
            TreatmentLine,
            verdict=st.sampled_from(["may", "not_yet", "must_not", "unproven"]),
            modalities=st.lists(CODED, min_size=1, max_size=9).map(tuple),
            reason=words(160),
        ),
        max_size=9,
    ).map(tuple),
    later=st.none() | words(210),
    tell=st.none() | SENTENCES,
    look_again=st.lists(
        st.builds(LookAgain, text=words(80), on=st.none() | st.just("2026-12-14")), max_size=4
    ).map(tuple),
    if_it_fails=st.none() | SENTENCES,
    notices=st.lists(words(160), max_size=3).map(tuple),
    sign_off=st.just(SIGN_OFF),
    versions=st.just(Versions(ruleset="1", wording="2")),
)
PROGRESS = st.sampled_from([PLANNED, ASSESSED, Progress("stopped", waiting_for="plan")])


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(BRIEFS, PROGRESS, st.integers(0, 3))
def test_any_brief_within_its_bounds_fits_one_screen_and_keeps_action_and_address(
    made, progress, newer
):
    shown = lines(Shown(CASE_ID, made.revision, made.revision + newer, ON, progress, made))
    assert len(shown) <= 40
    assert max(map(len, shown)) <= 80
    text = " ".join(" ".join(shown).split())
    assert " ".join(made.action.do.text.split()) in text
    assert f"{HERE}/{made.revision}/assessment" in text
    assert SIGN_OFF in text
