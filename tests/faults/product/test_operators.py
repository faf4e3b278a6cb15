"""The operator's commands on a running product, and the runbook, command by command."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.faults.product import sick
from tests.faults.product.plant import Plant, plant
from tests.faults.product.promises import a_case
from tests.system.product import ROOT
from tests.system.sites import BOTH, site

from chassis.clock import now_us
from chassis.messaging.sending.pending import PendingEvents

SICK_AGE = 66
RETRIED = {"redrive", "skip"}
"""What they would mend is applied by the worker's own retry when its time comes; that they mend is
held where hands mend what status tells."""
MAY_FIND = ("backmice status", "backmice reconcile", "backmice doctor")
"""What these find is their exit code 1; every other command of the page must succeed."""
NOTICED_S = 60.0
WHO = ("--by", "ann", "--why", "a test of hands")
PAGE = (ROOT / "docs" / "operations.md").read_text()
DOCKER = """#!/bin/sh
# docker compose run --rm --no-deps SERVICE-ROLE operate …: the same command, without a container
shift 4
service=${1%-*}
shift
exec "$OPERATOR" "$service" "$@"
"""
OPERATOR = """import sys
from pathlib import Path
from backmice.data_directory import DataDirectory
from backmice.service_commands import ServiceCommands
service, operate, *words = sys.argv[1:]
assert operate == "operate", operate
sys.exit(ServiceCommands.of(DataDirectory.make(Path({data!r}))).run(service, words))
"""


@pytest.fixture(scope="module", params=BOTH)
def works(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    place = site(request.param, request)
    with plant(tmp_path_factory.mktemp("works"), place, (sick.__file__,)) as running:
        yield running


def test_a_lost_event_is_noticed_within_a_minute_named_and_mended(works: Plant) -> None:
    before = _backmice(works, "reconcile")
    assert before.returncode == 0, before.stderr + before.stdout
    lost = _lose_one(works)
    works.revise(lost, 1)
    works.until(lambda: works.count("diagnosis", "inbox_parked") == 1, "parking")

    began = time.monotonic()
    textfile = works.product.data.parent / "reconcile.prom"
    found = _backmice(works, "reconcile", "--json", "--textfile", str(textfile))
    assert time.monotonic() - began < NOTICED_S
    assert found.returncode == 1, found.stderr
    (finding,) = _lines(found)
    assert finding == {
        "kind": "missing",
        "producer": "intake",
        "consumer": "diagnosis",
        "tenant_id": "demo",
        "subject": lost,
        "first": 1,
        "last": 2,
    }
    assert "reconcile_missing_events 2\n" in textfile.read_text()
    assert _backmice(works, "reconcile", "--tenant", "other").returncode == 0
    assert _backmice(works, "reconcile", "--repair", *WHO).returncode == 2, "whose?"

    mended = _backmice(works, "reconcile", "--repair", "--all-tenants", *WHO, "--grace", "30")
    assert mended.returncode == 0, mended.stderr + mended.stdout
    works.settle()
    (row,) = works.rows("intake", "audit", action="events.republished")
    assert (row.tenant_id, row.subject, row.actor) == ("demo", lost, "ann")


def test_status_tells_what_each_service_needs_and_hands_mend_it(works: Plant) -> None:
    works.until(
        lambda: _backmice(works, "status").returncode == 0,
        "a good status",
        NOTICED_S,
        lambda: _backmice(works, "status").stdout,
    )
    with _bug(works):
        case_id = works.accepted(a_case(age_years=SICK_AGE))
        works.until(lambda: works.progress(case_id)["stopped"], "the stop")
        letters = _lines(_backmice(works, "dead-letters", "list", "--json"))
        assert [(one["service"], one["subject"]) for one in letters] == [("diagnosis", case_id)]
        report = json.loads(_backmice(works, "status", "--json").stdout)
        (entry,) = (one for one in report["services"] if one["service"] == "diagnosis")
        assert (entry["quarantined"], entry["blocked"], entry["lag"]) == (1, 1, 0)
        number = str(letters[0]["id"])
        assert _backmice(works, "dead-letters", "redrive", "--id", number, *WHO).returncode == 2
        words = ("dead-letters", "redrive", "--service", "diagnosis", "--id", number)
        assert _backmice(works, *words, "--tenant", "other", *WHO).returncode == 1
        done = _backmice(works, *words, "--tenant", "demo", *WHO)
        assert done.returncode == 0, done.stderr
    works.settle()
    assert works.progress(case_id)["state"] == "planned"


@pytest.mark.parametrize("profile", BOTH)
def test_every_command_of_the_runbook_works(
    profile: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = site(profile, request)
    with plant(tmp_path / "works", place, program=(sick.__file__,)) as works:
        with _bug(works):
            stopped = works.accepted(a_case(age_years=SICK_AGE))
            works.until(lambda: works.progress(stopped)["stopped"], "the stop")
        environment = _prepared(works, tmp_path, stopped)
        commands = [one for one in _commands() if place.embedded or not _of_a_folder(one)]
        assert len(commands) >= 25
        first = commands[0].replace(".venv/bin/python", sys.executable)
        assert first != commands[0], "the page says how its commands are called"
        once = dict.fromkeys(commands[1:])
        ends = {command: _shell(f"{first}\n{command}", environment) for command in once}
        worked = {command: done.returncode for command, done in ends.items()}
        wrong = {c: (ends[c].stderr, ends[c].stdout) for c in once if not _ended_well(ends[c])}
        assert wrong == {}
        done = {_verb(c) for c, code in worked.items() if code == 0}
        assert {_verb(c) for c in once if not c.startswith(MAY_FIND)} - RETRIED <= done, worked
        (repair,) = (one for one in commands if one.startswith("backmice reconcile --repair "))
        assert worked[repair] in {0, 1}
        assert (tmp_path / "empty" / "intake" / "intake.db").exists() == place.embedded
        works.until(lambda: works.count("intake", "outbox_pending") == 0, "an empty outbox")
        works.until(
            lambda: _backmice(works, "reconcile").returncode == 0, "nothing to reconcile", 60.0
        )


def _ended_well(done: "subprocess.CompletedProcess[str]") -> bool:
    """Whether a command did its work, or said in words that it found something, or nothing."""
    words = done.stdout.strip() or done.stderr.strip()
    return done.returncode == 0 or (done.returncode == 1 and bool(words) and "Trace" not in words)


def _verb(command: str) -> str:
    """What a command does: some do the same to what an earlier one has mended already."""
    verbs = ("redrive", "skip", "release", "reconcile", "status", "backup", "restore")
    return next((verb for verb in verbs if verb in command), command)


def _of_a_folder(command: str) -> bool:
    """Whether it is about the data folder of the embedded default, which servers have not."""
    return any(name in command for name in ("$ARCHIVE", "$DATA/keys", "backmice token"))


def _prepared(works: Plant, folder: Path, stopped: str) -> dict[str, str]:
    """Everything that the page has a name for: a letter, a held event, a lost one."""
    lost = _lose_one(works)
    with works.frozen("intake"):
        held = works.accepted()
        (row,) = works.rows("intake", "waiting", subject=held)
        pending = works.table("intake", "outbox_pending")
        with works.databases["intake"].write() as connection:
            connection.execute(pending.update().where(pending.c.id == row.id).values(hold=1))
    (letter,) = works.rows("diagnosis", "dead_letter", subject=stopped)
    tools = folder / "tools"
    tools.mkdir()
    (tools / "docker").write_text(DOCKER)
    (tools / "operator.py").write_text(OPERATOR.format(data=str(works.product.data)))
    (tools / "operator").write_text(
        f'#!/bin/sh\nexec {sys.executable} -P {tools}/operator.py "$@"\n'
    )
    for name in ("docker", "operator"):
        (tools / name).chmod(0o700)
    return {
        **works.site.environment,
        "PROFILE": works.site.profile,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "services"),
        "OPERATOR": str(tools / "operator"),
        "USER": "ann",
        "DATA": str(works.product.data),
        "LETTER": str(letter.id),
        "HELD": str(row.id),
        "CASE": lost,
        "ARCHIVE": str(folder / "archive.tar.gz"),
        "EMPTY": str(folder / "empty"),
    }


def _commands() -> list[str]:
    """The lines of all shell blocks of the page."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def _shell(script: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _backmice(works: Plant, *words: str) -> "subprocess.CompletedProcess[str]":
    known = {"PYTHONPATH": str(ROOT / "services"), "DATA": str(works.product.data)}
    return subprocess.run(
        [sys.executable, "-m", "backmice", *words],
        cwd=ROOT,
        env=os.environ | known | works.site.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def _lose_one(works: Plant) -> str:
    """A case whose event the broker acknowledged, and forgot."""
    with works.frozen("intake"):
        lost = works.accepted()
        works.shuffled.add(lost)  # what is published again comes last
        (row,) = works.rows("intake", "waiting", subject=lost)
        with works.databases["intake"].write() as connection:
            PendingEvents(works.tables("intake").OUTBOX).mark_sent(connection, [row.id], now_us())
    return lost


class _bug:  # noqa: N801 - it reads like a function
    """Diagnosis cannot judge sick patients within the block."""

    def __init__(self, works: Plant) -> None:
        self._file = works.product.data / "bug"

    def __enter__(self) -> None:
        self._file.write_text(f"{SICK_AGE} raise\n")

    def __exit__(self, *_: object) -> None:
        self._file.unlink()
