"""Arithmetic on sequence numbers decides, and too many failures open the circuit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.envelope import Message
from chassis.messaging.receiving.admission import Breaker, CircuitOpen, Verdict, judge
from chassis.messaging.receiving.inbox import Stream


def message(sequence: int, event_id: str | None = None, subject: str = "s") -> Message:
    return Message(
        topic="t",
        partition=0,
        offset=0,
        key=f"acme:{subject}",
        event_id=event_id or f"event-{sequence}",
        type="thing.done",
        tenant_id="acme",
        subject=subject,
        revision=1,
        sequence=sequence,
        causation_id=None,
        correlation_id="c",
        traceparent=None,
        time="",
        source="/x",
        dataschema="",
        data=b"{}",
    )


@pytest.mark.parametrize(
    ("sequence", "last", "blocked", "verdict"),
    [
        (1, 0, 0, Verdict.APPLY),
        (4, 3, 0, Verdict.APPLY),
        (3, 3, 0, Verdict.DUPLICATE),
        (1, 3, 0, Verdict.DUPLICATE),
        (5, 3, 0, Verdict.PARK),
        (4, 3, 4, Verdict.DUPLICATE),
        (5, 3, 4, Verdict.PARK),
        (2, 3, 4, Verdict.DUPLICATE),
        (4, 3, 3, Verdict.PARK),
    ],
)
def test_the_verdict_follows_from_the_numbers(
    sequence: int, last: int, blocked: int, verdict: Verdict
) -> None:
    assert judge(message(sequence), Stream(last, blocked, f"event-{last}")) is verdict


def test_the_same_number_for_another_event_is_noticed() -> None:
    assert judge(message(3, "other"), Stream(3, 0, "event-3")) is Verdict.REUSED
    assert judge(message(3, "other"), Stream(3, 0, None)) is Verdict.DUPLICATE
    assert judge(message(2, "other"), Stream(3, 0, "event-3")) is Verdict.DUPLICATE


@pytest.mark.parametrize("blocked", [4, 9])
def test_while_a_subject_is_blocked_nothing_of_it_is_applied_or_set_aside(blocked: int) -> None:
    stream = Stream(3, blocked, "event-3")
    verdicts = {judge(message(number, "other"), stream) for number in range(1, 12)}
    assert verdicts == {Verdict.DUPLICATE, Verdict.PARK}
    # even its last number for another event: the dead letter comes first
    assert judge(message(3, "other"), stream) is Verdict.DUPLICATE


@given(
    arrivals=st.permutations(range(1, 7)).flatmap(
        lambda order: st.tuples(st.just(order), st.lists(st.sampled_from(order), max_size=6))
    )
)
def test_any_order_with_any_duplicates_applies_each_once_in_order(
    arrivals: tuple[list[int], list[int]],
) -> None:
    order, again = arrivals
    stream, applied, parked = Stream(0, 0, None), [], set()

    def receive(number: int) -> None:
        verdict = judge(message(number), stream)
        assert verdict is not Verdict.REUSED
        if verdict is Verdict.PARK:
            parked.add(number)
        if verdict is Verdict.APPLY:
            applied.append(number)
            stream.last, stream.last_event_id = number, f"event-{number}"
            parked.discard(number)
            if number + 1 in parked:
                receive(number + 1)

    for number in [*order, *again]:
        receive(number)
    assert applied == list(range(1, 7))
    assert not parked


def failures(*subjects: str) -> list[tuple[object, bool]]:
    return [(subject, True) for subject in subjects]


def test_the_circuit_opens_when_too_many_subjects_fail_in_a_row() -> None:
    breaker = Breaker(in_a_row=3)
    breaker.keep(failures("a", "b"))
    breaker.check(failures("c"))
    with pytest.raises(CircuitOpen):
        breaker.check(failures("c", "d"))


def test_a_success_in_between_begins_a_new_row() -> None:
    breaker = Breaker(in_a_row=3)
    breaker.keep(failures("a", "b", "c"))
    breaker.keep([("x", False)])
    breaker.check(failures("d", "e", "f"))


def test_one_subject_that_fails_again_and_again_is_one_subject() -> None:
    breaker = Breaker(in_a_row=3)
    breaker.check(failures(*["a"] * 50))


def test_the_circuit_opens_when_too_large_a_share_fails() -> None:
    breaker = Breaker(in_a_row=1_000, share=0.1, window=100)
    breaker.keep([(str(number), number % 10 == 0) for number in range(100)])
    breaker.check([("x", False)])
    with pytest.raises(CircuitOpen):
        breaker.check([*failures("x"), *failures("y")])


def test_what_was_rolled_back_is_not_counted() -> None:
    breaker = Breaker(in_a_row=3)
    for _ in range(5):
        breaker.check(failures("a", "b", "c"))
