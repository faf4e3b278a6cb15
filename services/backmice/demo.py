"""`backmice demo`: one case through the running system; prints what the API returned."""

import sys
import time
from pathlib import Path
from typing import Any, Final

from backmice.client import Client, NotAnswered, Reply
from backmice.data_directory import DataDirectory
from backmice.topology import REPOSITORY
from chassis import clock

CASE: Final = REPOSITORY / "docs" / "examples" / "bm01_completed.json"
PATIENCE_S: Final = 20.0
LOOK_EVERY_S: Final = 0.02
ENDS: Final = frozenset({"planned", "stopped"})
NOT_RUNNING: Final = "nothing is running here, or it is not ready; start it with: make run"


class Refused(Exception):
    """The API answered with a problem."""


def demo(folder: DataDirectory, file: Path | None, *, as_json: bool) -> int:
    """Submits a case, prints its progress on stderr, and what the API answers on stdout."""
    note = folder.read_state()
    if note is None:
        _say(NOT_RUNNING)
        return 1
    try:
        with Client(note["address"], note.get("token") or _token(folder)) as client:
            if _ready(client):
                return _show(client, (file or CASE).read_bytes(), as_json=as_json)
            _say(NOT_RUNNING)
    except (Refused, NotAnswered, FileNotFoundError) as problem:
        _say(str(problem))
    return 1


def _token(folder: DataDirectory) -> str:
    from backmice.tokens import SCOPES, mint  # noqa: PLC0415 - keys weigh more than the demo

    return mint(folder, "demo", "demo-client", SCOPES, hours=1.0)


def _ready(client: Client) -> bool:
    try:
        return client.get("/readyz").status == 200  # noqa: PLR2004
    except NotAnswered:
        return False


def _show(client: Client, case: bytes, *, as_json: bool) -> int:
    began = time.monotonic()
    submitted = _accepted(client.post("/v1/cases", case, {"Idempotency-Key": clock.new_id()}))
    location = submitted.headers["location"]
    _say(f"POST /v1/cases -> {submitted.status}, Location: {location}")
    read, progress = _watch(client, location, began)
    if progress not in ENDS:
        _say(f"still {progress} after {PATIENCE_S:.0f} s; the API answers:")
    if as_json:
        _print(read.body)
    else:
        _say(f"GET {location}  (Accept: text/plain)")
        _print(_accepted(client.get(location, "text/plain")).body)
        for address in documents(read.json()):
            _say(f"full text: GET {address}  (Accept: text/plain)")
    return 0 if progress in ENDS else 1


def documents(case: dict[str, Any]) -> list[str]:
    """Returns the addresses of the full documents that a case has."""
    kinds = [kind for kind in ("assessment", "plan") if case.get(kind) is not None]
    return [case["links"][f"{kind}_document"] for kind in kinds]


def _watch(client: Client, location: str, began: float) -> tuple[Reply, str]:
    """Reads the case until it is planned or stopped, and prints each progress once."""
    last = ""
    while True:
        read = _accepted(client.get(location))
        progress = progress_of(read.json())
        if progress != last:
            _say(f"{(time.monotonic() - began) * 1000:6.0f} ms  {progress}")
        last = progress
        if progress in ENDS or time.monotonic() - began > PATIENCE_S:
            return read, progress
        time.sleep(LOOK_EVERY_S)


def progress_of(case: dict[str, Any]) -> str:
    """Returns where a case is: `submitted`, `assessed`, `planned` or `stopped`."""
    return str(case["progress"]["state"])


def _accepted(reply: Reply) -> Reply:
    if reply.status >= 300:  # noqa: PLR2004
        raise Refused(f"the API answered {reply.status}: {reply.body.decode(errors='replace')}")
    return reply


def _print(body: bytes) -> None:
    sys.stdout.buffer.write(body if body.endswith(b"\n") else body + b"\n")
    sys.stdout.flush()


def _say(sentence: str) -> None:
    print(f"backmice: {sentence}", file=sys.stderr, flush=True)
