"""`python -m treatment`: each role says what is missing, and migrating twice is harmless."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def treatment(*arguments, **environment):
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "services"), **environment}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "treatment", *arguments],
        env=known,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_migrating_twice_is_migrating_once(tmp_path):
    known = {"DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "RUN_DIR": str(tmp_path)}
    first, again = treatment("migrate", **known), treatment("migrate", **known)
    assert (first.returncode, again.returncode) == (0, 0)
    assert "0001_first_schema" in first.stderr
    assert again.stderr == ""


def test_a_missing_setting_is_named():
    done = treatment("migrate")
    assert done.returncode == 1
    assert "DATABASE_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_a_sentence(tmp_path):
    known = {"DATABASE_URL": f"sqlite:///{tmp_path}/no/t.db", "RUN_DIR": str(tmp_path)}
    done = treatment("migrate", **known)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_service_describes_what_it_publishes_and_subscribes_to():
    described = json.loads(treatment("describe").stdout)
    assert described["publishes"] == {
        "treatment.case.v1": ["plan.recommended", "plan.withheld", "processing.stopped"]
    }
    assert sorted(described["subscribes"]) == ["diagnosis.case.v1"]
    assert "/v1/cases/{case_id}/revisions/{revision}/plan" in described["openapi"]["paths"]
