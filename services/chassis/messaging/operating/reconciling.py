"""Compares what a producer gave out with what a consumer applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

StreamKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A subject whose producer and consumer do not agree.

    Attributes:
        tenant_id: whose.
        subject: what.
        head: the last sequence number that the producer gave.
        last: the last one that the consumer applied.
        kind: `missing`: not there yet, or lost on the way; `blocked`: a dead letter is in its way;
            `ahead`: the producer was restored to the past, its next events would be taken for
            duplicates.
    """

    tenant_id: str
    subject: str
    head: int
    last: int
    kind: Literal["missing", "blocked", "ahead"]


def reconcile(
    produced: Mapping[StreamKey, int], applied: Mapping[StreamKey, tuple[int, int]]
) -> list[Difference]:
    """Compare what a producer gave out with what a consumer applied.

    Args:
        produced: `heads` of the producer.
        applied: `marks` of the consumer, read after the heads.

    Returns:
        One difference for each subject that is not complete, sorted; empty when all is well. A
        subject that is merely on its way looks missing too: look again after a while.
    """
    found = []
    for tenant, subject in sorted(produced.keys() | applied.keys()):
        head = produced.get((tenant, subject), 0)
        last, blocked = applied.get((tenant, subject), (0, 0))
        if head != last or blocked:
            kind: Any = "blocked" if blocked else "missing" if head > last else "ahead"
            found.append(Difference(tenant, subject, head, last, kind))
    return found
