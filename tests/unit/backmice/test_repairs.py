"""Long work shows how far it is, also where a service's own command cannot be seen."""

import io
import json
import sys

import pytest

from backmice import repairs
from backmice.operators import Answer, Services
from backmice.reconciling import Examination, Finding, Terms

WHO = repairs.Repair("ann", "a test")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(monkeypatch):
    """What a person at a terminal sees from now on."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


class Way:
    """Three services, all of which have read what there is."""

    def present(self):
        return ["intake", "diagnosis", "treatment"]


class Told(Services):
    """Services whose commands are not run: what they are told is kept."""

    def ask(self, service, *arguments, told=""):
        spans = told.splitlines()
        ASKED.append((service, arguments, spans))
        if "republish" in arguments:
            return Answer([{"republished": len(spans)}], "")
        places = [{"topic": "t", "partition": 0, "position": 7, "end": 7}]
        health = {"kind": "health", "service": service, "lag": 0, "partitions": places}
        return Answer([health | {"hears": ["t"], "speaks": f"{service}.t"}], "")


ASKED = []


@pytest.fixture
def services():
    ASKED.clear()
    return Told(Way())


def test_each_answer_of_a_survey_moves_the_bar(services, monkeypatch):
    seen = watched(monkeypatch)
    examination = Examination(services, Terms())
    assert set(examination._survey("--marks", bar=repairs.ProgressBar("applied"))) == set(
        Way().present()
    )
    for done in (1, 2, 3):
        assert f"\rapplied [{'#' * (10 * done):<30}] {done}/3" in seen.getvalue()
    assert seen.getvalue().endswith("\r\x1b[K"), "it takes itself away"


def test_what_is_published_again_is_asked_for_in_pieces_and_shown(services, monkeypatch):
    seen = watched(monkeypatch)
    monkeypatch.setattr(repairs, "AT_ONCE", 2)
    lost = [
        Finding("missing", "intake", reader, "demo", f"case-{number}", 1, 2)
        for number in range(5)
        for reader in ("diagnosis", "another")
    ]
    spans = sorted({repairs._span(one) for one in lost})
    assert repairs._republish(services, Terms(), WHO, "intake", spans) == 5
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
    repairs._republish(services, Terms("demo"), WHO, "intake", ["{}"])
    repairs._republish(services, Terms(), WHO, "intake", ["{}"])
    (_, one, _), (_, every, _) = ASKED
    assert one[4:6] == ("--tenant", "demo")
    assert "--all-tenants" in every
    assert one[-4:] == every[-4:] == ("--by", "ann", "--why", "a test")
