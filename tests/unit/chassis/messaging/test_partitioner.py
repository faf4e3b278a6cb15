"""Keys go where Kafka puts them."""

import warnings

from hypothesis import given
from hypothesis import strategies as st

from chassis.messaging.partitioner import murmur2

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # its own way of reading its own files
    from kafka.partitioner.default import murmur2 as kafkas_murmur2

LONG_AGO, FAR_AHEAD = 0, 2**62


@given(st.binary(max_size=100))
def test_keys_go_where_kafka_puts_them(key: bytes) -> None:
    assert murmur2(key) == kafkas_murmur2(key) & 0xFFFF_FFFF
