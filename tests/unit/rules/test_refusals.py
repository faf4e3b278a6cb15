"""What cannot be meant is refused, all faults at once, each with its file, place and sentence."""

import pytest
from tests.unit.rules.parcels import ON, content, definition, knowledge, rule

from rules import KnowledgeError, NothingInForceError

FINE = {"fact": "fragile", "equals": True}
HEAVY = definition("heavy", {"item": "weight_kg", "at_least": 20}, "parcels")


def refused(*rules, **changes) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        knowledge(*rules, **changes)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


CONDITIONS = [
    ("fragile", "when: a condition is a table."),
    ({}, "when: a condition has exactly one operator, found nothing."),
    ({"is": 1}, "when: a condition has exactly one operator, found is."),
    ({"all": [FINE], "any": [FINE]}, "when: a condition has exactly one operator, found all an"),
    ({"all": []}, "when.all: expects a list of conditions."),
    ({"any": FINE}, "when.any: expects a list of conditions."),
    ({"not": {"all": [FINE, {}]}}, "when.not.all[1]: a condition has exactly one operator"),
    ({"all": [FINE], "where": FINE}, "when: where does not belong here."),
    ({"count": [FINE]}, "when: a count needs one whole number: at_least, at_most, exactly."),
    ({"count": [FINE], "at_least": True}, "when: a count needs one whole number: at_le"),
    ({"count": [FINE], "at_least": 2}, "when: 2 of 1 conditions can never be counted."),
    ({"fact": "fragil", "equals": True}, "when: there is no fact called fragil; is fragile meant"),
    ({"fact": "zzz", "equals": True}, "when: there is no fact called zzz."),
    ({"fact": 3, "equals": True}, "when: fact expects a name."),
    ({"fact": "fragile"}, "when: a comparison is one of equals, not_equals"),
    ({"fact": "fragile", "equals": True, "known": True}, "when: a comparison is one of"),
    ({"fact": "fragile", "equals": "yes"}, "when: fragile is true or false, not 'yes'."),
    ({"fact": "fragile", "above": 1}, "when: fragile has no order; above cannot be asked."),
    ({"fact": "colour", "between": ["blue", "red"]}, "when: colour has no order; between"),
    ({"fact": "fragile", "known": 1}, "when: known is true or false."),
    ({"fact": "colour", "equals": "green"}, "when: colour is never green; it is one of red, b"),
    ({"fact": "colour", "in": ["red", "green"]}, "when: colour is never green"),
    ({"fact": "colour", "in": "red"}, "when: in expects a list of values."),
    ({"fact": "colour", "not_in": []}, "when: not_in expects a list of values."),
    ({"fact": "distance_km", "equals": True}, "when: distance_km is a number, not True."),
    ({"fact": "distance_km", "between": [1]}, "when: between expects two numbers."),
    ({"fact": "papers", "known": True}, "when: papers is a set; ask for a member, such as"),
    ({"fact": "remark", "equals": "x"}, "when: remark is text; it can only be asked"),
    ({"fact": "parcels", "equals": 1}, "when: a list can only be asked whether it is known."),
    ({"item": "weight_kg", "above": 1}, "when: item stands outside any list."),
    ({"outer_item": "weight_kg", "above": 1}, "when: outer_item stands outside any list."),
    ({"any_of": "parcels", "where": {"outer_item": "id", "known": True}},
     "when.where: outer_item stands outside any list."),
    ({"any_of": "parcels", "where": {"item": "colour", "equals": "red"}},
     "when.where: there is no field of parcels called colour."),
    ({"any_of": "boxes", "where": FINE}, "when: there is no list called boxes."),
    ({"any_of": "parcels"}, "when: any_of needs a where."),
    ({"all_of": "parcels", "where": FINE, "at_least": 1}, "when: at_least does not belong here."),
    ({"count_of": "parcels", "where": FINE}, "when: a count needs one whole number"),
    ({"none_of": "scans", "where": FINE, "matching": "parcel_id"},
     "when: matching needs an outer element to match."),
    ({"any_of": "scans", "where": {"any_of": "parcels", "where": FINE, "matching": "id"}},
     "when.where: matching needs elements of scans to have an id."),
    ({"any_of": "parcels", "where": {"any_of": "scans", "where": FINE, "matching": "box"}},
     "when.where: there is no field of scans called box."),
    ({"rule": "R-9"}, "when: there is no rule called R-9"),
    ({"defined": "heav"}, "when: there is no definition called heav; is heavy meant?."),
    ({"compare": ["speed", "limit"]}, "when: compare needs is = one of above"),
    ({"compare": ["speed"], "is": "above"}, "when: expects two names."),
    ({"compare": "speed", "is": "above"}, "when: expects two names."),
    ({"compare": ["speed", "fragile"], "is": "above"}, "when: fragile is not a number."),
    ({"compare": ["speed", "parcels"], "is": "above"}, "when: parcels is not a number."),
    ({"compare": ["speed", "spede"], "is": "above"}, "when: there is no fact called spede"),
    ({"fall_percent": ["speed", "nothing"], "above": 1}, "when: there is no fact called nothing."),
    ({"fall_points": ["speed", "limit"], "above": "a"}, "when: fall is a number, not 'a'."),
]  # fmt: skip


@pytest.mark.parametrize(("when", "sentence"), CONDITIONS, ids=[text for _, text in CONDITIONS])
def test_a_condition_that_cannot_be_meant_is_refused(when, sentence):
    problems = refused(rule("R", when), definitions=[HEAVY])
    assert problems[0].startswith(f"R.toml: from 2026-01-01: {sentence.removesuffix('.')}")


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


def test_rules_that_wait_for_each_other_are_refused():
    problems = refused(
        rule("R-1", {"defined": "late"}),
        rule("R-2", {"not": {"rule": "R-1"}}),
        definitions=[definition("late", {"all": [{"rule": "R-2"}]})],
    )
    assert len(problems) == 1
    assert problems[0].startswith("these need each other's verdict: ")
    assert set(problems[0].rpartition(": ")[2].rstrip(".").split(" -> ")) == {"R-1", "R-2", "late"}


def test_a_service_can_refuse_a_then_of_its_own():
    from tests.unit.rules.parcels import vocabulary  # noqa: PLC0415

    from rules.language.loader import build  # noqa: PLC0415

    def check_then(then, version):
        return [] if "men" in then else [f"nobody carries since {version.start}."]

    build(content(rule("R", FINE, then={"men": 2})), vocabulary(), check_then)
    with pytest.raises(KnowledgeError, match="then: nobody carries since 2026-01-01"):
        build(content(rule("R", FINE)), vocabulary(), check_then)


def test_nothing_is_judged_by_rules_that_are_not_in_force():
    early = knowledge(rule("R", FINE), rule("D", FINE, status="draft"))
    with pytest.raises(NothingInForceError, match="No rule was in force on 2025-12-31"):
        early.in_force(early.first_date.replace(year=2025, month=12, day=31))
    assert [entry.id for entry in early.in_force(ON).rules] == ["R"]
    with pytest.raises(KeyError):
        early.in_force(ON).evaluate({}).verdict("D")
