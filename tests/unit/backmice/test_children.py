"""Children live again when they die, and die when they should."""

import os
import signal
import subprocess
import sys

import pytest

from backmice.children import Child, Children, ParentPipe, last_lines, run_all, trim
from backmice.topology import SOURCES

WAITS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WAITS
WATCHES = "from chassis.settings import die_with_parent; die_with_parent();" + WAITS


@pytest.fixture
def parent_pipe():
    made = ParentPipe()
    yield made
    for descriptor in (made.reading, made.writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


@pytest.fixture
def child(folder, parent_pipe, script):
    made = []

    def make(lines, name="script"):
        child = Child(script(lines, name), folder.logs / f"{name}.log", (parent_pipe.reading,))
        made.append(child)
        return child

    yield make
    for child in made:
        child.signal(signal.SIGKILL)
        if child.process:
            child.process.wait()


def up(child):
    return child.log.exists() and b"up" in child.log.read_bytes()


def test_a_dead_child_is_started_again(child, eventually):
    one, printed = child(WAITS), []
    one.start()
    first = one.process.pid
    one.signal(signal.SIGKILL)
    eventually(
        lambda: one.restart_ended(printed.append) or (one.alive() and one.process.pid != first)
    )
    assert printed == ["script ended (signal 9); it is started again."]


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(child, eventually):
    one = child("raise SystemExit(3)")
    pauses = []
    while len(pauses) < 4:
        one.restart_ended(lambda _sentence: pauses.append(one.pause_s))
        one.start_after = 0.0
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0]
    assert one.exits == 4


def test_all_stop_when_asked_and_the_stubborn_are_killed(child, eventually, monkeypatch):
    monkeypatch.setattr("backmice.children.GRACE_S", 0.2)
    both = [child(WAITS, "polite"), child(STUBBORN, "stubborn")]
    for one in both:
        one.start()
    eventually(lambda: all(map(up, both)))
    Children(both).stop()
    assert [one.process.returncode for one in both] == [-signal.SIGTERM, -signal.SIGKILL]


def test_what_a_child_has_forked_dies_with_it(child, eventually):
    fork = f"import os\nprint(os.fork() or os.getpid(), flush=True)\n{WAITS}"
    one = child(fork)
    one.start()
    eventually(lambda: one.log.read_bytes().count(b"up") == 2)
    pids = [int(line) for line in one.log.read_text().split() if line.isdigit()]
    os.kill(one.process.pid, signal.SIGKILL)
    eventually(lambda: one.restart_ended(lambda _: None) or one.exits)
    eventually(lambda: not any(alive(pid) for pid in pids if pid != one.process))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - it may vanish between two looks
            return stat.read().split(")")[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_children_notice_that_the_supervisor_was_killed(tmp_path, eventually):
    program = f"""
import subprocess, sys, time
sys.path.insert(0, {str(SOURCES)!r})
from backmice.children import ParentPipe
line = ParentPipe()
env = {{"PARENT_PIPE_FD": str(line.reading), "PYTHONPATH": {str(SOURCES)!r}}}
child = subprocess.Popen([sys.executable, "-c", {WATCHES!r}], env=env, pass_fds=[line.reading])
print(child.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    child = int(parent.stdout.readline())
    assert parent.stdout.readline().strip() == b"up"
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not alive(child), seconds=3.0)


def test_short_tasks_run_side_by_side_and_failures_are_named(folder, parent_pipe, script):
    tasks = [script("print('well')", "good"), script("print('oh no'); raise SystemExit(1)", "bad")]
    failed = run_all(tasks, folder.logs, (parent_pipe.reading,))
    assert [child.task.name for child in failed] == ["bad"]
    assert last_lines(failed[0].log) == "oh no"


def test_a_log_that_grew_large_is_moved_aside(folder, monkeypatch):
    monkeypatch.setattr("backmice.children.LARGEST_LOG", 10)
    log = folder.logs / "x.log"
    log.write_bytes(b"x" * 11)
    trim(log)
    assert log.read_bytes() == b""
    assert (folder.logs / "x.log.1").read_bytes() == b"x" * 11
    assert last_lines(folder.logs / "none.log") == ""


def test_only_the_parent_pipes_reading_end_reaches_a_child(child, parent_pipe, eventually):
    one = child("import os; print(sorted(map(int, os.listdir('/proc/self/fd'))), 'up', flush=True)")
    one.start()
    eventually(lambda: up(one))
    assert str(parent_pipe.reading) in last_lines(one.log)
    assert str(parent_pipe.writing) not in last_lines(one.log).replace("[", "").split(", ")
