"""The command line of operators; the same options whoever offers them."""

import argparse
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from chassis.clock import now_us

STATUSES: Final = ("open", "retry", "done", "skipped")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd])")

Commands = Any  # what add_subparsers returns has no public name
Parser = argparse.ArgumentParser


def parser(program: str) -> Parser:
    """Return the parser of `operate`."""
    made = Parser(prog=program, description="Commands for operators, on database and broker alone.")
    commands = made.add_subparsers(dest="action", required=True)
    add_actions(commands)
    _add_questions(commands)
    return made


def add_actions(commands: Commands, more: Callable[[Parser], None] | None = None) -> None:
    """Add what people do: dead-letters, held, parked, release, republish, reset-offsets.

    Args:
        commands: what to add them to.
        more: adds further options to each of them.
    """
    _add_dead_letters(commands, more)
    held = _command(commands, "held", "list events that the broker has refused for good", more)
    _tenant(held, required=False)
    _limit(held)
    _add_waiting(commands, "parked", "list subjects that wait for a message that is lost", more)
    release = _command(commands, "release", "let a held event, and its subject, go on", more)
    release.add_argument("--id", type=int, required=True, help="as held shows it")
    _acts(release)
    _add_republish(commands, more)
    reset = _command(commands, "reset-offsets", "read a topic from where its log begins", more)
    reset.add_argument("--topic", required=True)
    reset.add_argument("--all-tenants", action="store_true", required=True, help="it concerns all")
    reset.set_defaults(tenant=None)
    _who(reset)


def moment(text: str) -> int:
    """Return microseconds UTC of `2026-11-22T08:00:00Z`, or of so long ago (`90s`, `2h`, `3d`)."""
    span = _SPAN.fullmatch(text)
    if span:
        return now_us() - int(float(span[1]) * _UNITS[span[2]] * 1_000_000)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a time such as 2026-11-22T08:00:00Z nor a span such as 2h"
        ) from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1_000_000)


def _add_questions(commands: Commands) -> None:
    """What is asked: health, survey, unfinished."""
    sentence = "say what waits, for how long, and what is in its way"
    _tenant(_command(commands, "health", sentence, None), required=False)
    sentence = "tell another program what was produced and what was applied, one object a line"
    survey = commands.add_parser("survey", help=sentence, description=sentence)
    survey.add_argument("--heads", action="store_true", help="what was produced, by subject")
    survey.add_argument("--marks", action="store_true", help="what was applied, by subject")
    survey.add_argument("--older-than", type=moment, metavar="SPAN", help="and what waits so long")
    _tenant(survey, required=False)
    _add_waiting(commands, "unfinished", "list what was accepted and has no result yet", None)


def _add_waiting(
    commands: Commands, name: str, sentence: str, more: Callable[[Parser], None] | None
) -> None:
    asked = _command(commands, name, sentence, more)
    asked.add_argument("--older-than", type=moment, default="60s", metavar="SPAN")
    _tenant(asked, required=False)
    _limit(asked, 1_000)


def _add_dead_letters(commands: Commands, more: Callable[[Parser], None] | None) -> None:
    sentence = "messages that could not be applied: list, show, redrive, skip"
    group = commands.add_parser("dead-letters", help=sentence, description=sentence)
    letters = group.add_subparsers(dest="letters", required=True)
    listed = _command(letters, "list", "list them, the newest first", more)
    _tenant(listed, required=False)
    _filters(listed)
    listed.add_argument("--status", choices=(*STATUSES, "waiting", "any"), default="waiting")
    _limit(listed)
    shown = _command(letters, "show", "show one: headers, reason, and what to do", more)
    shown.add_argument("--id", type=int, required=True)
    shown.add_argument(
        "--body", action="store_true", help="print its body too; needs --by and --why, is audited"
    )
    _tenant(shown, required=False)
    _who(shown, required=False)
    redriven = _command(letters, "redrive", "let the worker try them again, in order", more)
    redriven.add_argument("--id", type=int)
    _filters(redriven)
    _acts(redriven)
    skipped = _command(letters, "skip", "give one up: its subject goes on without it", more)
    skipped.add_argument("--id", type=int, required=True)
    _acts(skipped)


def _add_republish(commands: Commands, more: Callable[[Parser], None] | None) -> None:
    again = _command(commands, "republish", "publish events of the history again", more)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("--subject", help="of this one")
    which.add_argument("--since", type=moment, help="sent since a time, or so long ago (2h)")
    which.add_argument(
        "--spans",
        metavar="FILE",
        help='lines {"tenant_id", "subject", "first", "last"}; - is stdin',
    )
    again.add_argument("--from", dest="first", type=int, default=1, help="first sequence number")
    again.add_argument("--to", dest="last", type=int, help="last sequence number")
    _acts(again)


def _command(
    commands: Commands, name: str, sentence: str, more: Callable[[Parser], None] | None
) -> Parser:
    added: Parser = commands.add_parser(name, help=sentence, description=sentence)
    added.add_argument("--json", action="store_true", help="print one JSON object a line")
    if more is not None:
        more(added)
    return added


def _acts(command: Parser) -> None:
    _tenant(command, required=True)
    _who(command)


def _tenant(command: Parser, *, required: bool) -> None:
    """Who acts has to say whose it is; who only looks sees everybody's otherwise."""
    whose = command.add_mutually_exclusive_group(required=required)
    said = "of this tenant only" + ("" if required else "; without it everybody's are counted")
    whose.add_argument("--tenant", help=said)
    whose.add_argument("--all-tenants", action="store_true", help="of whichever tenant")


def _who(command: Parser, *, required: bool = True) -> None:
    command.add_argument("--by", type=_said, required=required, help="who does it; is audited")
    command.add_argument("--why", type=_said, required=required, help="for what; is audited")


def _said(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say something; it is kept in the audit trail")
    return text.strip()


def _filters(command: Parser) -> None:
    command.add_argument("--topic")
    command.add_argument("--subject")
    command.add_argument("--reason-code")


def _limit(command: Parser, most: int = 100) -> None:
    command.add_argument("--limit", type=int, default=most, help=f"show so many ({most})")
