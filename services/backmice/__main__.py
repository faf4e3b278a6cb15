"""The operator's command line: `python -m backmice up | token | demo | status | doctor | …`."""

import argparse
import os
import sys
from pathlib import Path

from backmice.data_directory import DataDirectory, DirectoryInUse
from backmice.ports import PortTaken
from chassis.messaging.operating.arguments import add_actions

DEFAULT_PORT = 8080
HANDS = frozenset({"dead-letters", "held", "parked", "release", "republish", "reset-offsets"})
"""What an operator does by the command of one service."""


EVERYBODY = "without it everybody's cases are counted"
MAKERS = frozenset({"up", "restore", "secrets", "doctor", "announce"})
"""Commands that may begin with nothing; every other one is about something that is there."""


def main(arguments: list[str]) -> int:
    chosen = _parser().parse_args(arguments)
    if chosen.command == "topics":
        return _topics(chosen)  # needs no data folder
    if chosen.command not in MAKERS and not Path(chosen.data).is_dir():
        return _fail(f"nothing runs in {chosen.data}; start it with: make run")
    folder = DataDirectory.make(Path(chosen.data))
    if "letters" in chosen or chosen.command in HANDS:
        return _operate(folder, chosen, arguments)
    try:
        return int(globals()[f"_{chosen.command}"](folder, chosen))
    except (DirectoryInUse, PortTaken) as problem:
        return _fail(str(problem))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backmice", description="Runs and tends Backmice.")
    commands = parser.add_subparsers(dest="command", required=True)
    data = os.environ.get("DATA") or "data"

    def command(name: str, sentence: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=sentence, description=sentence)
        added.add_argument("--data", default=data, help="the data folder (DATA=; default: data)")
        return added

    up = command("up", "start everything and watch it until Ctrl-C")
    up.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    up.add_argument("--port", type=int, default=os.environ.get("PORT") or DEFAULT_PORT)
    up.add_argument("--profile", choices=("embedded", "servers"), default="embedded")
    up.add_argument("--end-with-parent", action="store_true", help="stop when the caller is gone")
    token = command("token", "print a token for the embedded default")
    token.add_argument("--tenant", default="demo")
    token.add_argument("--client", default="demo-client")
    token.add_argument("--scope", default="")
    token.add_argument("--hours", type=float, default=12.0)
    demo = command("demo", "submit the README's case and print what comes back")
    demo.add_argument("--json", action="store_true", help="print JSON instead of text")
    demo.add_argument("--file", default="", help="another case file")
    status = command("status", "say what runs, how each service does, and what needs somebody")
    status.add_argument("--tenant", default="", help=f"of this tenant only; {EVERYBODY}")
    status.add_argument("--json", action="store_true", help="print one JSON object")
    _add_reconcile(command("reconcile", "compare what was given out with what was applied"))
    add_actions(commands, lambda added: _add_place(added, data))
    command("doctor", "check what a run needs")
    command("secrets", "make the passwords and keys of the containers that are missing")
    announce = command("announce", "say where the containers are reached, with a token")
    announce.add_argument("--address", default=f"http://127.0.0.1:{DEFAULT_PORT}")
    topics = commands.add_parser("topics", help="make the topics that are missing")
    topics.add_argument("--broker-url", default=os.environ.get("BROKER_URL", ""))
    topics.add_argument(
        "--replication",
        type=int,
        default=os.environ.get("KAFKA_REPLICATION") or None,
        help="how many brokers keep each event (KAFKA_REPLICATION=; 1 or 3)",
    )
    command("backup", "write all data to one archive").add_argument("archive")
    command("restore", "read all data from an archive").add_argument("archive")
    return parser


def _add_place(command: argparse.ArgumentParser, data: str) -> None:
    command.add_argument("--data", default=data, help="the data folder (DATA=; default: data)")
    command.add_argument("--service", choices=("intake", "diagnosis", "treatment"), help="of which")


