"""Which partition a key goes to: the same with every broker."""

from functools import lru_cache


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner gives a key."""
    return (murmur2(key) & 0x7FFF_FFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return the 32-bit murmur2 hash as Kafka computes it (seed 0x9747b28c)."""
    multiplier, mask = 0x5BD1_E995, 0xFFFF_FFFF
    hashed = (0x9747_B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        mixed = (int.from_bytes(data[start : start + 4], "little") * multiplier) & mask
        mixed = ((mixed ^ (mixed >> 24)) * multiplier) & mask
        hashed = ((hashed * multiplier) & mask) ^ mixed
    if whole < len(data):
        hashed = ((hashed ^ int.from_bytes(data[whole:], "little")) * multiplier) & mask
    hashed = ((hashed ^ (hashed >> 13)) * multiplier) & mask
    return hashed ^ (hashed >> 15)
