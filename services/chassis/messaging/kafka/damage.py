"""What cannot be read of a log, so that it costs one record or one batch and not the partition.

Kafka's client raises at the first byte that it does not understand, and would raise there for ever:
it says neither where that was nor what follows. Batches and records both tell their length first,
so what is damaged can be stepped over, and be told of like any other record.
"""

from typing import Any, Final, Self

from kafka.errors import CorruptRecordError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint

_UNREAD: Final = (ValueError, IndexError, CorruptRecordError)


class Damage(list[tuple[str, bytes]]):
    """The headers of something that could not be read: there are none, but a reason."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, a sentence that quotes nothing."""
        super().__init__()
        self.reason = reason


class _Batch(DefaultRecordBatch):  # type: ignore[misc] # the library has no types
    """A batch that steps over what is damaged in it."""

    def __init__(self, buffer: Any) -> None:
        super().__init__(buffer)
        self._damage = ""
        self._told = False

    @property
    def is_control_batch(self) -> bool:
        return not self._damage and bool(super().is_control_batch)

    def validate_crc(self) -> bool:
        """Tell whether one can go on; where a damaged batch ends must still be beyond doubt."""
        if not super().validate_crc():
            self._damage = "its checksum is wrong"
        return not self._damage or 0 < self.records_count == self.last_offset_delta + 1

    def __iter__(self) -> Self:
        if not self._damage:
            try:
                super().__iter__()
            except Exception as error:  # noqa: BLE001 - each way of packing fails in its own way
                self._damage = f"it cannot be unpacked ({type(error).__name__})"
        return self

    def __next__(self) -> DefaultRecord:
        if not self._damage:
            return super().__next__()
        if self._told:
            raise StopIteration
        self._told = True
        reason = f"the records from {self.base_offset} to {self.last_offset}: {self._damage}"
        return self._unread(self.base_offset, None, None, reason)

    def _read_msg(self) -> DefaultRecord:
        start = self._pos
        try:
            return super()._read_msg()
        except _UNREAD:
            return self._step_over(start)

    def _step_over(self, start: int) -> DefaultRecord:
        """Leave a record out; its beginning says where it ends, and its end is what is not text."""
        length, begin = decode_varint(self._buffer, start)
        _attributes, pos = decode_varint(self._buffer, begin)
        _time, pos = decode_varint(self._buffer, pos)
        delta, pos = decode_varint(self._buffer, pos)
        key, pos = self._bytes_at(pos)
        value, pos = self._bytes_at(pos)
        if not pos <= begin + length <= len(self._buffer):
            raise CorruptRecordError("a record that does not say where it ends")
        self._pos = begin + length
        return self._unread(self.base_offset + delta, key, value, "its headers cannot be read")

    def _bytes_at(self, pos: int) -> tuple[bytes | None, int]:
        length, pos = decode_varint(self._buffer, pos)
        if length < 0:
            return None, pos
        return bytes(self._buffer[pos : pos + length]), pos + length

    def _unread(
        self, offset: int, key: bytes | None, value: bytes | None, reason: str
    ) -> DefaultRecord:
        time = self.first_timestamp
        return DefaultRecord(0, offset, time, self.timestamp_type, key, value, Damage(reason))


# there is no other way to tell the client which kind of batch to make
memory_records.DefaultRecordBatch = _Batch
