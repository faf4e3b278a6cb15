"""`python -m diagnosis`: each role says what is missing, and migrating twice is harmless."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def python(*arguments, **environment):
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "services"), **environment}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=known,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def diagnosis(*arguments, **environment):
    return python("-m", "diagnosis", *arguments, **environment)


def test_migrating_twice_is_migrating_once(tmp_path):
    known = {"DATABASE_URL": f"sqlite:///{tmp_path}/d.db", "RUN_DIR": str(tmp_path)}
    first, again = diagnosis("migrate", **known), diagnosis("migrate", **known)
    assert (first.returncode, again.returncode) == (0, 0)
    assert "0001_first_schema" in first.stderr
    assert again.stderr == ""


def test_a_missing_setting_is_named():
    done = diagnosis("worker")
    assert done.returncode == 1
    assert "DATABASE_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_service_describes_what_it_publishes_and_subscribes_to():
    described = json.loads(diagnosis("describe").stdout)
    assert described["publishes"] == {
        "diagnosis.case.v1": ["red-flag.raised", "assessment.completed", "processing.stopped"]
    }
    assert described["subscribes"] == {"intake.case.v1": ["case.revised", "case.submitted"]}
    assert "/v1/assessments:evaluate" in described["openapi"]["paths"]
