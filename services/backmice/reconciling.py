"""Compares what each service published with what its consumers applied."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from backmice.service_commands import ServiceCommands
from backmice.snapshots import Key, Snapshot
from chassis.envelope import record_key
from chassis.messaging.operating.operations import unheard
from chassis.messaging.operating.progress_bar import ProgressBar
from chassis.messaging.operating.reconciling import reconcile
from chassis.messaging.partitioner import partition_of

HARMLESS: Final = frozenset({"late"})


@dataclass(frozen=True)
class Finding:
    """A case that is not where it should be.

    Args:
        kind: `missing`: an event was sent, and is gone from the log; `blocked`: a dead letter is
            in its way; `ahead`: the producer was restored to the past; `parked`: it waits for one
            before it; `stuck`: accepted long ago and without a result; `late`: it may still be on
            its way.
        producer: The service that published the event.
        consumer: The service that lacks it.
        tenant_id: Whose case.
        subject: Which.
        first: The first sequence number that is lacking.
        last: The last one.
    """

    kind: str
    producer: str
    consumer: str
    tenant_id: str
    subject: str
    first: int
    last: int


@dataclass(frozen=True)
class Scope:
    """What is compared, and how long to wait.

    Args:
        tenant: Whose cases; empty for all.
        grace_s: How long what is on its way may take.
        stuck_s: How long a case may be without a result.
    """

    tenant: str = ""
    grace_s: float = 10.0
    stuck_s: float = 60.0

    @property
    def tenant_option(self) -> tuple[str, ...]:
        """The command line option that selects the tenant."""
        return ("--tenant", self.tenant) if self.tenant else ()


@dataclass(frozen=True)
class Subscription:
    """A topic, the service that publishes to it, and one that reads it."""

    topic: str
    producer: str
    consumer: str


class Reconciliation:
    """One comparison of all services.

    What was produced is asked first, then how far the log goes, and what was applied when each
    consumer has read that far. What is not applied then is not on its way any more.
    """

    def __init__(self, services: ServiceCommands, scope: Scope) -> None:
        self._services = services
        self._scope = scope

    def findings(self) -> list[Finding]:
        """Compare, and compare again what may have been on its way.

        Raises:
            CommandFailed: A service or the broker cannot be asked.
        """
        before = self._snapshots("--heads", bar=ProgressBar("what was given out"))
        ends = self._snapshots("--marks", *self._older, bar=ProgressBar("what was applied"))
        after = self._wait(ends) if "missing" in _kinds(before, ends) else ends
        newer = self._snapshots("--heads") if "ahead" in _kinds(before, after) else before
        found = [
            finding
            for each in _subscriptions(before)
            for finding in Comparison(each, before, ends, after, newer).findings()
        ]
        return found + _waiting(after, {(finding.tenant_id, finding.subject) for finding in found})

    def wait_for(self, found: Iterable[Finding]) -> None:
        """Wait until these were applied after all, at most the time of grace."""
        published = lacking = list(found)
        deadline, bar = time.monotonic() + self._scope.grace_s, ProgressBar("applied after all")
        while lacking and time.monotonic() < deadline:
            after = self._snapshots("--marks")
            lacking = [one for one in lacking if not _applied(after, one)]
            bar(len(published) - len(lacking), len(published))
        bar.end()

    def _snapshots(self, *what: str, bar: ProgressBar | None = None) -> dict[str, Snapshot]:
        words = ("survey", *what, *self._scope.tenant_option)
        queries = {name: (name, *words) for name in self._services.present()}
        outputs = self._services.query_all(queries, bar or unheard)
        return {name: Snapshot.of(output.entries) for name, output in outputs.items()}

    @property
    def _older(self) -> tuple[str, str]:
        return ("--older-than", f"{self._scope.stuck_s:g}s")

    def _wait(self, ends: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
        """Ask until consumers have read as far as the log went, at most the time of grace."""
        deadline, bar = time.monotonic() + self._scope.grace_s, ProgressBar("what was on its way")
        most = _unread(ends, ends)
        while True:
            after = self._snapshots("--marks", *self._older)
            left = _unread(ends, after)
            bar(max(0, most - left), most)
            if not left or time.monotonic() > deadline:
                bar.end()
                return after


@dataclass
class Comparison:
    """One subscription, as it was at first and after a while."""

    subscription: Subscription
    before: Mapping[str, Snapshot]
    ends: Mapping[str, Snapshot]
    after: Mapping[str, Snapshot]
    newer: Mapping[str, Snapshot]

    def findings(self) -> Iterable[Finding]:
        """Yield a finding for each case that differs."""
        subscription = self.subscription
        marks = self.after[subscription.consumer].marks.get(subscription.topic, {})
        for one in reconcile(self.before[subscription.producer].sent, marks):
            key = (one.tenant_id, one.subject)
            last, blocked = marks.get(key, (0, 0))
            head = self.newer[subscription.producer].last.get(key, 0)
            if blocked:
                kind, first, until = "blocked", blocked, max(blocked, head)
            elif one.kind == "missing":
                kind, first, until = (
                    "missing" if self._was_read(key) else "late",
                    last + 1,
                    one.head,
                )
            elif last > head:
                kind, first, until = "ahead", head + 1, last
            else:
                continue  # it was produced in between
            yield Finding(kind, subscription.producer, subscription.consumer, *key, first, until)

    def _was_read(self, key: Key) -> bool:
        """Tell whether the consumer has read whatever had been sent of a case."""
        topic, consumer = self.subscription.topic, self.subscription.consumer
        ends = self.ends[consumer].offsets(topic, "end")
        partition = partition_of(record_key(*key).encode(), len(ends)) if ends else -1
        position = self.after[consumer].offsets(topic, "position").get(partition, -1)
        return position >= ends.get(partition, 0)


def _unread(ends: Mapping[str, Snapshot], after: Mapping[str, Snapshot]) -> int:
    return sum(after[name].unread(ends[name]) for name in after)


def _subscriptions(snapshots: Mapping[str, Snapshot]) -> list[Subscription]:
    producers = {snapshot.health["speaks"]: name for name, snapshot in snapshots.items()}
    return [
        Subscription(topic, producers[topic], name)
        for name, snapshot in snapshots.items()
        for topic in snapshot.health["hears"]
    ]


def _kinds(before: Mapping[str, Snapshot], after: Mapping[str, Snapshot]) -> set[str]:
    return {
        one.kind
        for subscription in _subscriptions(before)
        for one in reconcile(
            before[subscription.producer].sent,
            after[subscription.consumer].marks.get(subscription.topic, {}),
        )
    }


def _applied(snapshots: Mapping[str, Snapshot], one: Finding) -> bool:
    subscription = next(
        subscription
        for subscription in _subscriptions(snapshots)
        if (subscription.producer, subscription.consumer) == (one.producer, one.consumer)
    )
    marks = snapshots[one.consumer].marks.get(subscription.topic, {})
    return marks.get((one.tenant_id, one.subject), (0, 0))[0] >= one.last


def _waiting(snapshots: Mapping[str, Snapshot], found_already: set[Key]) -> list[Finding]:
    """Find cases that wait for a reason other than a missing event."""
    found = []
    for name, snapshot in snapshots.items():
        for one in snapshot.parked:
            key = (one["tenant_id"], one["subject"])
            lacking = (one["applied"] + 1, one["first_parked"] - 1)
            found.append(Finding("parked", "", name, *key, *lacking))
        for one in snapshot.unfinished:
            key, revision = (one["tenant_id"], one["subject"]), one["revision"]
            found.append(Finding("stuck", name, name, *key, revision, revision))
    return [one for one in found if (one.tenant_id, one.subject) not in found_already]
