"""Labels, rulesets that ran, and proofs, on a real database."""

import dataclasses
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from chassis.service.api import build
from diagnosis import use_cases
from diagnosis.app import SERVICE
from diagnosis.app.api import api as diagnosis_api
from diagnosis.judge import FOLDER, Ruleset, load_ruleset, tallied
from diagnosis.models import JUDGEMENTS
from diagnosis.repository import Assessments, CaseKey
from diagnosis.write import load_sentences
from rules.catalogue.serving.judgements import MOST_JUDGED, JudgementRow, Judgements
from rules.language.sentences import Sentences

LETTERS = "tfu-"


@pytest.fixture
def newer(tmp_path: Path) -> Ruleset:
    """The ruleset of tomorrow: a threshold of a definition moved, and a source came."""
    folder = tmp_path / "knowledge"
    shutil.copytree(FOLDER, folder)
    _edit(folder / "ruleset.toml", r'^version = ".*"', 'version = "2027.1.1"')
    _edit(folder / "definitions" / "fracture_age.toml", "at_least = 70", "at_least = 60")
    _edit(folder / "red_flags" / "rf_16_child.toml", r"sources = \[", 'sources = ["NG65", ')
    return load_ruleset(folder)


def _edit(path: Path, pattern: str, text: str) -> None:
    before = path.read_text(encoding="utf-8")
    after = re.sub(pattern, text, before, count=1, flags=re.MULTILINE)
    assert after != before
    path.write_text(after, encoding="utf-8")


def run(diagnosis: Any, ruleset: Ruleset, monkeypatch: Any) -> None:
    """Starts the service again with another ruleset, on the same data."""
    monkeypatch.setattr("diagnosis.app.api.ruleset", lambda *_args: ruleset)
    with diagnosis.database.write() as connection:
        use_cases.keep_ruleset(connection, ruleset)
    settings = type("Settings", (), {"jwks_file": diagnosis.keys.jwks, "audience": "backmice"})
    served = diagnosis_api(settings, diagnosis.database)
    diagnosis.client = build(SERVICE, settings, diagnosis.database, served).test_client()


def test_a_rule_comes_with_its_label(diagnosis: Any) -> None:
    rule = diagnosis.get("/v1/rules/RF-05").json
    label = rule["label"]
    assert "low back pain" in label["intended_use"]
    assert label["evidence_grade"]["strength"] == "strong"
    assert "H-06" in [hazard["id"] for hazard in label["hazards"]]
    attributes = label["source_attributes"]
    assert attributes["funding"].startswith("None")
    assert attributes["release_date"] == "2026-11-01"
    assert attributes["uses"]["age"]["facts"] == ["age_years"]
    assert attributes["uses"]["sex"]["used"]
    assert attributes["uses"]["race"] == {
        "used": False,
        "facts": [],
        "through": [],
        "recorded": False,
    }
    assert "Corticosteroid" in rule["versions"][0]["in_words"]
    assert "fracture-age" in [entry["id"] for entry in rule["definitions"]]
    assert "70 years" in rule["tests"]["cases"]["fires"]
    assert rule["tests"]["cases"]["count"] >= 3
    assert "MM-45" in rule["tests"]["published"]["fires"]
    assert rule["citations"]["Downie2013"]["read"]


def test_the_screen_is_a_rule_with_a_page_of_its_own(diagnosis: Any) -> None:
    rule = diagnosis.get("/v1/rules/rfs-13").json
    assert rule["id"] == "RFS-13"
    assert rule["versions"][0]["in_words"].count("\n") == 14
    assert "saddle_sensation" in rule["facts"]
    assert rule["label"]["source_attributes"]["uses"]["age"]["used"]
    listed = diagnosis.get("/v1/rules?limit=100").json["rules"]
    assert "RFS-13" in [entry["id"] for entry in listed]


def test_a_label_counts_the_clinics_own_assessments_only(
    diagnosis: Any, minimal: dict[str, Any]
) -> None:
    old = minimal | {"patient": {"age_years": 15}}
    diagnosis.tell(minimal)
    diagnosis.tell(old, case_id="01234567-89ab-7def-8123-000000000002")
    diagnosis.hear()
    use = diagnosis.get("/v1/rules/RF-16").json["use"]
    assert (use["over"], use["judged"], use["fired"], use["unknown"]) == (2, 2, 1, 0)
    assert use["decisive"]["by_firing"] == 1
    assert use["since"].startswith("20")
    screen = diagnosis.get("/v1/rules/RFS-13").json["use"]
    assert (screen["fired"], screen["decisive"]["by_firing"]) == (2, 1)
    other = diagnosis.get("/v1/rules/RF-16", tenant="other").json["use"]
    assert (other["over"], other["fired"], other["since"]) == (0, 0, None)


def test_an_assessment_made_again_is_counted_once(diagnosis: Any, minimal: dict[str, Any]) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    row = diagnosis.rows("SELECT tenant_id, subject, revision, sha256, letters, at FROM judgement")
    with diagnosis.database.write() as connection:
        Judgements(connection, JUDGEMENTS).add_all([JudgementRow(*row[0])])
    assert diagnosis.get("/v1/rules/RF-16").json["use"]["over"] == 1


