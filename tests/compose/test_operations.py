"""The operator's hands on containers: the commands of the runbook, and what they mend."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.compose.clients import a_case
from tests.compose.stack import LASTING, SERVICES, Stack
from tests.system.product import ROOT, eventually

pytestmark = pytest.mark.compose
PAGE = (ROOT / "docs" / "operations.md").read_text()
OF_A_FOLDER = ("$ARCHIVE", "$DATA/keys", "backmice token")
"""What only the embedded default has."""
LOSE = """
    WITH gone AS (DELETE FROM outbox_pending USING outbox
                  WHERE outbox.id = outbox_pending.id AND subject = :case
                  RETURNING outbox.id, created_at)
    INSERT INTO outbox_sent (sent_at, first_id, last_id) SELECT created_at, id, id FROM gone"""
HOLD = """
    UPDATE outbox_pending SET hold = 1 FROM outbox
    WHERE outbox.id = outbox_pending.id AND subject = :case RETURNING outbox.id"""


def test_status_tells_of_every_container_and_of_what_each_service_needs(stack: Stack):
    eventually(lambda: stack.backmice("status").returncode == 0, "that all is well", 60)
    status_lines = stack.make("status").stdout.splitlines()
    assert {line.split()[0] for line in status_lines if line.endswith(" healthy")} == set(LASTING)
    assert "readiness ok" in status_lines
    assert [line.split()[0] for line in status_lines if line.endswith("nothing")] == list(SERVICES)
    settings = json.loads(stack.backmice("status", "--json", "--tenant", "nobody").stdout)
    assert (settings["well"], [one["service"] for one in settings["services"]]) == (
        True,
        list(SERVICES),
    )


def test_every_command_of_the_runbook_works_on_containers_and_mends_what_is_wrong(stack: Stack):
    letter = damage(stack)
    stack.kill("intake-relay")
    lost, held = submit(stack), submit(stack)
    lose(stack, lost)
    number = hold(stack, held)
    stack.start("intake-relay")

    found = stack.backmice("reconcile", "--json", "--tenant", "demo")
    assert found.returncode == 1, found.stderr
    assert {"missing": lost} == {
        one["kind"]: one["subject"] for one in map(json.loads, found.stdout.splitlines())
    }
    names = {"LETTER": letter, "HELD": number, "CASE": lost, "USER": "ann"}
    codes = {command: shell(stack, command, names) for command in commands()}
    assert {command: code for command, code in codes.items() if code not in {0, 1}} == {}

    gone = ("skip", "--service", "diagnosis", "--id", letter, "--all-tenants")
    assert stack.backmice("dead-letters", *gone, "--by", "ann", "--why", "damaged").returncode == 0
    for case in (lost, held):
        eventually(lambda case=case: planned(stack, case), f"the plan of {case}", 60)
    eventually(lambda: stack.backmice("reconcile").returncode == 0, "nothing to reconcile", 60)
    done = stack.query("intake", "SELECT DISTINCT action, actor FROM audit WHERE actor = 'ann'")
    assert sorted(action for action, _ in done) == ["event.released", "events.republished"]


def test_reconcile_looks_again_and_again_and_leaves_figures(stack: Stack, tmp_path: Path):
    figures = tmp_path / "backmice.prom"
    words = f"ARGS=--every 1 --textfile {figures}"
    settings = (f"SECRETS={stack.secrets}", "DATA=/nonexistent", words)
    looking = subprocess.Popen(
        ["make", "reconcile", *settings],
        cwd=ROOT,
        env=stack.environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        first = eventually(lambda: finished(figures), "figures", 60)
        eventually(lambda: finished(figures) > first, "figures of another look", 60)
    finally:
        os.killpg(looking.pid, signal.SIGTERM)
        looking.wait(10)
    assert "reconcile_missing_events 0\n" in figures.read_text()


def finished(figures: Path) -> int:
    text = figures.read_text() if figures.exists() else ""
    found = re.search(r"^reconcile_finished_timestamp_seconds (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else 0


def damage(stack: Stack) -> str:
    """A record that nobody can read; returns the number of the letter that diagnosis keeps."""
    tool = "/opt/kafka/bin/kafka-console-producer.sh"
    line = f"echo nonsense | {tool} --bootstrap-server kafka:9092 --topic intake.case.v1"
    stack.execute("kafka", "bash", "-c", line)
    open_ones = "SELECT id FROM dead_letter WHERE status = 'open'"
    ((number,),) = eventually(lambda: stack.query("diagnosis", open_ones), "the letter")
    return str(number)


def submit(stack: Stack) -> str:
    body = a_case()
    reply = stack.ask("POST", "/v1/cases", body, Idempotency_Key=body["reference"])
    assert reply.status == 202, reply.text
    return str(reply.json()["case_id"])


def lose(stack: Stack, case: str) -> None:
    """As a broker that acknowledged the events of a case, and forgot them."""
    assert tuples(stack, LOSE, case) == []


def hold(stack: Stack, case: str) -> str:
    """As a broker that refuses the events of a case for good; returns the number of the row."""
    ((number,),) = tuples(stack, HOLD, case)
    return number


def tuples(stack: Stack, statement: str, case: str) -> list[list[str]]:
    return [
        row
        for row in stack.query("intake", statement.replace(":case", f"'{case}'"))
        if row[0].isdecimal()
    ]


def planned(stack: Stack, case: str) -> bool:
    state: str = stack.ask("GET", f"/v1/cases/{case}").json()["progress"]["state"]
    return state == "planned"


def commands() -> list[str]:
    """The lines of all shell blocks of the page, each once, with how they are called before."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    first, *lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    called = first.replace(".venv/bin/python", sys.executable)
    assert called != first
    chosen = [line for line in lines if not any(name in line for name in OF_A_FOLDER)]
    assert sum(line.startswith("docker compose ") for line in chosen) >= 2
    return [f"{called}\n{line}" for line in dict.fromkeys(chosen)]


def shell(stack: Stack, script: str, names: dict[str, str]) -> int:
    settings = {"DATA": str(stack.secrets), "PYTHONPATH": str(ROOT / "services")}
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=ROOT,
        env=stack.environment | names | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode
