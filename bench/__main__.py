"""`python -m bench`: the product beside the floor of this machine and beside its peer.

Every figure and what it is compared to come from the same run, because absolute figures drift with
the machine.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench import floors, jobs, missing, rules
from bench.floors import ROOT
from bench.jobs import PAUSE_S, Sustained, System
from bench.load import Times
from bench.product import running
from bench.report import Row, both, processes, rate, show

HOPS = 7
"""Durable commits on the way of one case: four databases' and three appends to the log."""

BATCH = 100
"""As many cases as a relay or a consumer takes at once under load, for the floor."""


@dataclass(frozen=True)
class Measured:
    """What one system did at each job."""

    posted: Times
    answered: Times
    sustained: Sustained


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="for each measurement")
    parser.add_argument("--clients", type=int, default=8, help="at once, for the sustained rate")
    parser.add_argument("--servers", action="store_true", help="on real Kafka and Postgres")
    asked = parser.parse_args(arguments)
    body = (ROOT / "docs" / "examples" / "bm01_completed.json").read_bytes()
    measured = on_servers if asked.servers else embedded
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(Path(folder), body, asked.seconds, asked.clients)
    show(rows)
    return 0


def on_servers(folder: Path, body: bytes, seconds: float, clients: int) -> list[Row]:
    """Run floor, peer and product in turn on one Kafka and one Postgres."""
    from bench.peers.running import running_peer  # noqa: PLC0415 - the embedded default needs
    from bench.servers import servers  # noqa: PLC0415 - neither servers nor a peer

    with servers() as (settings, for_peer, floor):
        echo = floors.echo(body, seconds / 2, PAUSE_S)
        way = floor.timed(body, seconds / 2, PAUSE_S)
        together = floor.rate(body, BATCH, seconds / 4)
        with running_peer(for_peer) as peer:
            other = measure(peer, body, seconds, clients)
        with running(folder / "data", settings) as product:
            ours = measure(product, body, seconds, clients)
    what = "floor: 2 hops, 3 commits"
    return [
        rate("sustained to the plan", ours.sustained.rate, other.sustained.rate, "peer", "3 x"),
        rate("sustained to the plan", ours.sustained.rate, together, f"{what}, {BATCH} at once"),
        (
            "CPU per case, all processes (ms)",
            f"{ours.sustained.total:.2f}",
            f"{other.sustained.total:.2f}  peer",
            f"{ours.sustained.total / other.sustained.total:.2f} x",
            "6 ms",
        ),
        *both("submitted → answer, idle", ours.answered, way, what, "2 x"),
        *both("submitted → answer, idle", ours.answered, other.answered, "peer"),
        (
            "submitted → answer, idle, p99 : p50",
            f"{ours.answered.p99 / ours.answered.p50:.1f}",
            f"{other.answered.p99 / other.answered.p50:.1f}  peer",
            "",
            "2",
        ),
        *both("POST a case, idle", ours.posted, echo, "the same server, echoing", "5 x"),
        *both("POST a case, idle", ours.posted, other.posted, "peer"),
        *processes("product", ours.sustained.cpu),
        *processes("peer", other.sustained.cpu),
    ]


def measure(system: System, body: bytes, seconds: float, clients: int) -> Measured:
    """Have a system do each job."""
    keys = map(str, count())
    answered = jobs.answer_idle(system, body, seconds, keys)
    posted = jobs.post_idle(system, body, seconds / 2, keys, "intake")
    return Measured(posted, answered, jobs.sustained(system, body, seconds, clients, keys))


def embedded(folder: Path, body: bytes, seconds: float, clients: int) -> list[Row]:
    """Run floor and product of the embedded default in turn."""
    commits = floors.Commits(folder, body)
    keys = map(str, count())
    echo = floors.echo(body, seconds / 2, PAUSE_S)
    with running(folder / "data") as product:
        posted = jobs.post_idle(product, body, seconds, keys, "intake")
        through = jobs.post_idle(product, body, seconds / 2, keys, "gateway")
        answered = jobs.answer_idle(product, body, seconds, keys)
        hops = commits.timed(HOPS, seconds / 4)
        found = jobs.sustained(product, body, seconds, clients, keys)
    durable = commits.rate(3, seconds / 4)
    judged = rules.measure(json.loads(body))
    return [
        *both("POST a case, idle", posted, echo, "the same server, echoing", "5 x"),
        *both("… through the gateway", through, echo, "the same"),
        *both("submitted → answer, idle", answered, hops, f"{HOPS} durable commits"),
        rate("sustained to the plan", found.rate, durable, "3 durable commits a case", "1/4"),
        _rules(judged),
        _documents(judged),
        *(_missing(cost) for cost in missing.measure(rules.each)),
        *processes("product", found.cpu),
    ]


def _rules(found: rules.Figures) -> Row:
    name = f"{found.rules} rules, {found.conditions} conditions, (us)"
    floor = f"{found.loop:.1f}  as many plain comparisons"
    return (name, f"{found.judged:.1f}", floor, f"{found.judged / found.loop:.1f} x", "1.5 x")


def _documents(found: rules.Figures) -> Row:
    name = "both decisions and briefs (us)"
    floor = f"{found.written:.0f}  only writing them as JSON"
    return (name, f"{found.decided:.0f}", floor, f"{found.decided / found.written:.0f} x", "-")


def _missing(found: missing.Cost) -> Row:
    name = f"what {found.unknown} missing findings could change (ms)"
    floor = "judging every rule once"
    budget = {2: "0.2", 10: "1", 40: "5"}[found.unknown]
    return (name, f"{found.ms:.2f}", floor, f"{found.multiple:.0f} x", budget)


if __name__ == "__main__":
    sys.exit(main())
