"""Clients that a foreign generator makes from the description work, and two linters agree."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.http import toolbox
from tests.system.product import EXAMPLES, Product

from chassis import clock

pytestmark = pytest.mark.clients

CASE = EXAMPLES / "bm01_completed.json"


def check(report: dict[str, Any], product: Product) -> None:
    """What a client read is what the product says."""
    read = product.ask("GET", f"/v1/cases?reference={json.loads(CASE.read_text())['reference']}")
    newest = read.json()["cases"][0]
    assert report["state"] == "planned"
    assert report["category"] == newest["summary"]["category"]
    assert report["step"]
    assert (report["revision"], report["state_after"]) == (2, "planned")
    assert report["problem"] == {
        "type": "/problems/contradictory-findings",
        "status": 422,
        "places": ["/contacts/0/happened_on"],
    }


def test_a_generated_python_client_sends_the_case_of_the_readme(
    product: Product, description_file: Path, tmp_path: Path
) -> None:
    toolbox.generate("python", description_file, tmp_path)
    shutil.copy(toolbox.HERE / "client.py", tmp_path)
    today = clock.today().isoformat()

    report = toolbox.run(
        [toolbox.client_python(), "client.py", product.address, product.note["token"], CASE, today],
        tmp_path,
    )

    check(json.loads(report), product)


def test_a_generated_typescript_client_sends_the_case_of_the_readme(
    product: Product, description_file: Path, tmp_path: Path
) -> None:
    toolbox.generate("typescript-fetch", description_file, tmp_path / "generated")
    for file in ("client.ts", "tsconfig.json"):
        shutil.copy(toolbox.HERE / file, tmp_path)
    toolbox.run([toolbox.node_program("tsc"), "-p", "."], tmp_path)
    today = clock.today().isoformat()
    arguments = [product.address, product.note["token"], CASE.read_text(), today]

    report = toolbox.run([toolbox.node(), "built/client.js", *arguments], tmp_path)

    check(json.loads(report), product)


def test_redocly_finds_no_error(description_file: Path) -> None:
    rules = toolbox.HERE / "redocly.yaml"
    toolbox.run([toolbox.node_program("redocly"), "lint", description_file, "--config", rules])


def test_spectral_finds_no_error(description_file: Path) -> None:
    rules = toolbox.HERE / ".spectral.yaml"
    toolbox.run(
        [toolbox.node_program("spectral"), "lint", description_file, "--ruleset", rules],
    )
