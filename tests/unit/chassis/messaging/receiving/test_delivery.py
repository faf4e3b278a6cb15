"""Handlers get batches: each subject once per call, its own messages in order."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from tests.unit.chassis.messaging.receiving.test_admission import message

from chassis.envelope import Message
from chassis.messaging.errors import Poison, Retry, explain
from chassis.messaging.receiving.calls import calls


def first(_connection: Connection, _messages: Sequence[Message]) -> None:
    """Stands for one handler."""


def second(_connection: Connection, _messages: Sequence[Message]) -> None:
    """Stands for another."""


HANDLERS = {"a": first, "also a": first, "b": second}


def typed(kind: str, subject: str, sequence: int) -> Message:
    made = message(sequence, subject=subject)
    object.__setattr__(made, "type", kind)
    return made


def test_types_that_share_a_handler_share_a_call() -> None:
    batch = [
        typed("a", "s1", 1),
        typed("also a", "s2", 1),
        typed("b", "s3", 1),
        typed("ignored", "s4", 1),
    ]
    assert [(handler, len(group)) for handler, group in calls(batch, HANDLERS)] == [
        (first, 2),
        (second, 1),
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from(["a", "also a", "b", "ignored"])),
        max_size=20,
    ).map(sorted)
)
def test_each_subject_comes_once_per_call_and_in_order(chosen: list[tuple[str, str]]) -> None:
    batch = [typed(kind, subject, number) for number, (subject, kind) in enumerate(chosen, 1)]
    groups = [group for _, group in calls(batch, HANDLERS)]
    for group in groups:
        assert len({one.subject for one in group}) == len(group)
    for subject in "xyz":
        expected = [
            one.sequence for one in batch if one.subject == subject and one.type != "ignored"
        ]
        assert [
            one.sequence for group in groups for one in group if one.subject == subject
        ] == expected


def test_the_reason_of_an_unexpected_error_quotes_nothing() -> None:
    try:
        {}["a secret"]
    except KeyError as error:
        code, reason, status = explain(error)
    assert (code, status) == ("handler-failed", "retry")
    assert "secret" not in reason
    assert reason.startswith("KeyError at test_delivery.py:")


def test_a_handler_says_whether_trying_again_helps() -> None:
    assert explain(Poison("wrong", "It is wrong.")) == ("wrong", "It is wrong.", "open")
    assert explain(Retry("early", "It is early.")) == ("early", "It is early.", "retry")
