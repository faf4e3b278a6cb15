"""How far a revision has come, from every order in which it can be heard of."""

import pytest

from intake.case import Mark, held_up, is_planned, progress

DONE = {"assessment": Mark("assessment", None, None, None, None, 1)}
DONE["plan"] = Mark("plan", "recommended", None, None, None, 1)
STOPPED = {
    kind: Mark(kind, None, None, by, "code", 1)
    for kind, by in (("assessment", "diagnosis"), ("plan", "treatment"))
}


@pytest.mark.parametrize(
    ("marks", "state", "waiting_for"),
    [
        ([], "submitted", "assessment"),
        ([DONE["assessment"]], "assessed", "plan"),
        ([DONE["plan"]], "planned", None),
        ([DONE["assessment"], DONE["plan"]], "planned", None),
        ([STOPPED["assessment"]], "stopped", "assessment"),
        ([DONE["assessment"], STOPPED["plan"]], "stopped", "plan"),
        ([STOPPED["assessment"], STOPPED["plan"]], "stopped", "assessment"),
        ([STOPPED["assessment"], DONE["plan"]], "planned", None),
    ],
)
def test_progress_is_told_by_what_was_heard(marks, state, waiting_for):
    for order in (marks, marks[::-1]):
        told = progress(order)
        assert (told.state, told.waiting_for) == (state, waiting_for)
        assert told.settled == (state in ("planned", "stopped"))


def test_a_stop_names_the_service_and_its_reason():
    told = progress([STOPPED["plan"]])
    assert (told.stopped_by, told.reason_code) == ("treatment", "code")


@pytest.mark.parametrize(
    ("own", "state", "waiting_for"),
    [
        ([], "stopped", "assessment"),
        ([DONE["assessment"]], "assessed", "plan"),
        ([DONE["assessment"], DONE["plan"]], "planned", None),
    ],
)
def test_a_revision_waits_behind_an_earlier_one_that_was_stopped(own, state, waiting_for):
    told = progress(held_up(own, [STOPPED["assessment"]]))
    assert (told.state, told.waiting_for) == (state, waiting_for)


def test_only_a_plan_frees_a_revision_of_what_holds_it_up():
    assert is_planned([DONE["assessment"], DONE["plan"]])
    assert not is_planned([DONE["assessment"], STOPPED["plan"]])
    assert progress(held_up([DONE["assessment"]], [STOPPED["plan"]])).state == "stopped"
