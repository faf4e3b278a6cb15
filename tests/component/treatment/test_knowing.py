"""Labels, guidance that ran, and proofs, on a real database."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from chassis.service.api import build
from rules import Knowledge
from treatment import use_cases
from treatment.app import SERVICE
from treatment.app.api import api as treatment_api
from treatment.judge import FOLDER, load_guidance


@pytest.fixture
def newer(tmp_path: Path) -> Knowledge:
    """The guidance of tomorrow: the pain from which an injection is offered moved."""
    folder = tmp_path / "knowledge"
    shutil.copytree(FOLDER, folder)
    _edit(folder / "ruleset.toml", r'^version = ".*"', 'version = "2027.1.1"')
    _edit(folder / "options" / "tx_07_guided_injection.toml", "at_least = 4", "at_least = 5")
    return load_guidance(folder)


def _edit(path: Path, pattern: str, text: str) -> None:
    before = path.read_text(encoding="utf-8")
    after = re.sub(pattern, text, before, count=1, flags=re.MULTILINE)
    assert after != before
    path.write_text(after, encoding="utf-8")


def run(treatment: Any, guidance: Knowledge, monkeypatch: Any) -> None:
    """Starts the service again with other guidance, on the same data."""
    monkeypatch.setattr("treatment.app.api.guidance", lambda: guidance)
    with treatment.database.write() as connection:
        use_cases.keep_guidance(connection, guidance)
    settings = type("Settings", (), {"jwks_file": treatment.keys.jwks, "audience": "backmice"})
    served = treatment_api(settings, treatment.database)
    treatment.client = build(SERVICE, settings, treatment.database, served).test_client()


def test_a_rule_comes_with_its_label(treatment: Any) -> None:
    rule = treatment.get("/v1/guidance/TX-07").json
    label = rule["label"]
    assert label["evidence_grade"]["meaning"].startswith("case series")
    assert label["source_attributes"]["funding"].startswith("None")
    uses = label["source_attributes"]["uses"]
    assert uses["age"] == {
        "used": True,
        "facts": [],
        "through": ["assessment_likelihood"],
        "recorded": True,
    }
    assert not uses["ethnicity"]["used"]
    assert rule["computed"]["pain_nrs_judged"] == ["pain_nrs_average", "pain_nrs_now"]
    assert rule["tests"]["cases"]["count"] >= 3
    assert "BM-01" in rule["tests"]["published"]["fires"]
    assert "injection" in treatment.get("/v1/guidance/CI-06").json["treatments"]


def test_a_label_counts_the_clinics_own_plans_only(treatment: Any, locked: dict[str, Any]) -> None:
    treatment.tell()
    treatment.tell(assessment=locked, case_id="01234567-89ab-7def-8123-000000000002")
    treatment.hear()
    use = treatment.get("/v1/guidance/TX-01").json["use"]
    assert (use["over"], use["judged"], use["fired"]) == (2, 2, 1)
    assert use["decisive"]["by_firing"] == 1
    assert use["can_be_decisive"]
    assert not treatment.get("/v1/guidance/TX-13").json["use"]["can_be_decisive"]
    assert treatment.get("/v1/guidance/TX-01", tenant="other").json["use"]["over"] == 0


def test_the_guidance_that_ran_is_listed_with_what_changed(
    treatment: Any, newer: Knowledge, monkeypatch: Any
) -> None:
    run(treatment, newer, monkeypatch)
    second, first = treatment.get("/v1/guidance/versions").json["sets"]
    (change,) = second["changes"]
    assert change["sentence"].startswith("TX-07: threshold of pain_nrs_judged")
    assert change["sentence"].endswith("moved from 4 to 5.")
    query = f"?from={first['sha256']}&to={second['sha256']}"
    assert treatment.get(f"/v1/guidance/versions{query}").json["sets"][0] == second
    text = treatment.get(f"/v1/guidance/versions{query}", Accept="text/plain").text
    assert "moved from 4 to 5." in text


def test_what_a_client_has_already_is_not_sent_again(treatment: Any) -> None:
    for path in ("/v1/guidance", "/v1/guidance/TX-07", "/v1/guidance/versions"):
        tag = treatment.get(path).headers["ETag"]
        assert treatment.get(path, **{"If-None-Match": tag}).status_code == 304


def test_a_plan_proves_itself_also_after_the_guidance_has_changed(
    treatment: Any, facts: Any, newer: Knowledge, monkeypatch: Any
) -> None:
    treatment.tell()
    treatment.tell(facts | {"pain": {"pain_nrs_now": 4}}, revision=2)
    treatment.hear()
    run(treatment, newer, monkeypatch)
    treatment.plan(revision="2")
    treatment.plan(revision="2", Accept="text/plain")
    for revision in (2, 1):
        proof = treatment.plan(query="/proof", revision=str(revision)).json
        assert (proof["matches"], proof["revision"]) == (True, revision)
        assert proof["guidance"]["version"] != newer.version
        assert [one["representation"] for one in proof["words"]] == ["json", "text"] * (
            revision - 1
        )
    assert treatment.plan(query="/proof", tenant="other").status_code == 404


def test_a_plan_does_not_match_other_guidance_nor_after_tampering(
    treatment: Any, newer: Knowledge, monkeypatch: Any
) -> None:
    treatment.tell()
    treatment.hear()
    run(treatment, newer, monkeypatch)
    with treatment.database.write() as connection:
        connection.execute(
            text("UPDATE plans SET guidance_sha256 = :value"), {"value": newer.digest}
        )
    other = treatment.plan(query="/proof").json
    assert not other["matches"]
    assert "/decision/guidance/sha256" in [one["pointer"] for one in other["differences"]]
    with treatment.database.write() as connection:
        connection.exec_driver_sql("UPDATE plans SET guidance_sha256 = 'lost'")
    assert "was not kept" in treatment.plan(query="/proof").json["differences"][0]["sentence"]
    with treatment.database.write() as connection:
        (sha256,) = connection.exec_driver_sql(
            "SELECT sha256 FROM guidance WHERE version <> '2027.1.1'"
        ).one()
        connection.execute(text("UPDATE plans SET guidance_sha256 = :value"), {"value": sha256})
        (decision,) = connection.exec_driver_sql("SELECT decision FROM plans").one()
        changed = bytes(decision).replace(b"recommended", b"withheld")
        connection.execute(text("UPDATE plans SET decision = :value"), {"value": changed})
    tampered = treatment.plan(query="/proof").json
    assert [one["pointer"] for one in tampered["differences"]] == ["/decision/outcome"]
