"""`operate`: parses what is asked, does it, and says by the exit code how it went."""

import argparse
import base64
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Row

from chassis.envelope import load_headers
from chassis.messaging.operating import arguments, operations, surveying
from chassis.messaging.operating.advice import advice
from chassis.messaging.operating.dead_letters import NoSuchDeadLetter, Who
from chassis.messaging.operating.health import examine
from chassis.messaging.operating.operated_service import OperatedService
from chassis.messaging.operating.operations import Operator, Span, Wanted
from chassis.messaging.operating.printing import describe, moment, show
from chassis.messaging.operating.progress_bar import ProgressBar
from chassis.messaging.port import BrokerUnavailable
from chassis.messaging.receiving.dead_letters import WAITING
from chassis.settings import SettingsError
from chassis.storage.database import Unavailable
from chassis.storage.migrations import SchemaMismatch

DONE: Final = 0
"""It was done, or all is well."""
FOUND: Final = 1
"""A question: something needs a person. An act: there was nothing that it could be done to."""
MISUSED: Final = 2
"""The command line is wrong; argparse says so too."""
FAILED: Final = 3
"""It could not be done: the database or the broker is away, a setting is missing."""

_EXAMPLE: Final = '{"tenant_id": "t", "subject": "s", "first": 1, "last": 2}'

Asked = argparse.Namespace
T = TypeVar("T")


class Misused(Exception):
    """Options that do not go together."""


def operate(program: str, open_service: Callable[[], OperatedService], given: Sequence[str]) -> int:
    """Do what an operator asks of one service.

    Args:
        program: how the command is called, for its help.
        open_service: reads the settings and opens what they name.
        given: the arguments.

    Returns:
        The exit code: 0 done, 1 found (or nothing to do), 2 misused, 3 failed.
    """
    asked = arguments.parser(program).parse_args(given)
    logging.basicConfig(level=logging.ERROR)  # what is for the logs of a service is not for here
    try:
        service = open_service()
        service.check()
        return _ACTIONS[asked.action](service, asked)
    except Misused as problem:
        return _say(program, str(problem), MISUSED)
    except NoSuchDeadLetter as problem:
        return _say(program, str(problem), FOUND)
    except (SettingsError, SchemaMismatch) as problem:
        return _say(program, str(problem), FAILED)
    except Unavailable:
        return _say(program, "the database does not answer: try again when it is back", FAILED)
    except BrokerUnavailable as problem:
        return _say(program, f"the broker does not answer: {problem}", FAILED)


def _say(program: str, sentence: str, code: int) -> int:
    print(f"{program}: {sentence}", file=sys.stderr)  # noqa: T201 - a command speaks
    return code


def _health(service: OperatedService, asked: Asked) -> int:
    health = examine(service, asked.tenant)
    entry = health.entry()
    if not asked.json:
        letters = [f"{e['count']} {e['status']} {e['reason_code']}" for e in entry["dead_letters"]]
        behind = [place for place in entry["partitions"] if place["lag"] or place["state"] != "ok"]
        entry |= {"dead_letters": letters or None, "partitions": [str(p) for p in behind] or None}
        entry["troubles"] = entry["troubles"] or None
    describe(entry, as_json=asked.json)
    return FOUND if health.troubles() else DONE


def _list(service: OperatedService, asked: Asked) -> int:
    statuses = {"waiting": WAITING, "any": arguments.STATUSES}.get(asked.status, (asked.status,))
    wanted = Wanted(None, asked.tenant, asked.topic, asked.subject, asked.reason_code, statuses)
    rows = _first(service, asked, operations.letters(service.tables, wanted, asked.limit + 1))
    entries = (_letter(row) for row in rows)
    show(entries, as_json=asked.json, empty="no dead letters")
    return DONE


def _first(service: OperatedService, asked: Asked, found: Sequence[T]) -> Sequence[T]:
    """Cut a list to what is shown, and say so: one more than that was looked for."""
    if len(found) > asked.limit:
        _say(service.name, f"there are more than the {asked.limit} shown: --limit", DONE)
    return found[: asked.limit]


def _letter(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "reason_code": row.reason_code,
        "attempts": row.attempts,
        "since": moment(row.created_at),
        "tenant_id": row.tenant_id,
        "subject": row.subject,
        "topic": row.topic,
        "sequence": row.seq,
        "reason": row.reason,
    }


def _show(service: OperatedService, asked: Asked) -> int:
    wanted = Wanted(asked.id, asked.tenant, statuses=arguments.STATUSES)
    rows = operations.letters(service.tables, wanted, 1)
    if not rows:
        raise NoSuchDeadLetter(f"there is no dead letter {asked.id}")
    row = rows[0]
    entry = _letter(row) | {
        "partition": row.part,
        "offset": row.off,
        "next_try": moment(row.next_at) if row.status == "retry" and row.next_at else None,
        "bytes": row.bytes,
        "what_to_do": advice(row.reason_code),
        "headers": _headers(row.headers),
    }
    if asked.body:
        entry["body"] = _body(service, asked)
    describe(entry, as_json=asked.json)
    return DONE


def _headers(text: str) -> dict[str, str | None]:
    return {
        name: None if value is None else value.decode(errors="backslashreplace")
        for name, value in load_headers(text)
    }


