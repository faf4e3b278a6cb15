"""What .ci/run installs before the tests on real servers, and what it says when it cannot."""

import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = (Path(__file__).parents[2] / ".ci" / "run").read_text()
FUNCTION = re.search(r"^provide_servers\(\) \{\n.*?^\}\n", SCRIPT, re.MULTILINE | re.DOTALL)[0]
NAMES = "openjdk-17-jre-headless maven nodejs npm postgresql"


@pytest.fixture
def provide(tmp_path):
    """Runs it on a machine that has only these programs; returns exit code and what it said."""

    def run(**programs):
        for name, lines in programs.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{lines}\n")
            program.chmod(0o700)
        done = subprocess.run(
            ["/bin/sh", "-c", FUNCTION.replace("/usr/lib", str(tmp_path)) + "provide_servers"],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_what_is_missing_is_installed_by_root_on_debian(provide):
    code, printed = provide(id="echo 0", apt_get='echo "apt-get $*"')
    assert code == 0
    assert printed.splitlines() == [
        "apt-get update -q",
        f"apt-get install -qy --no-install-recommends {NAMES}",
    ]


def test_what_is_there_is_left_alone(provide):
    there = dict.fromkeys(("java", "mvn", "npm", "initdb"), "exit 0")
    assert provide(id="echo 0", apt_get="echo called", **there) == (0, "")


@pytest.mark.parametrize("tools", [{"id": "echo 1000", "apt_get": "exit 0"}, {"id": "echo 0"}])
def test_who_may_not_install_is_told_what_is_missing(provide, tools):
    code, printed = provide(**tools)
    assert code == 1
    assert f"need {NAMES}: install that, or run this as root on Debian" in printed


def test_an_installation_that_fails_is_a_failure(provide):
    code, printed = provide(id="echo 0", apt_get='test "$1" = update')
    assert code == 1
    assert f"apt-get could not install {NAMES}" in printed
