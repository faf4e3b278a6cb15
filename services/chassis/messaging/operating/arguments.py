"""The command line of operators; the same options whoever offers them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

import click

from chassis.clock import now_us

STATUSES: Final = ("open", "retry", "done", "skipped")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd])")

Act = Callable[[SimpleNamespace], int]
"""Does what a command line asks for (its options by name, `action` is the command); returns the
exit code."""


@dataclass(frozen=True)
class OneOf:
    """Options of which at most one is given.

    Attributes:
        options: these.
        required: one must be given.
    """

    options: tuple[click.Option, ...]
    required: bool

    def check(self, values: dict[str, Any]) -> None:
        """Refuse a command line that gives more than one, or none where one is required.

        Raises:
            UsageError: it does.
        """
        given = [each.opts[0] for each in self.options if values[str(each.name)]]
        if len(given) > 1:
            raise click.UsageError(f"{given[1]}: not allowed with {given[0]}")
        if self.required and not given:
            names = " ".join(each.opts[0] for each in self.options)
            raise click.UsageError(f"one of the options {names} is required")


def commands(act: Act) -> click.Group:
    """Return the command `operate` of one service.

    Args:
        act: does what is asked.
    """
    group = click.Group(help="Acts on one service, through its database and the broker alone.")
    for command in (*actions(act), *_questions(act)):
        group.add_command(command)
    return group


def actions(act: Act, more: Callable[[], Sequence[click.Option]] = tuple) -> list[click.Command]:
    """Return what people do: dead-letters, held, parked, release, republish, reset-offsets.

    Args:
        act: does what is asked.
        more: makes further options for each of them.
    """

    def command(name: str, sentence: str, *options: click.Option | OneOf) -> click.Command:
        return _command(act, name, sentence, *options, *more())

    letters = click.Group(
        "dead-letters", help="messages that could not be applied: list, show, redrive, skip"
    )
    for each in _dead_letters(command):
        letters.add_command(each)
    return [
        letters,
        command(
            "held", "list events that the broker has refused for good", _tenant(False), _limit()
        ),
        command("parked", "list subjects that wait for a message that is lost", *_waiting()),
        command(
            "release",
            "let a held event, and its subject, go on",
            click.Option(["--id"], type=int, required=True, help="as held shows it"),
            *_acting(),
        ),
        command("republish", "publish events of the history again", *_republishing(), *_acting()),
        command(
            "reset-offsets",
            "read a topic from where its log begins",
            click.Option(["--topic"], required=True),
            OneOf((_flag("--all-tenants", "it concerns all"),), required=True),
            *_who(required=True),
        ),
    ]


def moment(text: str) -> int:
    """Return microseconds UTC of `2026-11-22T08:00:00Z`, or of so long ago (`90s`, `2h`, `3d`)."""
    span = _SPAN.fullmatch(text)
    if span:
        return now_us() - int(float(span[1]) * _UNITS[span[2]] * 1_000_000)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither a time such as 2026-11-22T08:00:00Z nor a span such as 2h"
        ) from None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1_000_000)


def _questions(act: Act) -> Iterator[click.Command]:
    """Yield what is only asked: health, survey, unfinished."""
    yield _command(
        act, "health", "say what waits, for how long, and what is in its way", _tenant(False)
    )
    yield _command(
        act,
        "survey",
        "tell another program what was produced and what was applied, one object a line",
        _flag("--heads", "what was produced, by subject"),
        _flag("--marks", "what was applied, by subject"),
        click.Option(["--older-than"], type=moment, metavar="SPAN", help="and what waits so long"),
        _tenant(False),
    )
    yield _command(act, "unfinished", "list what was accepted and has no result yet", *_waiting())


def _dead_letters(command: Callable[..., click.Command]) -> Iterator[click.Command]:
    status = click.Choice((*STATUSES, "waiting", "any"))
    yield command(
        "list",
        "list them, the newest first",
        _tenant(False),
        *_filters(),
        click.Option(["--status"], type=status, default="waiting"),
        _limit(),
    )
    yield command(
        "show",
        "show one: headers, reason, and what to do",
        click.Option(["--id"], type=int, required=True),
        _flag("--body", "print its body too; needs --by and --why, is audited"),
        _tenant(False),
        *_who(required=False),
    )
    yield command(
        "redrive",
        "let the worker try them again, in order",
        click.Option(["--id"], type=int),
        *_filters(),
        *_acting(),
    )
    yield command(
        "skip",
        "give one up: its subject goes on without it",
        click.Option(["--id"], type=int, required=True),
        *_acting(),
    )


def _republishing() -> Iterator[click.Option | OneOf]:
    which = (
        click.Option(["--subject"], help="of this one"),
        click.Option(["--since"], type=moment, help="sent since a time, or so long ago (2h)"),
        click.Option(
            ["--spans"],
            metavar="FILE",
            help='lines {"tenant_id", "subject", "first", "last"}; - is stdin',
        ),
    )
    yield OneOf(which, required=True)
    yield click.Option(["--from", "first"], type=int, default=1, help="first sequence number")
    yield click.Option(["--to", "last"], type=int, help="last sequence number")


def _command(act: Act, name: str, sentence: str, *options: click.Option | OneOf) -> click.Command:
    """Return a command that checks its options and acts."""
    choices = [each for each in options if isinstance(each, OneOf)]
    params: list[click.Parameter] = [_flag("--json", "print one JSON object a line")]
    for each in options:
        params.extend(each.options if isinstance(each, OneOf) else [each])

    def callback(**values: Any) -> int:
        for choice in choices:
            choice.check(values)
        return act(SimpleNamespace(**({"tenant": None} | values), action=name))

    return click.Command(name, params=params, callback=callback, help=sentence)


def _flag(name: str, sentence: str) -> click.Option:
    return click.Option([name], is_flag=True, help=sentence)


def _acting() -> list[click.Option | OneOf]:
    return [_tenant(True), *_who(required=True)]


def _tenant(required: bool) -> OneOf:
    """Who acts has to name the tenant; a question without it counts everybody's."""
    sentence = "of this tenant only" + ("" if required else "; without it everybody's are counted")
    options = (
        click.Option(["--tenant"], help=sentence),
        _flag("--all-tenants", "of whichever tenant"),
    )
    return OneOf(options, required)


def _who(*, required: bool) -> list[click.Option]:
    return [
        click.Option(
            ["--by"], type=_words, metavar="TEXT", required=required, help="who does it; is audited"
        ),
        click.Option(
            ["--why"], type=_words, metavar="TEXT", required=required, help="for what; is audited"
        ),
    ]


def _words(text: str) -> str:
    if not text.strip():
        raise click.BadParameter("say something; it is kept in the audit trail")
    return text.strip()


def _filters() -> list[click.Option]:
    return [click.Option([name]) for name in ("--topic", "--subject", "--reason-code")]


def _waiting() -> list[click.Option | OneOf]:
    older = click.Option(["--older-than"], type=moment, default="60s", metavar="SPAN")
    return [older, _tenant(False), _limit(1_000)]


def _limit(most: int = 100) -> click.Option:
    return click.Option(["--limit"], type=int, default=most, help=f"show so many ({most})")