def _body(service: OperatedService, asked: Asked) -> Any:
    """Whoever reads it is written down first: it holds what the headers must not."""
    if not (asked.by and asked.why):
        raise Misused("--body shows what people told in confidence: say --by and --why")
    _operator(service, asked).read(asked.id)
    raw = operations.body(service.tables, asked.id)
    try:
        return json.loads(raw)
    except ValueError:
        return {"base64": base64.b64encode(raw).decode()}


def _redrive(service: OperatedService, asked: Asked) -> int:
    wanted = Wanted(asked.id, asked.tenant, asked.topic, asked.subject, asked.reason_code)
    done = _operator(service, asked).redrive(wanted)
    return _report(asked, "redriven", done, "dead letters will be tried again")


def _skip(service: OperatedService, asked: Asked) -> int:
    _operator(service, asked).skip(asked.id)
    return _report(asked, "skipped", 1, "dead letter is given up; its subject goes on")


def _held(service: OperatedService, asked: Asked) -> int:
    rows = operations.held(service.tables, asked.tenant, asked.limit + 1)
    entries = (
        {
            "id": row.id,
            "failures": row.failures,
            "since": moment(row.created_at),
            "tenant_id": row.tenant_id,
            "subject": row.subject,
            "topic": row.topic,
            "sequence": row.seq,
            "bytes": row.bytes,
        }
        for row in _first(service, asked, rows)
    )
    show(entries, as_json=asked.json, empty="no event is held")
    return DONE


def _release(service: OperatedService, asked: Asked) -> int:
    done = _operator(service, asked).release(asked.id)
    return _report(asked, "released", int(done), "event may leave again, and its subject with it")


def _republish(service: OperatedService, asked: Asked) -> int:
    operator = _operator(service, asked)
    if asked.since is not None:
        done = operator.republish_since(service.speaks, asked.since)
    else:
        done = operator.republish(list(_spans(service, asked)))
    return _report(asked, "republished", done, "events were put back into the outbox")


def _spans(service: OperatedService, asked: Asked) -> Iterator[Span]:
    if asked.spans is None:
        if asked.tenant is None:
            raise Misused("--subject is one tenant's: say --tenant")
        key = (asked.tenant, asked.subject)
        last = asked.last or operations.newest(service.tables, service.speaks, key)
        yield Span(service.speaks, *key, asked.first, last)
        return
    for line in _lines(asked.spans):
        span = _span(service.speaks, line)
        if asked.tenant not in {None, span.tenant_id}:
            raise Misused(f"a line names the tenant {span.tenant_id}, --tenant another")
        yield span


def _lines(name: str) -> list[str]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise Misused(f"{name} cannot be read: {error.strerror}") from None
    return [line for line in text.splitlines() if line.strip()]


def _span(topic: str, line: str) -> Span:
    try:
        said = json.loads(line)
        first, last = int(said["first"]), int(said["last"])
        return Span(topic, str(said["tenant_id"]), str(said["subject"]), first, last)
    except (ValueError, KeyError, TypeError):
        raise Misused(f"not a line such as {_EXAMPLE}: {line}") from None


def _reset_offsets(service: OperatedService, asked: Asked) -> int:
    if asked.topic not in service.hears:
        raise Misused(f"{service.name} reads {', '.join(service.hears)} and not {asked.topic}")
    broker = service.broker()
    try:
        starts = _operator(service, asked).reset_offsets(broker, asked.topic)
    finally:
        broker.close()
    entries = [{"topic": asked.topic, "partition": p, "position": at} for p, at in starts.items()]
    show(entries, as_json=asked.json, empty="the topic has no partitions")
    return DONE


def _parked(service: OperatedService, asked: Asked) -> int:
    found = list(surveying.parked(service, asked.tenant, asked.older_than, asked.limit + 1))
    show(_first(service, asked, found), as_json=asked.json, empty="nothing is parked that long")
    return FOUND if found else DONE


def _unfinished(service: OperatedService, asked: Asked) -> int:
    if service.unfinished is None:
        raise Misused(f"{service.name} accepts nothing from outside")
    found = list(surveying.unfinished(service, asked.tenant, asked.older_than, asked.limit + 1))
    show(_first(service, asked, found), as_json=asked.json, empty="nothing is unfinished that long")
    return FOUND if found else DONE


def _survey(service: OperatedService, asked: Asked) -> int:
    found = surveying.survey(
        service, asked.tenant, heads=asked.heads, marks=asked.marks, older_us=asked.older_than
    )
    show(found, as_json=True, empty="")
    return DONE


def _operator(service: OperatedService, asked: Asked) -> Operator:
    who, progress = Who(asked.by, asked.why), ProgressBar(asked.action)
    return Operator(service.tables, who, asked.tenant, progress)


def _report(asked: Asked, name: str, count: int, sentence: str) -> int:
    if asked.json:
        describe({name: count}, as_json=True)
    else:
        print(f"{count} {sentence}")  # noqa: T201 - a command speaks
    return DONE if count else FOUND


_LETTERS: Final = {"list": _list, "show": _show, "redrive": _redrive, "skip": _skip}
_ACTIONS: Final[dict[str, Callable[[OperatedService, Asked], int]]] = {
    "health": _health,
    "dead-letters": lambda service, asked: _LETTERS[asked.letters](service, asked),
    "held": _held,
    "release": _release,
    "republish": _republish,
    "reset-offsets": _reset_offsets,
    "survey": _survey,
    "parked": _parked,
    "unfinished": _unfinished,
}
