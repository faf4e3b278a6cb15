"""The door of the containers routes and speaks as the embedded one does."""

import json
import re
from pathlib import Path

import pytest

from chassis.http import problem_types
from chassis.http.bodies import MAX_BYTES
from gateway.problem_types import ALL
from gateway.routes import ROUTES

CONFIGURATION = (Path(__file__).parents[3] / "deploy" / "gateway" / "nginx.conf").read_text()
DIRECTIVES = re.sub(r"^\s*#.*$", "", CONFIGURATION, flags=re.MULTILINE)
KNOWN = {kind.uri: kind for kind in (*problem_types.COMMON, *ALL)}


def configuration():
    """Each status and the problem that is said for it, as in the map of the configuration."""
    lines = re.findall(r"^\s+(\d{3}) '(\"type\".*)';$", DIRECTIVES, re.MULTILINE)
    return [(int(status), json.loads(f"{{{body}}}")) for status, body in lines]


def test_it_routes_each_path_as_the_embedded_gateway_does_and_in_the_same_order():
    routed = re.findall(r"location ~ \^(\S+)\$\s+\{ proxy_pass http://\$(\w+); \}", DIRECTIVES)
    assert routed == [(pattern.pattern, service) for pattern, service in ROUTES]


def test_it_has_no_route_by_a_pattern_that_the_comparison_overlooks():
    assert len(re.findall(r"location ~", DIRECTIVES)) == len(ROUTES)
    passed = set(re.findall(r"proxy_pass (\S+);", DIRECTIVES))
    assert passed == {
        f"http://${name}" for name in ("intake", "diagnosis", "treatment", "description")
    }


@pytest.mark.parametrize(("status", "problem"), configuration(), ids=lambda value: str(value)[:3])
def test_a_problem_of_its_own_is_one_that_has_a_page(status, problem):
    kind = KNOWN[problem["type"]]
    assert (problem["status"], problem["title"], problem["detail"]) == (
        kind.status,
        kind.title,
        kind.advice,
    )
    assert status == kind.status


def test_every_error_that_it_can_have_is_said_as_a_problem():
    assert {status for status, _ in configuration()} == {400, 404, 413, 429, 500, 502, 503, 504}


def test_it_takes_bodies_of_the_same_size():
    limits = [problem["limit"] for status, problem in configuration() if status == 413]
    assert limits == [MAX_BYTES]
    assert MAX_BYTES == 1024**2
    assert "client_max_body_size 1m;" in DIRECTIVES


def test_it_tries_nothing_twice():
    assert re.findall(r"proxy_next_upstream (.*);", DIRECTIVES) == ["off"]
    assert "upstream " not in re.sub(r"\$upstream\w*|proxy_next_upstream", "", DIRECTIVES)