def test_the_newest_ten_thousand_assessments_are_counted_and_no_more(diagnosis: Any) -> None:
    ruleset = load_ruleset()
    names = tallied(ruleset.knowledge)
    rows = [
        JudgementRow("clinic", str(at), 1, ruleset.sha256, LETTERS[at % 4] * len(names), at)
        for at in range(10_500)
    ]
    with diagnosis.database.write() as connection:
        Judgements(connection, JUDGEMENTS).add_all(rows)
    with diagnosis.database.read() as connection:
        found = use_cases.how_used(connection, ruleset, "clinic", "RF-05")
    assert (found.over, found.since) == (10_000, 500)
    expected = sum(LETTERS[at % 4] == "t" for at in range(500, 10_500))
    assert found.tally.fired == expected


def test_what_was_decisive_is_tried_over_the_newest_only(
    diagnosis: Any, minimal: dict[str, Any]
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    with diagnosis.database.write() as connection:
        (stored,) = Assessments(connection).newest("clinic")
        many = [
            dataclasses.replace(stored, key=CaseKey("clinic", str(at))) for at in range(MOST_JUDGED)
        ]
        Assessments(connection).add_all(many)
        letters = json.loads(stored.decision)["verdicts"]
        Judgements(connection, JUDGEMENTS).add_all(
            [
                JudgementRow("clinic", one.key.case_id, 1, one.ruleset_sha256, letters, at + 2**60)
                for at, one in enumerate(many)
            ]
        )
    with diagnosis.database.read() as connection:
        found = use_cases.how_decisive(connection, load_ruleset(), "clinic", "RFS-13")
    assert (found.over, found.by_verdict) == (MOST_JUDGED, {True: MOST_JUDGED})


def test_what_a_client_has_already_is_not_sent_again(diagnosis: Any) -> None:
    for path in ("/v1/rules", "/v1/rules/RF-05", "/v1/rulesets"):
        first = diagnosis.get(path)
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = diagnosis.get(path, **{"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert diagnosis.get(path, **{"If-None-Match": '"other"'}).status_code == 200


def test_the_rulesets_that_ran_are_listed_with_what_changed(
    diagnosis: Any, newer: Ruleset, monkeypatch: Any
) -> None:
    assert [one["changes"] for one in diagnosis.get("/v1/rulesets").json["sets"]] == [[]]
    run(diagnosis, newer, monkeypatch)
    second, first = diagnosis.get("/v1/rulesets").json["sets"]
    assert (second["version"], second["compared_to"]["sha256"]) == ("2027.1.1", first["sha256"])
    changes_in_words = [change["sentence"] for change in second["changes"]]
    moved = "definition fracture-age altered: threshold of age_years (Age) moved from 70 to 60;"
    assert [one for one in changes_in_words if one.startswith(moved)] == [changes_in_words[1]]
    assert "RF-05" in changes_in_words[1]
    assert changes_in_words[0].startswith("RF-16: source added: NG65")
    text = diagnosis.get("/v1/rulesets", Accept="text/plain").text
    assert "moved from 70 to 60" in text
    paged = diagnosis.get("/v1/rulesets?limit=1")
    next_page = diagnosis.get(paged.headers["Link"].split(">")[0].strip("<"))
    assert [one["version"] for one in next_page.json["sets"]] == [first["version"]]
    assert "Link" not in next_page.headers


def test_any_two_rulesets_can_be_compared(diagnosis: Any, newer: Ruleset, monkeypatch: Any) -> None:
    first = diagnosis.get("/v1/version").json["ruleset"]
    run(diagnosis, newer, monkeypatch)
    there = diagnosis.get(f"/v1/rulesets?from={first['version']}&to={newer.sha256}").json["sets"]
    back = diagnosis.get(f"/v1/rulesets?from={newer.version}&to={first['sha256']}").json["sets"]
    assert [one["version"] for one in there] == ["2027.1.1", first["version"]]
    assert "moved from 70 to 60" in there[0]["changes"][1]["sentence"]
    assert "moved from 60 to 70" in back[0]["changes"][1]["sentence"]
    assert "source removed: NG65" in back[0]["changes"][0]["sentence"]
    assert diagnosis.get(f"/v1/rulesets?from={first['version']}").json["sets"] == there
    unknown = diagnosis.get("/v1/rulesets?to=1999.1")
    assert unknown.json["type"] == "/problems/unknown-rule-set"
    assert diagnosis.get("/v1/rulesets?cursor=nothing").status_code == 400


def test_a_stored_assessment_proves_itself(diagnosis: Any, minimal: dict[str, Any]) -> None:
    diagnosis.tell(minimal)
    diagnosis.tell(minimal | {"pain": {"pain_nrs_now": 3}}, revision=2)
    diagnosis.hear()
    for revision in (2, 1):
        proof = diagnosis.assessment(query="/proof", revision=revision).json
        assert (proof["matches"], proof["revision"]) == (True, revision)
        assert proof["stored_sha256"] == proof["recomputed_sha256"]
        assert proof["differences"] == []
        assert proof["evaluator"]["then"] == proof["evaluator"]["now"]
    assert diagnosis.assessment(query="/proof", tenant="other").status_code == 404
    assert diagnosis.assessment(query="/proof", revision=3).status_code == 404


@pytest.mark.parametrize(
    ("before", "after", "pointer"),
    [
        ('"likelihood":"POSSIBLE"', '"likelihood":"PROBABLE"', "/likelihood"),
        ('"locked":false', '"locked":true', "/locked"),
        ('{"case_id"', '{ "case_id"', ""),
    ],
)
def test_a_document_that_was_tampered_with_does_not_match_and_says_where(
    diagnosis: Any, minimal: dict[str, Any], before: str, after: str, pointer: str
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    with diagnosis.database.write() as connection:
        (kept,) = connection.exec_driver_sql("SELECT decision FROM assessments").one()
        changed = bytes(kept).replace(before.encode(), after.encode(), 1)
        assert changed != bytes(kept)
        connection.execute(text("UPDATE assessments SET decision = :value"), {"value": changed})
    proof = diagnosis.assessment(query="/proof").json
    assert not proof["matches"]
    assert proof["differences"][0]["pointer"] == pointer


def test_after_the_rules_have_changed_an_old_assessment_still_proves(
    diagnosis: Any, minimal: dict[str, Any], newer: Ruleset, monkeypatch: Any
) -> None:
    diagnosis.tell(minimal | {"patient": {"age_years": 65}})
    diagnosis.hear()
    run(diagnosis, newer, monkeypatch)
    proof = diagnosis.assessment(query="/proof").json
    assert proof["matches"]
    assert proof["ruleset"]["version"] != newer.version


def test_another_ruleset_than_the_one_that_judged_does_not_match(
    diagnosis: Any, minimal: dict[str, Any], newer: Ruleset, monkeypatch: Any
) -> None:
    diagnosis.tell(minimal | {"patient": {"age_years": 65}})
    diagnosis.hear()
    run(diagnosis, newer, monkeypatch)
    with diagnosis.database.write() as connection:
        sql = text("UPDATE assessments SET ruleset_sha256 = :value")
        connection.execute(sql, {"value": newer.sha256})
    proof = diagnosis.assessment(query="/proof").json
    places = [difference["pointer"] for difference in proof["differences"]]
    assert not proof["matches"]
    assert "/headline/rule" in places
    with diagnosis.database.write() as connection:
        connection.exec_driver_sql("UPDATE assessments SET ruleset_sha256 = 'lost'")
    lost = diagnosis.assessment(query="/proof").json
    assert (lost["matches"], lost["recomputed_sha256"]) == (False, None)
    assert "was not kept" in lost["differences"][0]["sentence"]


def test_rules_whose_stored_text_was_tampered_with_prove_nothing(
    diagnosis: Any, minimal: dict[str, Any]
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    with diagnosis.database.write() as connection:
        (kept,) = connection.exec_driver_sql("SELECT content FROM rulesets").one()
        changed = bytes(kept).replace(b"Far", b"far").replace(b"Smoking", b"smoking")
        changed = changed.replace(b'"title":"', b'"title":"x', 1)
        connection.execute(text("UPDATE rulesets SET content = :value"), {"value": changed})
    proof = diagnosis.assessment(query="/proof").json
    assert not proof["matches"]
    assert "/ruleset/sha256" in [one["pointer"] for one in proof["differences"]]
    with diagnosis.database.write() as connection:
        connection.execute(text("UPDATE rulesets SET content = :value"), {"value": b"{}"})
    assert diagnosis.assessment(query="/proof").json["recomputed_sha256"] is None


def test_a_proof_covers_the_words_that_were_served(diagnosis: Any, minimal: dict[str, Any]) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    assert diagnosis.assessment(query="/proof").json["words"]["served"] == []
    diagnosis.assessment()
    diagnosis.assessment(Accept="text/plain")
    proof = diagnosis.assessment(query="/proof").json
    assert proof["matches"]
    assert proof["words"]["brief"]["matches"]
    served = {one["representation"]: one["matches"] for one in proof["words"]["served"]}
    assert served == {"json": True, "text": True}
    with diagnosis.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE served SET sha256 = 'other' WHERE representation = 'text'"
        )
    proof = diagnosis.assessment(query="/proof").json
    assert not proof["matches"]
    served = {one["representation"]: one["matches"] for one in proof["words"]["served"]}
    assert served == {"json": True, "text": False}


def test_another_wording_of_today_leaves_an_old_answer_provable(
    diagnosis: Any, minimal: dict[str, Any], monkeypatch: Any
) -> None:
    diagnosis.tell(minimal)
    diagnosis.hear()
    before = diagnosis.assessment().data
    content = json.loads(load_sentences().canonical())
    content["texts"]["imprint.sign_off"] = "signed off by nobody"
    monkeypatch.setattr("diagnosis.write.load_sentences", lambda: Sentences(content))
    assert diagnosis.assessment().data == before
    assert diagnosis.assessment(query="/proof").json["matches"]
