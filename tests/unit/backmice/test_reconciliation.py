"""Long work shows how far it is, also where a service's own command cannot be seen."""

import io
import json
import sys

import pytest

from backmice import reconciliation
from backmice.reconciling import Finding, Reconciliation, Scope
from backmice.service_commands import Output, ServiceCommands

WHO = reconciliation.Repair("ann", "a test")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(monkeypatch):
    """What a person at a terminal sees from now on."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


class CommandRunner:
    """Three services, all of which have read what there is."""

    def present(self):
        return ["intake", "diagnosis", "treatment"]


class Told(ServiceCommands):
    """ServiceCommands whose commands are not run: what they are told is kept."""

    def query(self, service, *arguments, told=""):
        spans = told.splitlines()
        ASKED.append((service, arguments, spans))
        if "republish" in arguments:
            return Output([{"republished": len(spans)}], "")
        places = [{"topic": "t", "partition": 0, "position": 7, "end": 7}]
        health = {"kind": "health", "service": service, "lag": 0, "partitions": places}
        return Output([health | {"hears": ["t"], "speaks": f"{service}.t"}], "")


ASKED = []


@pytest.fixture
def services():
    ASKED.clear()
    return Told(CommandRunner())


def test_each_answer_of_a_survey_moves_the_bar(services, monkeypatch):
    seen = watched(monkeypatch)
    examination = Reconciliation(services, Scope())
    assert set(examination._survey("--marks", bar=reconciliation.ProgressBar("applied"))) == set(
        CommandRunner().present()
    )
    for done in (1, 2, 3):
        assert f"\rapplied [{'#' * (10 * done):<30}] {done}/3" in seen.getvalue()
    assert seen.getvalue().endswith("\r\x1b[K"), "it takes itself away"


def test_what_is_published_again_is_asked_for_in_pieces_and_shown(services, monkeypatch):
    seen = watched(monkeypatch)
    monkeypatch.setattr(reconciliation, "AT_ONCE", 2)
    lost = [
        Finding("missing", "intake", reader, "demo", f"case-{number}", 1, 2)
        for number in range(5)
        for reader in ("diagnosis", "another")
    ]
    spans = sorted({reconciliation._span(one) for one in lost})
    assert reconciliation._republish(services, Scope(), WHO, "intake", spans) == 5
    pieces = [spans for service, words, spans in ASKED]
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert json.loads(pieces[0][0]) == {
        "tenant_id": "demo",
        "subject": "case-0",
        "first": 1,
        "last": 2,
    }
    for done in (2, 4, 5):
        assert f"{done}/5" in seen.getvalue()


def test_only_of_one_tenant_is_published_again_if_asked(services):
    reconciliation._republish(services, Scope("demo"), WHO, "intake", ["{}"])
    reconciliation._republish(services, Scope(), WHO, "intake", ["{}"])
    (_, one, _), (_, every, _) = ASKED
    assert one[4:6] == ("--tenant", "demo")
    assert "--all-tenants" in every
    assert one[-4:] == every[-4:] == ("--by", "ann", "--why", "a test")
