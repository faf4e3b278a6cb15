"""The README's first screen, done as it says; what it shows is what comes back."""

import json
import re
import subprocess
from typing import Any

import pytest
from tests.system.product import ROOT, Product

README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
PATH = "/usr/local/bin:/usr/bin:/bin"
SHOWN = re.findall(r"```json\n(.*?)```", README, re.DOTALL)


def run(product: Product, commands: str) -> str:
    """Runs a block of the README; only the port, which a test cannot choose freely, differs."""
    commands = commands.replace("localhost:8080", product.address.removeprefix("http://"))
    done = subprocess.run(
        ["sh", "-euc", commands],
        cwd=ROOT,
        env={"TOKEN": product.note["token"], "PATH": PATH},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def is_shown_in(shown: Any, answer: Any) -> bool:
    """Whether everything shown is in the answer; lists may be shortened, their order holds."""
    if isinstance(shown, dict):
        return all(key in answer and is_shown_in(shown[key], answer[key]) for key in shown)
    if isinstance(shown, list):
        rest = iter(answer)
        return all(any(is_shown_in(item, found) for found in rest) for item in shown)
    return bool(shown == answer)


@pytest.fixture(scope="module")
def answer(product: Product) -> Any:
    return json.loads(run(product, SHELL[1]))


def test_the_curl_of_the_readme_brings_back_what_the_readme_shows(answer: Any) -> None:
    assert len(SHOWN) == 1
    assert is_shown_in(json.loads(SHOWN[0]), answer)


def test_the_demo_prints_the_screen_that_the_api_answers(product: Product, answer: Any) -> None:
    assert "make run" in SHELL[0]
    assert "make demo" in SHELL[0]

    printed = run(product, f"make --silent demo DATA={product.data}")

    text = product.ask("GET", answer["links"]["self"], Accept="text/plain").text
    assert _without_case(text, answer["case_id"]) == _without_case(printed, r"[0-9a-f-]{36}")
    assert len(printed.splitlines()) <= 40
    assert max(map(len, printed.splitlines())) <= 80


def test_the_demo_without_a_running_system_says_so_at_once(tmp_path: Any) -> None:
    done = subprocess.run(
        ["make", "--silent", "demo", f"DATA={tmp_path}"],
        cwd=ROOT,
        env={"PATH": PATH},  # what a make that runs the tests was told is no affair of this one
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode != 0
    assert "make run" in done.stderr


def test_every_page_that_the_readme_links_to_exists() -> None:
    linked = set(re.findall(r"\]\((?!http)([^)]+)\)", README))

    assert linked
    assert [path for path in sorted(linked) if not (ROOT / path).exists()] == []


def test_every_make_command_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z][a-z-]*)", README))

    assert named <= targets | {"are"}


def _without_case(text: str, case: str) -> str:
    return re.sub(case, "CASE", text)
