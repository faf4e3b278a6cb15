"""What is damaged in a log of Kafka costs one record or one batch, wherever the damage is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import CorruptRecordError
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder

from chassis.messaging.kafka.damage import Damage

_BEFORE_CHECKSUM = 21
"""Base offset, length, epoch, magic, checksum: what a checksum does not cover, or is itself."""
_LAST_OFFSET_DELTA = 23


class Odd(str):
    """A name that is not text when it is written."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


def batch(*names: str) -> bytearray:
    """Return a batch of records, each with one header of this name."""
    builder = MemoryRecordsBuilder(magic=2, compression_type=0, batch_size=100_000)
    for number, name in enumerate(names):
        value = b"value-%d" % number
        builder.append(timestamp=1, key=b"k", value=value, headers=[(name, b"v")])
    builder.close()
    return bytearray(builder.buffer())


def read(raw: bytearray) -> list[tuple[int, bytes | None, str]]:
    """Read as the client does: check the batch, then go through its records."""
    (made,) = list(MemoryRecords(bytes(raw)))
    if not made.validate_crc():
        raise CorruptRecordError
    return [
        (one.offset, one.value, one.headers.reason if isinstance(one.headers, Damage) else "")
        for one in made
    ]


def test_a_sound_batch_is_read_as_ever() -> None:
    assert read(batch("a", "b")) == [(0, b"value-0", ""), (1, b"value-1", "")]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_name_that_is_no_text_costs_its_own_record_only(place: int) -> None:
    names = ["a", "b", "c"]
    names[place] = Odd("x")
    found = read(batch(*names))
    assert [offset for offset, _, _ in found] == [0, 1, 2]
    assert [value for _, value, _ in found] == [b"value-0", b"value-1", b"value-2"]
    reasons = [reason for _, _, reason in found]
    assert reasons.pop(place) == "its headers cannot be read"
    assert reasons == ["", ""]


def test_a_wrong_checksum_costs_the_batch_and_tells_its_extent() -> None:
    raw = batch("a", "b", "c")
    raw[-1] ^= 1
    assert read(raw) == [(0, None, "the records from 0 to 2: its checksum is wrong")]


def test_a_batch_that_does_not_say_where_it_ends_is_not_stepped_over() -> None:
    raw = batch("a", "b", "c")
    raw[_LAST_OFFSET_DELTA + 3] ^= 4
    with pytest.raises(CorruptRecordError):
        read(raw)


def test_a_way_of_packing_that_we_do_not_know_costs_the_batch() -> None:
    raw = batch("a", "b")
    (made,) = list(MemoryRecords(bytes(raw)))
    made._header_data = (*made._header_data[:5], 7, *made._header_data[6:])
    ((reason,),) = ([one.headers.reason for one in made],)
    assert reason.startswith("the records from 0 to 1: it cannot be unpacked")


@given(st.integers(_BEFORE_CHECKSUM), st.integers(1, 255))
def test_any_damaged_byte_is_found_and_ends_the_reading_in_one_way_or_the_other(
    place: int, change: int
) -> None:
    raw = batch("a", "b", "c")
    raw[_BEFORE_CHECKSUM + place % (len(raw) - _BEFORE_CHECKSUM)] ^= change
    try:
        found = read(raw)
    except CorruptRecordError:
        return
    assert [(offset, value) for offset, value, _ in found] == [(0, None)]
