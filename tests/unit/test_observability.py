"""Alerts, the runbook and the program speak of the same figures and the same troubles."""

import inspect
import re
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from prometheus_client.core import REGISTRY

from backmice import reconciliation
from chassis.messaging.operating.figures import Figures, Place
from chassis.messaging.operating.health import Health
from chassis.messaging.operating.observing import Gauges
from chassis.messaging.port import TP
from treatment.subscriptions import end_to_end

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
ALERTS = yaml.safe_load((ROOT / "deploy" / "observability" / "alerts.yml").read_text())
RULES = {rule["alert"]: rule for group in ALERTS["groups"] for rule in group["rules"]}
FUNCTIONS = {
    *("sum", "rate", "max", "absent", "histogram_quantile", "time"),
    *("by", "on", "and", "or", "unless", "service", "le"),
}
SOME = Figures(1, 1.0, 1, 1, 1.0, {("open", "handler-failed"): 1}, 1)


@pytest.fixture
def exported(monkeypatch, tmp_path):
    """Every name that a scrape may show, with the labels that the program gives it."""
    end_to_end()
    place = Place("a", 0, 0, 1, "ok")
    monkeypatch.setattr("chassis.messaging.operating.observing.read_figures", lambda *_: SOME)
    monkeypatch.setattr("chassis.messaging.operating.observing.places", lambda *_: [place])
    database = SimpleNamespace(read=nullcontext)
    observed = SimpleNamespace(
        database=database, outbox=None, inbox=None, hears=("a",), run_dir=tmp_path
    )
    worker = SimpleNamespace(circuit_open=False, assigned={TP("a", 0)})
    gauges = Gauges(observed, None, SimpleNamespace(leader=True), worker)
    families = [*REGISTRY.collect(), *gauges.collect()]
    return {
        name: {label for sample in family.samples for label in sample.labels}
        for family in families
        for name in _series(family)
    } | {name: set() for name in _reconciled()}


def _series(family):
    """The names under which Prometheus knows a family: the first is the one that people use."""
    if family.type == "histogram":
        return [family.name, *(f"{family.name}_{end}" for end in ("bucket", "count", "sum"))]
    return [f"{family.name}_total" if family.type == "counter" else family.name]


def _reconciled():
    return re.findall(r'"((?:reconcile|stuck)_\w+)"', inspect.getsource(reconciliation))


def names_in(expression):
    bare = re.sub(r'\{[^}]*\}|"[^"]*"|\[\w+\]', "", expression)
    return set(re.findall(r"[a-z_]{2,}", bare)) - FUNCTIONS


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_asks_for_figures_that_there_are(alert, exported):
    asked = names_in(RULES[alert]["expr"])
    assert asked
    assert asked <= exported.keys()


def test_an_alert_selects_by_labels_that_there_are(exported):
    given = {"status", "reason_code", "topic", "partition", "kind", "result", "outcome", "le"}
    given |= {"http_request_method", "http_route", "http_response_status_code"}
    for rule in RULES.values():
        for inside in re.findall(r"\{([^}]*)\}", rule["expr"]):
            assert set(re.findall(r"(\w+)\s*=", inside)) <= given
    assert exported["dead_letter_events"] == {"status", "reason_code"}
    assert exported["consumer_lag_records"] == {"topic", "partition"}


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_names_a_chapter_of_the_runbook_and_how_urgent_it_is(alert):
    file, _, chapter = RULES[alert]["annotations"]["runbook"].partition("#")
    assert file == "docs/operations.md"
    assert chapter in chapters()
    assert f"`{alert}`" in PAGE
    assert RULES[alert]["labels"]["severity"] in {"page", "ticket"}


def chapters():
    return {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^##+ (.+)$", PAGE, re.MULTILINE)
    }


def test_every_link_inside_the_runbook_leads_somewhere():
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= chapters()


def test_every_symptom_that_health_tells_is_a_chapter():
    troubles = re.findall(r'^\s+"([a-z-]+)": ', inspect.getsource(Health.troubles), re.MULTILINE)
    assert len(troubles) >= 10
    assert set(troubles) <= chapters()


def test_the_runbook_explains_every_figure_of_the_road(exported):
    address = re.compile(
        r"outbox|relay|consumer|messaging|inbox|dead|blocked|case|db|disk|recon|stuck"
    )
    written = set(re.findall(r"`([a-z_]+)`", PAGE))
    people = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported if address.match(name)}
    assert len(people) >= 24
    assert people - written == set()
