"""A folder becomes rules, a stored set comes back, and what cannot be meant is refused."""

import datetime as dt

import pytest
from tests.unit.rules.parcels import ON, content, definition, knowledge, rule

from rules import Knowledge, KnowledgeError, Vocabulary, from_canonical, in_force, load

FILES = {
    "facts/shipment.toml": """
        section = "shipment"
        [[fact]]
        name = "fragile"
        label = "Fragile"
        type = "boolean"
        """,
    "ruleset.toml": 'version = "2026.1"',
    "bibliography.toml": '[Smith2020]\ntitle = "Lifting"\nread_on = 2020-01-31',
    "definitions/soft.toml": """
        id = "soft"
        because = "It is so."
        sources = ["Smith2020"]
        when = { fact = "fragile", equals = true }
        """,
    "carrying/ca_01.toml": """
        id = "CA-01"
        title = "Carry softly"
        status = "active"
        [[version]]
        in_force = { from = 2026-01-01 }
        strength = "weak"
        because = "It may break."
        sources = ["Smith2020"]
        when = { all = [{ defined = "soft" }, { rule = "EX-1" }] }
        then = { carriers = 2, since = 2025-01-01 }
        """,
    "sentences.toml": 'hello = "Good morning."',
    "words/more.toml": 'bye = "Good night."',
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def loaded(folder) -> Knowledge:
    words = Vocabulary.load(folder / "facts")
    return load(folder, words, external_rules={"EX-1"}, other={"sentences.toml", "words"})


def test_a_folder_becomes_rules_that_judge(folder):
    found = loaded(folder)
    assert found.version == "2026.1"
    assert found.other["words/more.toml"] == {"bye": "Good night."}
    assert found.rules["CA-01"].file == "carrying/ca_01.toml"
    rules = in_force(found, ON)
    assert rules.rules[0].then == {"carriers": 2, "since": "2025-01-01"}
    assert rules.evaluate({"fragile": True}, {"EX-1": True}).verdict("CA-01") is True
    assert rules.evaluate({"fragile": True}).verdict("CA-01") is None
    assert rules.evaluate({"fragile": True}).definition("soft") is True
    assert in_force(found, dt.date(2026, 3, 1)) is rules


def test_files_that_are_not_toml_are_told_with_everything_else(folder):
    (folder / "carrying" / "ca_02.toml").write_text("= 1")
    (folder / "ruleset.toml").write_text("")
    with pytest.raises(KnowledgeError) as caught:
        loaded(folder)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "carrying/ca_02.toml",
        "ruleset.toml",
    ]


def test_a_stored_set_comes_back_and_judges_the_same(folder):
    first = loaded(folder)
    again = from_canonical(first.canonical())
    assert again.digest == first.digest
    assert again.canonical() == first.canonical()
    facts = {"fragile": True}
    before, after = (
        in_force(known, ON).evaluate(facts, {"EX-1": False}) for known in (first, again)
    )
    assert after.state == before.state
    assert after.verdict("CA-01") is False


def test_layout_and_comments_do_not_change_the_digest_but_content_does(folder):
    before = loaded(folder).digest
    path = folder / "carrying" / "ca_01.toml"
    path.write_text("# a comment\n" + path.read_text().replace("carriers = 2,", "carriers  =  2,"))
    assert loaded(folder).digest == before
    path.write_text(path.read_text().replace("2,", "3,"))
    assert loaded(folder).digest != before


FINE = {"fact": "fragile", "equals": True}


def refused(*rules, **changes) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        knowledge(*rules, **changes)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


RULES = [
    (rule("R", FINE, title=" "), "R.toml: title is missing."),
    (rule("R", FINE, status="sleeping"), "R.toml: status is one of draft, active, retired."),
    (rule("R", FINE, extra=1), "R.toml: there is no setting called extra."),
    (rule("R", FINE, "boxes"), "R.toml: there is no list called boxes."),
    (rule("R", FINE, version=[]), "R.toml: has no version."),
    (rule("R", FINE, status="retired"), "R.toml: is retired, but its last version has no end."),
    (rule("R", FINE, strength="iron"), "R.toml: from 2026-01-01: strength is one of strong"),
    (rule("R", FINE, because=""), "R.toml: from 2026-01-01: because is missing."),
    (rule("R", FINE, sources=[]), "R.toml: from 2026-01-01: a rule without a source is a project"),
    (rule("R", FINE, sources="x"), "R.toml: from 2026-01-01: sources is missing; it is a list"),
    (rule("R", FINE, sources=["Jones"]), "R.toml: from 2026-01-01: the bibliography has no entry"),
    (rule("R", FINE, colour=1), "R.toml: from 2026-01-01: there is no setting called colour."),
    (rule("R", FINE, in_force={}), "R.toml: in_force.from is not a date."),
    (rule("R", FINE, in_force={"from": "2026-13-01"}), "R.toml: in_force.from is not a date."),
    (
        rule("R", FINE, in_force={"from": "2026-01-01", "to": "2025-01-01"}),
        "R.toml: the version from 2026-01-01 ends before it starts.",
    ),
    (
        rule("R", FINE, in_force={"from": "2026-01-01", "until": "2027-01-01"}),
        "R.toml: from 2026-01-01: in_force: there is no setting called until.",
    ),
]


@pytest.mark.parametrize(("written", "sentence"), RULES, ids=[text for _, text in RULES])
def test_a_rule_that_cannot_be_meant_is_refused(written, sentence):
    assert any(problem.startswith(sentence) for problem in refused(written))


def test_all_faults_of_all_files_are_told_at_once():
    problems = refused(
        rule("R-1", {"fact": "fragil", "equals": True}, title=""),
        rule("R-2", {"rule": "R-3"}),
        definitions=[definition("heavy", {"fact": "weight_kg", "at_least": 1})],
        ruleset={},
    )
    assert len(problems) == 5


def test_two_versions_in_force_on_one_day_are_refused():
    first, second = rule("R", FINE), rule("R", FINE, in_force={"from": "2026-06-01"})
    first["version"] += second["version"]
    assert refused(first) == ["R.toml: the versions from 2026-01-01 and 2026-06-01 overlap."]
    first["version"][0]["in_force"]["to"] = "2026-06-01"
    assert knowledge(first).rules["R"].on(ON).start.isoformat() == "2026-06-01"


def test_an_id_is_used_once():
    text = content(rule("R", FINE))
    text["rules"]["again.toml"] = rule("R", FINE)
    text["rules"]["nameless.toml"] = {**rule("R", FINE), "id": 7}
    problems = refused(**text)
    assert "again.toml: the id R is used twice." in problems
    assert "nameless.toml: has no id." in problems


def test_a_rule_is_decided_here_or_outside_but_not_both():
    assert refused(rule("R", FINE), external=["R"]) == ["rule R: is decided here and outside."]


def test_a_service_can_refuse_a_then_of_its_own():
    from tests.unit.rules.parcels import vocabulary  # noqa: PLC0415

    from rules.language.loader import build  # noqa: PLC0415

    def check_then(then, version):
        return [] if "men" in then else [f"nobody carries since {version.start}."]

    build(content(rule("R", FINE, then={"men": 2})), vocabulary(), check_then)
    with pytest.raises(KnowledgeError, match="then: nobody carries since 2026-01-01"):
        build(content(rule("R", FINE)), vocabulary(), check_then)
