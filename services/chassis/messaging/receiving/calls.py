"""From records to the calls of handlers."""

from collections.abc import Iterator, Mapping, Sequence

from chassis.envelope import Message, UnreadableMessage, parse
from chassis.messaging.port import Record
from chassis.messaging.receiving.context import Handler
from chassis.messaging.receiving.inbox import StreamKey


def read_all(
    records: Sequence[Record],
) -> tuple[list[Message], list[tuple[Record, str]]]:
    """Return the messages, and the records that are none with the reason."""
    messages, unreadable = [], []
    for record in records:
        try:
            messages.append(_read(record))
        except UnreadableMessage as error:
            unreadable.append((record, error.reason))
    return messages, unreadable


def _read(record: Record) -> Message:
    if record.damage:
        raise UnreadableMessage(record.damage)
    return parse(record)


def calls(
    messages: Sequence[Message], handlers: Mapping[str, Handler]
) -> Iterator[tuple[Handler, list[Message]]]:
    """Group messages for handlers: each subject at most once per call, its own in order."""
    rounds: list[dict[Handler, list[Message]]] = []
    passed: dict[StreamKey, int] = {}
    for message in messages:
        handler = handlers.get(message.type)
        if handler is None:
            continue
        turn = passed.get(message.stream, 0)
        passed[message.stream] = turn + 1
        if turn == len(rounds):
            rounds.append({})
        rounds[turn].setdefault(handler, []).append(message)
    for groups in rounds:
        yield from groups.items()
