"""What the worker does with a case that it hears of."""

from typing import Any

from chassis.envelope import Event


def types(published: list[dict[str, Any]]) -> list[str]:
    return [row["type"] for row in published]


def test_a_submitted_case_is_assessed_and_told(diagnosis: Any, minimal: Any, case_id: str) -> None:
    submitted: Event = diagnosis.tell(minimal)
    diagnosis.hear()
    (published,) = diagnosis.published()
    assert published["type"] == "assessment.completed"
    assert published["data"]["facts"] == minimal
    assert published["data"]["decision"]["likelihood"] == "POSSIBLE"
    assert published["data"]["decision"]["case_id"] == case_id
    assert published["data"]["brief"]["kind"] == "assessment"
    assert published["causation_id"] == submitted.event_id


def test_the_event_carries_the_decision_and_the_brief_that_are_stored(
    diagnosis: Any, minimal: Any
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    (published,) = diagnosis.published()
    ((decision, brief),) = diagnosis.rows("SELECT decision, brief FROM assessments")
    assert bytes(decision) in published["payload"]
    assert bytes(brief) in published["payload"]
    assert len(bytes(decision)) + len(bytes(brief)) <= 8 * 1024


def test_a_red_flag_is_raised_before_the_assessment(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal | {"red_flags": {"saddle_sensation": "altered", "fever": True}})
    diagnosis.hear()
    published = diagnosis.published()
    assert types(published) == ["red-flag.raised", "red-flag.raised", "assessment.completed"]
    assert [row["data"]["rule"] for row in published[:2]] == ["RF-01", "RF-08"]
    assert [row["seq"] for row in published] == [1, 2, 3]


def test_a_red_flag_that_stays_is_not_raised_again(diagnosis: Any, minimal: Any) -> None:
    flagged = minimal | {"red_flags": {"fever": True}}
    diagnosis.tell(flagged)
    diagnosis.tell(flagged, revision=2)
    diagnosis.hear()
    published = types(diagnosis.published())
    assert published == ["red-flag.raised", "assessment.completed", "assessment.completed"]


def test_a_red_flag_that_comes_back_is_raised_again(diagnosis: Any, minimal: Any) -> None:
    flagged = minimal | {"red_flags": {"fever": True}}
    diagnosis.tell(flagged)
    diagnosis.tell(minimal, revision=2)
    diagnosis.tell(flagged, revision=3)
    diagnosis.hear()
    raised = [
        row["data"]["revision"] for row in diagnosis.published() if row["type"] == "red-flag.raised"
    ]
    assert raised == [1, 3]


def test_cases_of_one_batch_keep_their_own_flags(diagnosis: Any, minimal: Any) -> None:
    others = [f"01234567-89ab-7def-8123-{number:012d}" for number in range(5)]
    for number, other in enumerate(others):
        flags = {"red_flags": {"fever": number % 2 == 0}}
        diagnosis.tell(minimal | flags, case_id=other)
    diagnosis.hear()
    raised = {row["subject"] for row in diagnosis.published() if row["type"] == "red-flag.raised"}
    assert raised == {others[0], others[2], others[4]}


def test_a_repeated_message_changes_nothing(diagnosis: Any, minimal: Any) -> None:
    event = diagnosis.tell(minimal)
    diagnosis.send(event, 1)
    diagnosis.hear()
    assert len(diagnosis.published()) == 1
    assert diagnosis.rows("SELECT count(*) FROM assessments") == [(1,)]


def test_a_message_without_facts_stops_the_case_and_says_so(
    diagnosis: Any, minimal: Any, case_id: str
) -> None:
    diagnosis.tell(None)
    diagnosis.hear()
    (published,) = diagnosis.published()
    assert published["type"] == "processing.stopped"
    assert published["data"] == {
        "case_id": case_id,
        "reason_code": "unreadable-event",
        "revision": 1,
    }


def test_a_date_before_the_first_ruleset_stops_the_case(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal, on="2026-10-31")
    diagnosis.hear()
    (published,) = diagnosis.published()
    assert published["data"]["reason_code"] == "no-rules-in-force"


def test_one_bad_message_does_not_take_the_others_with_it(diagnosis: Any, minimal: Any) -> None:
    other = "01234567-89ab-7def-8123-000000000001"
    diagnosis.tell(minimal, on="2026-10-31")
    diagnosis.tell(minimal, case_id=other)
    diagnosis.hear()
    assert sorted(types(diagnosis.published())) == ["assessment.completed", "processing.stopped"]
    assert diagnosis.assessment(other).status_code == 200


def test_unknown_facts_of_an_event_are_passed_on_and_ignored(diagnosis: Any, minimal: Any) -> None:
    diagnosis.tell(minimal | {"future": {"new_fact": 1}})
    diagnosis.hear()
    (published,) = diagnosis.published()
    assert published["data"]["facts"]["future"] == {"new_fact": 1}


def test_each_assessment_leaves_an_audit_row(diagnosis: Any, minimal: Any, case_id: str) -> None:
    event = diagnosis.tell(minimal)
    diagnosis.hear()
    rows = diagnosis.rows("SELECT tenant_id, subject, revision, action, actor, cause FROM audit")
    expected = ("clinic", case_id, 1, "assessment.completed", "diagnosis", event.event_id)
    assert rows == [expected]


def test_the_full_text_of_the_ruleset_is_kept_before_it_is_used(diagnosis: Any) -> None:
    ((version, content),) = diagnosis.rows("SELECT version, content FROM rulesets")
    assert version == "2026.11.1"
    assert b"BC-02" in content
