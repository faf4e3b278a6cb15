"""The small commands of the operator."""

import json
import os

import pytest

from backmice.__main__ import main
from backmice.status import memory_mb
from backmice.tokens import AUDIENCE
from chassis.http.auth import Verifier


def test_a_token_can_be_made_for_anybody(folder, capfd):
    arguments = ["--tenant", "other", "--client", "me", "--scope", "cases:read", "--hours", "1"]
    assert main(["token", "--data", str(folder.root), *arguments]) == 0
    token = capfd.readouterr().out.strip()
    principal = Verifier(folder.jwks, AUDIENCE).verify(f"Bearer {token}")
    assert (principal.tenant_id, principal.scopes) == ("other", {"cases:read"})


def test_a_token_for_a_folder_that_is_not_there_makes_no_folder(tmp_path, capfd):
    nowhere = tmp_path / "nowhere"
    assert main(["token", "--data", str(nowhere)]) == 1
    assert "nothing runs in" in capfd.readouterr().err
    assert not nowhere.exists()


def test_a_token_for_too_long_is_refused_in_words(folder, capfd):
    assert main(["token", "--data", str(folder.root), "--hours", "13"]) == 1
    assert "12 hours" in capfd.readouterr().err


def test_the_doctor_finds_this_place_healthy(folder, capfd):
    assert main(["doctor", "--data", str(folder.root)]) == 0
    assert "data folder  ok" in capfd.readouterr().out


def test_status_says_that_nothing_runs(folder, capfd):
    assert main(["status", "--data", str(folder.root)]) == 1
    assert "make run" in capfd.readouterr().out


def test_status_says_what_has_gone(folder, capfd):
    note = {"address": "http://127.0.0.1:9", "token": "", "supervisor": 2**22 + 1, "processes": {}}
    folder.write_state(note)
    assert main(["status", "--data", str(folder.root)]) == 1
    assert "gone" in capfd.readouterr().out


def test_memory_is_counted_in_megabytes():
    assert 1 < memory_mb([os.getpid()]) < 4000
    assert memory_mb([2**22 + 1]) == 0


def test_an_unknown_command_is_refused(capfd):
    assert main(["dance"]) == 2
    assert "dance" in capfd.readouterr().err


def test_a_port_that_is_no_number_is_refused_in_words(capfd, monkeypatch):
    monkeypatch.setenv("PORT", "80x")
    assert main(["up"]) == 2
    assert "'80x'" in capfd.readouterr().err


def test_an_archive_that_is_not_there_is_refused_in_words(folder, capfd):
    assert main(["restore", "--data", str(folder.root), "/nowhere.tar.gz"]) == 1
    assert capfd.readouterr().err == "backmice: there is no /nowhere.tar.gz\n"


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("demo",),
        ("backup", "archive.tar.gz"),
        ("reconcile",),
        ("dead-letters", "list"),
        ("held",),
    ],
)
def test_a_question_about_a_folder_that_is_not_there_makes_no_folder(tmp_path, capfd, words):
    nowhere = tmp_path / "nowhere"
    assert main([*words, "--data", str(nowhere)]) == 1
    assert "nothing runs in" in capfd.readouterr().err
    assert not nowhere.exists()


@pytest.mark.parametrize(
    "left_out", [("--all-tenants",), ("--by", "ann"), ("--why", "a test")], ids=lambda one: one[0]
)
def test_a_repair_needs_to_know_whose_by_whom_and_why(folder, capfd, left_out):
    words = ["--all-tenants", "--by", "ann", "--why", "a test"]
    kept = [word for word in words if word not in left_out]
    assert main(["reconcile", "--data", str(folder.root), "--repair", *kept]) == 2
    assert "say --tenant (or --all-tenants), --by and --why" in capfd.readouterr().err


def test_an_act_needs_to_know_of_which_service(folder, capfd):
    words = ["--all-tenants", "--by", "ann", "--why", "a test"]
    assert main(["dead-letters", "redrive", "--data", str(folder.root), *words]) == 2
    assert "say which service" in capfd.readouterr().err


def test_lists_of_a_folder_without_services_are_empty(folder, capfd):
    assert main(["held", "--data", str(folder.root), "--json"]) == 0
    assert capfd.readouterr().out == ""


def test_status_is_told_to_programs_too(folder, capfd):
    assert main(["status", "--data", str(folder.root), "--json"]) == 1
    document = json.loads(capfd.readouterr().out)
    assert (document["well"], document["processes"], document["services"]) == (False, [], [])
