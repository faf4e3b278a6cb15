"""`backmice demo`: one case through the running system; prints what the API returned."""

import sys
import time
from pathlib import Path
from typing import Any, Final

import orjson

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
    """Submits a case, shows it on its way on stderr, and prints the answers on stdout."""
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
    submitted = _well(client.post("/v1/cases", case, {"Idempotency-Key": clock.new_id()}))
    location = submitted.headers["location"]
    _say(f"POST /v1/cases -> {submitted.status}, Location: {location}")
    found, progress = _follow(client, location, began)
    if progress not in ENDS:
        _say(f"still {progress} after {PATIENCE_S:.0f} s; the API says:")
        _print(found.body)
        return 1
    if as_json:
        _print(_whole(client, location, found))
        return 0
    for document in ("assessment", "plan"):
        _say(f"GET {location}/{document}  (Accept: text/plain)")
        _print(_well(client.get(f"{location}/{document}", "text/plain")).body)
    return 0


def _follow(client: Client, location: str, began: float) -> tuple[Reply, str]:
    """Reads the case until it has come to an end, and tells of each step once."""
    last = ""
    while True:
        found = _well(client.get(location))
        progress = progress_of(found.json())
        if progress != last:
            _say(f"{(time.monotonic() - began) * 1000:6.0f} ms  {progress}")
        last = progress
        if progress in ENDS or time.monotonic() - began > PATIENCE_S:
            return found, progress
        time.sleep(LOOK_EVERY_S)


def progress_of(case: dict[str, Any]) -> str:
    """Returns where a case is: `submitted`, `assessed`, `planned` or `stopped`."""
    progress = case["progress"]
    return str(progress["state"] if isinstance(progress, dict) else progress)


def _whole(client: Client, location: str, case: Reply) -> bytes:
    parts = {"case": case.body}
    for document in ("assessment", "plan"):
        parts[document] = _well(client.get(f"{location}/{document}")).body
    fragments = {name: orjson.Fragment(body) for name, body in parts.items()}
    return orjson.dumps(fragments)


def _well(reply: Reply) -> Reply:
    if reply.status >= 300:  # noqa: PLR2004
        raise Refused(f"the API answered {reply.status}: {reply.body.decode(errors='replace')}")
    return reply


def _print(body: bytes) -> None:
    sys.stdout.buffer.write(body if body.endswith(b"\n") else body + b"\n")
    sys.stdout.flush()


def _say(sentence: str) -> None:
    print(f"backmice: {sentence}", file=sys.stderr, flush=True)
