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
    address = read.json()["cases"][0]["links"]["self"]
    first = product.ask("GET", f"{address}/revisions/1").json()
    plan = product.ask("GET", first["links"]["plan_document"]).json()
    assert report == {
        "state": "planned",
        "do": first["brief"]["action"]["do"]["text"],
        "category": "PROBABLE",
        "outcome": "recommended",
        "verdicts": [line["verdict"] for line in first["brief"]["treatments"]],
        "revisions": [2, 3],
        "state_after": "planned",
        "screen": "red-flag screen: 13 of 13",
        "step": plan["step"]["code"],
        "statuses": {one["modality"]: one["status"] for one in plan["modalities"]},
        "problem": {
            "type": "/problems/contradictory-findings",
            "status": 422,
            "places": ["/contacts/0/happened_on"],
        },
    }
    assert report["verdicts"]
    assert report["statuses"]


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
