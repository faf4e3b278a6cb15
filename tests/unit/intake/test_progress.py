"""How far a revision has come, from every order in which results can arrive."""

import pytest

from intake.case import ResultSummary, held_up, is_planned, progress

DONE = {"assessment": ResultSummary("assessment", None, None, None, None, 1)}
DONE["plan"] = ResultSummary("plan", "recommended", None, None, None, 1)
STOPPED = {
    kind: ResultSummary(kind, None, None, by, "code", 1)
    for kind, by in (("assessment", "diagnosis"), ("plan", "treatment"))
}


@pytest.mark.parametrize(
    ("results", "state", "waiting_for"),
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
def test_progress_follows_from_the_results_in_any_order(results, state, waiting_for):
    for order in (results, results[::-1]):
        found = progress(order)
        assert (found.state, found.waiting_for) == (state, waiting_for)
        assert found.settled == (state in ("planned", "stopped"))


def test_a_stop_names_the_service_and_its_reason():
    found = progress([STOPPED["plan"]])
    assert (found.stopped_by, found.reason_code) == ("treatment", "code")


@pytest.mark.parametrize(
    ("own", "state", "waiting_for"),
    [
        ([], "stopped", "assessment"),
        ([DONE["assessment"]], "assessed", "plan"),
        ([DONE["assessment"], DONE["plan"]], "planned", None),
    ],
)
def test_a_revision_waits_behind_an_earlier_one_that_was_stopped(own, state, waiting_for):
    found = progress(held_up(own, [STOPPED["assessment"]]))
    assert (found.state, found.waiting_for) == (state, waiting_for)


def test_only_a_plan_frees_a_revision_of_what_holds_it_up():
    assert is_planned([DONE["assessment"], DONE["plan"]])
    assert not is_planned([DONE["assessment"], STOPPED["plan"]])
    assert progress(held_up([DONE["assessment"]], [STOPPED["plan"]])).state == "stopped"
