"""`python -m bench`: the product beside the floor of this machine, in about a minute.

Every figure and its floor come from the same run, because absolute figures drift with the machine.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from bench import floors, missing, rules
from bench.floors import ROOT
from bench.load import Times, together
from bench.product import Running, running

HOPS = 7
"""Durable commits on the way of one case: four databases' and three appends to the log."""

BATCH = 100
"""As many cases as a relay or a consumer takes at once under load, for the floor."""

PAUSE_S = 0.1
"""Between two requests of an idle measurement, so that the one before has come to its end."""

Row = tuple[str, str, str, str, str]


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
    from bench.servers import servers  # noqa: PLC0415 - the embedded default needs no server

    keys = map(str, count())
    with servers() as (told, road), running(folder / "data", told) as product:
        echo = floors.echo(body, seconds / 2)
        posted = post_idle(product, body, seconds, keys, "intake")
        planned = plan_idle(product, body, seconds, keys)
        way = road.timed(body, seconds / 2, PAUSE_S)
        rate = sustained(product, body, seconds, clients, keys)
        alone, together = (road.rate(body, batch, seconds / 4) for batch in (1, BATCH))
    what = "2 hops and 3 commits"
    return [
        *_both("POST a case, idle", posted, echo, "the same server, echoing", "3 / 12 ms"),
        *_both("submitted → plan, idle", planned, way, what, "18 / 60 ms"),
        _rate("sustained to the plan", rate, together, f"{what}, {BATCH} at once", "1000 cases/s"),
        _rate("sustained to the plan", rate, alone, f"{what}, each alone", "-"),
    ]


def embedded(folder: Path, body: bytes, seconds: float, clients: int) -> list[Row]:
    commits = floors.Commits(folder, body)
    with running(folder / "data") as product:
        keys = map(str, count())
        echo = floors.echo(body, seconds / 2)
        posted = post_idle(product, body, seconds, keys, "intake")
        through = post_idle(product, body, seconds / 2, keys, "gateway")
        planned = plan_idle(product, body, seconds, keys)
        hops = commits.timed(HOPS, seconds / 4)
        rate = sustained(product, body, seconds, clients, keys)
    durable = 1e3 / commits.timed(3, seconds / 4).p50
    judged = rules.measure(json.loads(body))
    return [
        *_both("POST a case, idle", posted, echo, "the same server, echoing", "3 / 12 ms"),
        *_both("… through the gateway", through, echo, "the same", "-"),
        *_both("submitted → plan, idle", planned, hops, f"{HOPS} durable commits", "12 / 30 ms"),
        _rate("sustained to the plan", rate, durable, "3 durable commits a case", "400 cases/s"),
        _rules(judged),
        _documents(judged),
        *(_missing(cost) for cost in missing.measure(rules.each)),
    ]


def post_idle(product: Running, body: bytes, seconds: float, keys: "map[str]", door: str) -> Times:
    client = product.client(door)
    times = floors.timed(
        lambda: client.post("/v1/cases", body, 202, Idempotency_Key=next(keys)), seconds, PAUSE_S
    )
    product.wait_until_planned(60)
    return times


def plan_idle(product: Running, body: bytes, seconds: float, keys: "map[str]") -> Times:
    client = product.client()

    def submit() -> None:
        more = {"Idempotency_Key": next(keys), "Prefer": "wait=30"}
        client.post("/v1/cases", body, 200, **more)

    return floors.timed(submit, seconds, PAUSE_S)


def sustained(
    product: Running, body: bytes, seconds: float, clients: int, keys: "map[str]"
) -> float:
    """Cases per second from the first request to the last plan."""

    def make() -> Callable[[], object]:
        client = product.client()
        return lambda: client.post("/v1/cases", body, 202, Idempotency_Key=next(keys))

    began = time.perf_counter()
    done = together(make, clients, seconds)
    return done / (product.wait_until_planned(120) - began)


def _both(name: str, times: Times, floor: Times, what: str, budget: str) -> list[Row]:
    return [
        (
            f"{name}, {part} (ms)",
            f"{getattr(times, part):.2f}",
            f"{getattr(floor, part):.2f}  {what}",
            f"{getattr(times, part) / getattr(floor, part):.1f} x",
            wanted,
        )
        for part, wanted in zip(("p50", "p99"), _parts(budget), strict=True)
    ]


def _parts(budget: str) -> list[str]:
    figures = budget.removesuffix(" ms").split(" / ")
    return figures if len(figures) > 1 else figures * 2


def _rate(name: str, rate: float, floor: float, what: str, budget: str) -> Row:
    return (
        f"{name} (cases/s)",
        f"{rate:.0f}",
        f"{floor:.0f}  {what}",
        f"1/{floor / rate:.1f}" if floor > rate else f"{rate / floor:.1f} x",
        budget,
    )


def _rules(found: rules.Figures) -> Row:
    name = f"{found.rules} rules, {found.conditions} conditions, traced (us)"
    floor = f"{found.loop:.1f}  as many plain comparisons"
    return (name, f"{found.judged:.1f}", floor, f"{found.judged / found.loop:.1f} x", "40")


def _documents(found: rules.Figures) -> Row:
    name = "both documents, every missing finding tried (us)"
    floor = f"{found.written:.0f}  only writing them as JSON"
    return (name, f"{found.documents:.0f}", floor, f"{found.documents / found.written:.0f} x", "-")


def _missing(found: missing.Cost) -> Row:
    name = f"what {found.unknown} missing findings could change (ms)"
    floor = "judging every rule once"
    budget = {2: "0.2", 10: "1", 40: "5"}[found.unknown]
    return (name, f"{found.ms:.2f}", floor, f"{found.multiple:.0f} x", budget)


def show(rows: list[Row]) -> None:
    table = [("", "product", "floor, same run", "ratio", "budget"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(5)]
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


if __name__ == "__main__":
    sys.exit(main())
