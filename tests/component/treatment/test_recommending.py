"""What the worker does with an assessment that it hears of."""

from typing import Any

from tests.support.assessed import as_decision

from chassis.envelope import Event


def types(published: list[dict[str, Any]]) -> list[str]:
    return [row["type"] for row in published]


def test_an_assessed_case_gets_a_plan_which_is_told(treatment: Any, case_id: str) -> None:
    assessment_event: Event = treatment.tell()
    treatment.hear()
    (published,) = treatment.published()
    assert published["type"] == "plan.recommended"
    assert published["data"]["decision"]["case_id"] == case_id
    assert published["data"]["decision"]["ruleset"]["version"] == "2026.11.1"
    assert published["data"]["brief"]["kind"] == "plan"
    assert published["causation_id"] == assessment_event.event_id


def test_a_locked_case_gets_a_plan_that_is_withheld(treatment: Any, locked: Any) -> None:
    treatment.tell(assessment=locked)
    treatment.hear()
    (published,) = treatment.published()
    assert published["type"] == "plan.withheld"
    decision, brief = published["data"]["decision"], published["data"]["brief"]
    assert {one["status"] for one in decision["modalities"]} == {"blocked"}
    assert decision["referral"]["delay"] == "urgency.emergency"
    assert brief["action"]["urgency"] == "emergency"
    assert "treatments" not in brief
    assert brief["later"]
    plan = treatment.plan().json
    assert plan["referral"]["how_fast"] == "Emergency: now, within hours"
    assert plan["self_care"] == plan["follow_up"] == plan["missing_findings"] == []


def test_the_document_says_what_the_event_decided(treatment: Any) -> None:
    treatment.tell()
    treatment.hear()
    (published,) = treatment.published()
    plan, decision = treatment.plan().json, published["data"]["decision"]
    assert plan["step"]["code"] == decision["step"]["code"]
    statuses = [(one["modality"], one["status"]) for one in plan["modalities"]]
    assert statuses == [(one["modality"], one["status"]) for one in decision["modalities"]]


def test_a_repeated_message_changes_nothing(treatment: Any) -> None:
    event = treatment.tell()
    treatment.send(event, 1)
    treatment.hear()
    assert len(treatment.published()) == 1
    assert treatment.rows("SELECT count(*) FROM plans") == [(1,)]


def test_a_sign_that_was_there_in_the_last_revision_is_not_new(treatment: Any, facts: Any) -> None:
    weak = facts | {"red_flags": {"leg_weakness": "one"}}
    treatment.tell(facts)
    treatment.tell(weak, revision=2)
    treatment.tell(weak, revision=3)
    treatment.hear()
    revisions = ("1", "2", "3")
    verdicts = [treatment.plan(revision=one).json["verdicts"]["FU-06"] for one in revisions]
    assert verdicts[0] is False
    assert verdicts[1] is True
    assert verdicts[2] is not True


def test_cases_of_one_batch_keep_their_own_history(treatment: Any, facts: Any) -> None:
    weak = facts | {"red_flags": {"leg_weakness": "one"}}
    others = [f"01234567-89ab-7def-8123-{number:012d}" for number in range(4)]
    for number, other in enumerate(others):
        treatment.tell(weak if number % 2 else facts, case_id=other)
    treatment.hear()
    for other in others:
        treatment.tell(weak, revision=2, case_id=other)
    treatment.hear()
    new = {other: treatment.plan(other, revision="2").json["verdicts"]["FU-06"] for other in others}
    assert [new[other] is True for other in others] == [True, False, True, False]


def test_an_assessment_that_does_not_say_whether_it_locks_stops_the_case(
    treatment: Any, case_id: str, assessment: Any
) -> None:
    decision = as_decision(assessment) | {"locked": None}
    treatment.tell(decision=decision)
    treatment.hear()
    (published,) = treatment.published()
    assert published["type"] == "processing.stopped"
    expected = {"case_id": case_id, "reason_code": "unreadable-event", "revision": 1}
    assert published["data"] == expected


def test_a_date_before_the_first_guidance_stops_the_case(treatment: Any) -> None:
    treatment.tell(on="2026-10-31")
    treatment.hear()
    (published,) = treatment.published()
    assert published["data"]["reason_code"] == "no-rules-in-force"


def test_a_message_without_facts_or_date_stops_the_case(treatment: Any) -> None:
    other = "01234567-89ab-7def-8123-000000000001"
    treatment.tell(facts=[])
    treatment.tell(on=None, case_id=other)
    treatment.hear()
    assert types(treatment.published()) == ["processing.stopped", "processing.stopped"]


def test_one_bad_message_does_not_take_the_others_with_it(treatment: Any) -> None:
    other = "01234567-89ab-7def-8123-000000000001"
    treatment.tell(on="2026-10-31")
    treatment.tell(case_id=other)
    treatment.hear()
    assert sorted(types(treatment.published())) == ["plan.recommended", "processing.stopped"]
    assert treatment.plan(other).status_code == 200


def test_unknown_fields_of_an_event_are_ignored(treatment: Any, facts: Any) -> None:
    treatment.tell(facts | {"future": {"new_fact": 1}}, {"future": 1})
    treatment.hear()
    assert types(treatment.published()) == ["plan.recommended"]


def test_each_plan_leaves_an_audit_row(treatment: Any, case_id: str) -> None:
    event = treatment.tell()
    treatment.hear()
    rows = treatment.rows("SELECT tenant_id, subject, revision, action, actor, cause FROM audit")
    assert rows == [("clinic", case_id, 1, "plan.recommended", "treatment", event.event_id)]


def test_the_full_text_of_the_guidance_is_kept_before_it_is_used(treatment: Any) -> None:
    ((version, content),) = treatment.rows("SELECT version, content FROM guidance")
    assert version == "2026.11.1"
    assert b"NE-05-plan" in content
