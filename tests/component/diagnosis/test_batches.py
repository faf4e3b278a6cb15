"""A batch of cases takes as many statements as one case."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from chassis.envelope import Message
from diagnosis import events, use_cases
from diagnosis.judge import load_ruleset
from diagnosis.write import load_sentences

RULESET, SENTENCES = load_ruleset(), load_sentences()


@contextmanager
def counted() -> Iterator[list[str]]:
    """List the statements that are sent, one for each round trip."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def submitted(minimal: dict[str, Any], at: int) -> Message:
    case_id = f"01234567-89ab-7def-8123-{at:012}"
    body = {"case_id": case_id, "revision": 2, "on": "2026-11-22", "facts": minimal}
    return Message(
        topic=events.CASES,
        partition=0,
        offset=at,
        key=f"clinic:{case_id}",
        event_id=f"11234567-89ab-7def-8123-{at:012}",
        type=events.REVISED,
        tenant_id="clinic",
        subject=case_id,
        revision=2,
        sequence=1,
        causation_id=None,
        correlation_id="r",
        traceparent=None,
        time="2026-11-22T00:00:00Z",
        source="/intake",
        dataschema="/schemas/case.revised/1",
        data=json.dumps(body).encode(),
    )


def statements(diagnosis: Any, messages: list[Message]) -> int:
    with counted() as sent, diagnosis.database.write() as connection:
        use_cases.assess_cases(connection, RULESET, SENTENCES, messages)
    return len(sent)


def test_twenty_cases_take_as_many_statements_as_one(
    diagnosis: Any, minimal: dict[str, Any]
) -> None:
    one = statements(diagnosis, [submitted(minimal, 0)])
    twenty = statements(diagnosis, [submitted(minimal, at) for at in range(1, 21)])
    assert twenty == one