def _add_reconcile(command: argparse.ArgumentParser) -> None:
    whose = command.add_mutually_exclusive_group()
    whose.add_argument("--tenant", default="", help=f"of this tenant only; {EVERYBODY}")
    whose.add_argument("--all-tenants", action="store_true", help="of whichever tenant")
    command.add_argument("--grace", type=float, default=10.0, help="seconds to wait for the rest")
    command.add_argument("--stuck", type=float, default=60.0, help="seconds until one is stuck")
    command.add_argument("--repair", action="store_true", help="publish again what is missing")
    command.add_argument("--by", default="", help="who repairs; is audited")
    command.add_argument("--why", default="", help="for what; is audited")
    command.add_argument(
        "--every", type=float, default=0.0, help="look again after so many seconds"
    )
    command.add_argument("--textfile", default="", help="write figures for Prometheus there")
    command.add_argument("--json", action="store_true", help="print one JSON object a line")


def _operate(folder: DataDirectory, chosen: argparse.Namespace, arguments: list[str]) -> int:
    """Hands the options on as they are, without those that only we understand."""
    from backmice.service_commands import operate  # noqa: PLC0415

    ours = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    _add_place(ours, "")
    ours.add_argument("--spans", default="-")
    said, rest = ours.parse_known_args(arguments)
    if getattr(chosen, "spans", None):
        rest += ["--spans", "-"]
    spans = "" if said.spans == "-" else said.spans
    return operate(folder, chosen.service, rest, spans=spans, as_json=chosen.json)


def _reconcile(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.reconciliation import Options, Repair, reconcile  # noqa: PLC0415
    from backmice.reconciling import Scope  # noqa: PLC0415

    said = (chosen.by, chosen.why, chosen.tenant or chosen.all_tenants)
    if chosen.repair and not all(said):
        sentence = "--repair changes something: say --tenant (or --all-tenants), --by and --why"
        print(f"backmice: {sentence}", file=sys.stderr)
        return 2
    repair = Repair(chosen.by, chosen.why) if chosen.repair else None
    terms = Scope(chosen.tenant, chosen.grace, chosen.stuck)
    return reconcile(folder, Options(terms, repair, chosen.every, chosen.textfile, chosen.json))


def _up(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.profiles import Embedded, ProfileUnusable, Servers  # noqa: PLC0415
    from backmice.supervisor import StartFailed, Supervisor  # noqa: PLC0415
    from backmice.topology import SERVICES  # noqa: PLC0415

    try:
        servers = chosen.profile == "servers"
        profile = Servers.from_environment(SERVICES) if servers else Embedded(folder)
        return Supervisor(folder, chosen.host, chosen.port, chosen.end_with_parent, profile).run()
    except (StartFailed, ProfileUnusable) as problem:
        return _fail(str(problem))


def _token(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.tokens import SCOPES, mint  # noqa: PLC0415 - keys weigh more than the supervisor

    try:
        print(mint(folder, chosen.tenant, chosen.client, chosen.scope or SCOPES, chosen.hours))
    except ValueError as problem:
        return _fail(str(problem))
    return 0


def _demo(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.demo import demo  # noqa: PLC0415

    return demo(folder, Path(chosen.file) if chosen.file else None, as_json=chosen.json)


def _secrets(folder: DataDirectory, _chosen: argparse.Namespace) -> int:
    from backmice.containers import make_secrets  # noqa: PLC0415

    for path in make_secrets(folder):
        print(f"backmice: made {path}", file=sys.stderr)
    return 0


def _announce(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.containers import announce  # noqa: PLC0415

    announce(folder, chosen.address)
    return 0


def _status(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.status import status  # noqa: PLC0415

    return status(folder, chosen.tenant, as_json=chosen.json)


def _doctor(folder: DataDirectory, _chosen: argparse.Namespace) -> int:
    from backmice.status import doctor  # noqa: PLC0415

    return doctor(folder)


def _topics(chosen: argparse.Namespace) -> int:
    from backmice.topics import TopicsNotMade, make  # noqa: PLC0415

    try:
        print("\n".join(make(chosen.broker_url, chosen.replication)))
    except TopicsNotMade as problem:
        return _fail(str(problem))
    return 0


def _backup(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.backups import ArchiveUnusable, backup  # noqa: PLC0415

    try:
        return backup(folder, Path(chosen.archive))
    except ArchiveUnusable as problem:
        return _fail(str(problem))


def _restore(folder: DataDirectory, chosen: argparse.Namespace) -> int:
    from backmice.backups import ArchiveUnusable, restore  # noqa: PLC0415

    try:
        return restore(folder, Path(chosen.archive))
    except ArchiveUnusable as problem:
        return _fail(str(problem))


def _fail(sentence: str) -> int:
    print(f"backmice: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
