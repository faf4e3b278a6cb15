"""What goes into the headers comes out of them, and what is wrong there is said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.envelope import (
    MAX_NAME_BYTES,
    Event,
    Headers,
    Message,
    UnreadableMessage,
    dump_headers,
    headers,
    load_headers,
    parse,
)
from chassis.messaging.port import Record

EVENT = Event(
    topic="t",
    type="thing.done",
    tenant_id="acme",
    subject="chair",
    revision=2,
    data=b'{"secret": 1}',
    source="/x",
    dataschema="x/1",
    event_id="e1",
    correlation_id="c1",
    occurred_at="2026-01-01T00:00:00Z",
    causation_id="e0",
)


def record(pairs: Headers, key: bytes | None = b"acme:chair") -> Record:
    return Record("t", 1, 7, key, pairs, EVENT.data)


def without(name: str) -> Headers:
    return [pair for pair in headers(EVENT, 5) if pair[0] != name]


def test_a_message_says_what_the_event_said() -> None:
    read = parse(record(headers(EVENT, 5)))
    assert (read.event_id, read.type, read.sequence, read.revision) == ("e1", "thing.done", 5, 2)
    assert (read.causation_id, read.traceparent) == ("e0", None)
    assert (read.partition, read.offset, read.json()) == (1, 7, {"secret": 1})


def test_every_header_of_the_contract_is_there() -> None:
    names = [name for name, _ in headers(replace(EVENT, traceparent="00-1-1-00"), 5)]
    assert names == [
        "ce_id",
        "ce_specversion",
        "ce_type",
        "ce_source",
        "ce_time",
        "ce_subject",
        "ce_dataschema",
        "ce_tenantid",
        "ce_sequence",
        "ce_revision",
        "ce_causationid",
        "ce_correlationid",
        "ce_traceparent",
        "content-type",
    ]


def test_neither_events_nor_messages_show_their_body() -> None:
    message: Message = parse(record(headers(EVENT, 5)))
    assert "secret" not in repr(message) + repr(EVENT)


@pytest.mark.parametrize(
    "name",
    [
        "ce_id",
        "ce_specversion",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_tenantid",
        "ce_sequence",
        "ce_revision",
    ],
)
def test_a_missing_header_is_named(name: str) -> None:
    with pytest.raises(UnreadableMessage, match=name):
        parse(record(without(name)))


@pytest.mark.parametrize("value", [b"0", b"-1", b"x", b"1.5", b"", "²".encode(), b"9" * 30])
def test_a_sequence_is_a_positive_whole_number(value: bytes) -> None:
    with pytest.raises(UnreadableMessage, match="ce_sequence"):
        parse(record([*without("ce_sequence"), ("ce_sequence", value)]))


def test_the_key_must_name_the_same_subject() -> None:
    with pytest.raises(UnreadableMessage, match="different subjects"):
        parse(record(headers(EVENT, 5), b"acme:table"))
    assert parse(record(headers(EVENT, 5), None)).subject == "chair"


def test_another_envelope_version_is_not_guessed_at() -> None:
    with pytest.raises(UnreadableMessage, match="specversion"):
        parse(record([*without("ce_specversion"), ("ce_specversion", b"2.0")]))


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_subject", "ce_tenantid"])
def test_a_name_must_fit_into_a_key(name: str) -> None:
    fits = [*without(name), (name, b"x" * MAX_NAME_BYTES)]
    assert parse(record(fits, None)).data == EVENT.data
    with pytest.raises(UnreadableMessage, match=f"{name} is longer than 200 bytes"):
        parse(record([*without(name), (name, "é".encode() * 101)], None))


@pytest.mark.parametrize("name", ["ce_id", "ce_subject", "ce_tenantid", "ce_correlationid", "x"])
@pytest.mark.parametrize("mark", ["\0", "\n", "\x7f", "\x85"])
def test_a_header_has_no_control_characters(name: str, mark: str) -> None:
    with pytest.raises(UnreadableMessage, match=f"{name}.* control character"):
        parse(record([*without(name), (name, f"a{mark}b".encode())], None))


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.none() | st.binary())))
def test_headers_survive_as_text(pairs: list[tuple[str, bytes | None]]) -> None:
    assert load_headers(dump_headers(pairs)) == pairs
