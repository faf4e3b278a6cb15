"""`backmice up`, where children that start while the file `tomorrow` lies there are newer.

What is newer says more: events have a field, a finding and a header that today's readers have
never heard of.
"""

import sys
from dataclasses import replace
from typing import Any

import orjson

FIELD = "added_tomorrow"
HEADER = "ce_addedtomorrow"


def alter() -> None:
    from altered import note  # noqa: PLC0415

    if note("tomorrow"):
        _say_more()


def _say_more() -> None:
    from chassis import envelope  # noqa: PLC0415
    from chassis.messaging.sending import outbox  # noqa: PLC0415

    add_all, headers = outbox.Outbox.add_all, envelope.headers

    def say_more(self: Any, events: Any) -> Any:
        return add_all(self, [replace(event, data=_more(event.data)) for event in events])

    def more_headers(*given: Any) -> Any:
        return [*headers(*given), (HEADER, b"1")]

    outbox.Outbox.add_all = say_more  # type: ignore[method-assign]
    outbox.headers = more_headers


def _more(data: bytes) -> bytes:
    body = orjson.loads(data) | {FIELD: {"of": "no interest today"}}
    if isinstance(body.get("facts"), dict):
        body["facts"] = body["facts"] | {FIELD: {"a_finding": True}}
    return orjson.dumps(body)


if __name__ == "__main__":
    import altered

    newer = {"intake-api", "diagnosis-worker"}
    sys.exit(altered.run(__file__, lambda name: name in newer, alter))
