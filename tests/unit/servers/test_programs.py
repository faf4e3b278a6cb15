"""Programs that the tests with real servers need: what is missing or too old is one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.servers import jars, postgres

ROOT = Path(__file__).parents[3]
OLD_JAVA = 'openjdk version "11.0.24" 2024-07-16'


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A PATH on which there is nothing but what a test puts there; what was found is forgotten."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "INSTALLED", tmp_path)
    for found in (jars.java, postgres.binaries):
        found.cache_clear()
    yield tmp_path
    for found in (jars.java, postgres.binaries):
        found.cache_clear()


def put(tools, name, line):
    program = tools / name
    program.write_text(f"#!/bin/sh\necho '{line}'\necho '{line}' >&2\n")
    program.chmod(0o700)
    return str(program)


@pytest.mark.parametrize("line", [OLD_JAVA, 'java version "1.8.0_402"', "no such file"])
def test_an_old_java_is_refused_with_what_to_install(tools, line):
    put(tools, "java", line)
    with pytest.raises(jars.Missing, match=r"17 or newer.* is another: .*apt-get install openjdk"):
        jars.java()


@pytest.mark.parametrize("line", ['openjdk version "17.0.15"', 'openjdk version "21" 2023-09-19'])
def test_a_new_java_is_taken(tools, line):
    program = put(tools, "java", line)
    assert jars.java() == program


@pytest.mark.parametrize("line", ["initdb (PostgreSQL) 14.12 (Debian)", "nonsense"])
def test_an_old_postgres_is_refused_with_what_to_install(tools, line):
    put(tools, "initdb", line)
    with pytest.raises(postgres.MissingServer, match=r"15 or newer.* is another: .*apt-get"):
        postgres.binaries()


def test_a_new_postgres_is_taken(tools):
    put(tools, "initdb", "initdb (PostgreSQL) 18beta1")
    assert postgres.binaries() == tools


def test_what_is_not_there_is_said(tools):
    with pytest.raises(jars.Missing, match="no `java` on the PATH"):
        jars.java()
    with pytest.raises(postgres.MissingServer, match="there are none"):
        postgres.binaries()


def test_tests_on_real_servers_fail_where_a_program_is_too_old_and_are_never_skipped(tools):
    put(tools, "java", OLD_JAVA)
    real = "tests/unit/backmice/test_topics.py"
    options = ("-m", "servers", "-p", "no:cacheprovider", real)
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Kafka needs a Java runtime 17 or newer" in done.stdout
    assert "skipped" not in done.stdout
    assert "Traceback" not in done.stdout
