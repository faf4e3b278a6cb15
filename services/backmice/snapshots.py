"""What one service says of itself when it is surveyed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backmice.service_commands import CommandFailed

Key = tuple[str, str]


@dataclass
class Snapshot:
    """What one service said of itself.

    Args:
        health: As its command tells it.
        last: The last number that was given to each case.
        sent: The last one that has left the outbox.
        marks: By topic and case, the last number applied, and the one that blocks it.
        parked: Cases that wait for an event before those that are there.
        unfinished: What was accepted long ago and has no result.
    """

    health: dict[str, Any] = field(default_factory=dict)
    last: dict[Key, int] = field(default_factory=dict)
    sent: dict[Key, int] = field(default_factory=dict)
    marks: dict[str, dict[Key, tuple[int, int]]] = field(default_factory=dict)
    parked: list[dict[str, Any]] = field(default_factory=list)
    unfinished: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, told: Iterable[dict[str, Any]]) -> "Snapshot":
        """Sorts what a service's command printed.

        Raises:
            CommandFailed: The service cannot reach the broker.
        """
        found = cls()
        for one in told:
            found.hear(one)
        if found.health["lag"] is None:
            raise CommandFailed(f"the broker does not answer {found.health['service']}")
        return found

    def hear(self, one: dict[str, Any]) -> None:
        """Takes in one line."""
        match one["kind"]:
            case "head":
                self.last[_key(one)], self.sent[_key(one)] = one["last"], one["sent"]
            case "mark":
                mark = (one["last"], one["blocked"])
                self.marks.setdefault(one["topic"], {})[_key(one)] = mark
            case "health":
                self.health = one
            case "parked":
                self.parked.append(one)
            case _:
                self.unfinished.append(one)

    def places(self, topic: str, which: str) -> dict[int, int]:
        """Returns `position` or `end` of each partition."""
        mine = (place for place in self.health["partitions"] if place["topic"] == topic)
        return {place["partition"]: place[which] for place in mine}

    def to_read(self, before: "Snapshot") -> int:
        """Returns how many records are still unread of those that were there before."""
        return sum(
            max(0, end - self.places(topic, "position").get(partition, end - 1))
            for topic in before.health["hears"]
            for partition, end in before.places(topic, "end").items()
        )


def _key(told: Mapping[str, Any]) -> Key:
    tenant_id, subject = told["key"]
    return tenant_id, subject
