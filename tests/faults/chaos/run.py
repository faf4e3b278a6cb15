"""One storm from its beginning to its report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.chaos.clinics import Clinics, clinics_at_work
from tests.faults.chaos.report import Report, report
from tests.faults.chaos.strikes import Hand, Servers, kinds, schedule
from tests.faults.product.grounds import ground
from tests.faults.product.plant import Plant, plant

CALM_S: Final = 180.0


def storm(
    folder: Path, seed: int, seconds: float, profile: str, say: Callable[[str], None]
) -> Report:
    """Runs the product under load while its processes are killed, and counts what is left."""
    with _grounds(folder, profile) as (works, servers):
        hand = Hand(works, servers)
        began = time.monotonic()
        with clinics_at_work(works, seed) as busy:
            try:
                _kill(hand, busy, began + seconds, say)
            except Exception as error:  # noqa: BLE001 - whatever it is, the report tells it
                busy.met.append(f"the hand met {error!r}")
        hand.repair()
        say(f"{sum(hand.kills.values())} kills; waiting for what is still on its way")
        _calm(works)
        return report(seed, time.monotonic() - began, works, busy, hand)


def _kill(hand: Hand, busy: Clinics, end: float, say: Callable[[str], None]) -> None:
    servers = hand.servers is not None
    turns, tell_at = len(kinds(servers=servers)), time.monotonic() + 60
    for number, strike in enumerate(schedule(busy.seed, servers=servers)):
        # on a slow machine, too, it lasts until each kind has had its turn
        if busy.over.is_set() or (number >= turns and time.monotonic() > end):
            hand.repair()
            return
        time.sleep(strike.pause_s)
        hand.strike(strike)
        if time.monotonic() > tell_at:
            tell_at += 60
            say(
                f"{sum(hand.kills.values())} kills, {len(hand.works.acknowledgements)} answers kept"
            )


def _calm(works: Plant) -> None:
    """What does not arrive within the time is counted as lost, not waited for."""
    try:
        works.settle(within=CALM_S)
    except AssertionError as error:
        print(error)  # noqa: T201 - the report follows


@contextmanager
def _grounds(folder: Path, profile: str) -> Iterator[tuple[Plant, Servers | None]]:
    if profile == "servers":
        with ground(folder) as own:
            yield own.works, Servers(own.kafka, own.postgres)
    else:
        with plant(folder) as works:
            yield works, None
