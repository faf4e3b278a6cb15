"""Reading a folder, storing a set, bringing it back, and asking it questions."""

import datetime as dt

import pytest
from tests.unit.rules.parcels import ON, compiled, definition, knowledge, rule

from rules import Knowledge, KnowledgeError, Vocabulary, load

FINE = {"fact": "fragile", "equals": True}
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
    rules = found.in_force(ON)
    assert rules.rules[0].then == {"carriers": 2, "since": "2025-01-01"}
    assert rules.evaluate({"fragile": True}, {"EX-1": True}).verdict("CA-01") is True
    assert rules.evaluate({"fragile": True}).verdict("CA-01") is None
    assert rules.evaluate({"fragile": True}).definition("soft") is True
    assert found.in_force(dt.date(2026, 3, 1)) is rules


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
    again = Knowledge.from_canonical(first.canonical())
    assert again.digest == first.digest
    assert again.canonical() == first.canonical()
    facts = {"fragile": True}
    before, after = (
        known.in_force(ON).evaluate(facts, {"EX-1": False}) for known in (first, again)
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


def test_successive_versions_judge_their_own_days():
    written = rule("R", FINE, in_force={"from": "2026-01-01", "to": "2026-06-01"})
    later = rule("R", {"not": FINE}, in_force={"from": "2026-06-01"})
    written["version"] += later["version"]
    known = knowledge(written)
    facts = {"fragile": True}
    assert known.in_force(dt.date(2026, 5, 31)).evaluate(facts).verdict("R") is True
    assert known.in_force(dt.date(2026, 6, 1)).evaluate(facts).verdict("R") is False
    assert known.first_date == dt.date(2026, 1, 1)
    assert knowledge().first_date is None


def test_a_rule_that_is_not_in_force_yet_is_unknown_to_those_that_use_it():
    later = rule("R-2", FINE, in_force={"from": "2027-01-01"})
    over = rule(
        "R-3", {"item": "sealed", "equals": True}, "parcels", in_force={"from": "2027-01-01"}
    )
    rules = compiled(
        rule("R-1", {"rule": "R-2"}),
        rule("R-4", {"all": [{"rule": "R-3"}, {"item": "sealed", "equals": True}]}, "parcels"),
        later,
        over,
    )
    facts = {"fragile": True, "parcels": [{"sealed": True}, {"sealed": False}]}
    evaluation = rules.evaluate(facts)
    assert evaluation.verdict("R-1") is None
    assert evaluation.items("R-4") == [None, False]
    assert rules.explain(facts, evaluation, "R-1")["verdict"] is None
    assert rules.undecided_facts(evaluation) == set()


JOIN = {
    "any_of": "scans",
    "matching": "parcel_id",
    "where": {"fall_percent": ["before", "after"], "at_least": 50},
}
OVER = {
    "all": [
        {"item": "weight_kg", "at_least": 20},
        JOIN,
        {"compare": ["weight_kg", "limit"], "is": "above"},
    ]
}
PARTS = {
    "definitions": [definition("heavy", {"item": "weight_kg", "above": 30}, "parcels")],
    "external": ["EX"],
}


def parts():
    return compiled(
        rule("A", {"any": [{"defined": "heavy"}, {"fact": "distance_km", "between": [5, 100]}]}),
        rule("B", OVER, "parcels"),
        rule("C", {"all": [{"rule": "B"}, {"rule": "EX"}, {"fact": "fragile", "known": True}]}),
        rule("D", {"fact": "colour", "in": ["red", "blue"]}),
        rule("E", {"count_of": "scans", "at_least": 1, "where": {"item": "after", "above": 3}}),
        rule(
            "F",
            {"all": [{"fact": "parcels", "known": True}, {"not": {"count": [FINE], "exactly": 1}}]},
        ),
        **PARTS,
    )


def test_facts_and_rules_find_each_other():
    rules = parts()
    assert rules.facts_of("A") == {
        "distance_km", "parcels", "parcels[].weight_kg", "parcel_count"
    }  # fmt: skip
    assert rules.facts_of("C") == rules.facts_of("B") | {"fragile"}
    assert "scans[].parcel_id" in rules.facts_of("B")
    assert "limit" in rules.facts_of("B")
    assert rules.facts_of("unheard of") == frozenset()
    assert rules.facts_of_definition("heavy") == {"parcels", "parcels[].weight_kg", "parcel_count"}
    assert rules.rules_of("parcels[].weight_kg") == ["A", "B", "C"]
    assert rules.thresholds("parcels[].weight_kg") == [20, 30]
    assert rules.thresholds("distance_km") == [5, 100]
    assert rules.thresholds("limit") == []
    assert rules.values("colour") == ("red", "blue", "grey")
    assert "def judge" in rules.source


def test_completions_try_one_value_for_each_way_a_fact_could_matter():
    rules = parts()
    facts = {"limit": 40, "parcels": [{"id": "a"}], "scans": [{"before": 8}, {"after": 3}, {}]}
    assert rules.completions("fragile", facts) == [True, False]
    assert rules.completions("colour", facts) == ["red", "blue", "grey"]
    assert rules.completions("distance_km", facts) == [0, 5, 101]
    assert rules.completions("parcels[0].weight_kg", facts) == [0, 20, 35, 40, 100]
    assert rules.completions("parcels[0].weight_kg", {**facts, "limit": None}) == [0, 20, 100]
    assert rules.completions("scans[0].after", facts) == [2.9, 3.5, 4, 4.1]
    assert rules.completions("scans[1].before", facts) == [5.9, 6, 6.1]
    assert len(rules.completions("scans[2].before", facts)) == 1
    assert len(rules.completions("speed", facts)) == 1
    points = compiled(
        rule("A", {"fall_points": ["speed", "limit"], "above": 5}),
        rule("B", {"fall_percent": ["limit", "speed"], "at_least": 100}),
        rule("C", {"fact": "distance_km", "not_equals": 7}),
        rule("D", {"fact": "distance_km", "below": 7.5}),
        rule("E", {"fact": "distance_km", "in": [9, 11]}),
        rule("F", {"fact": "speed", "known": True}),
    )
    assert points.completions("speed", {"limit": 2}) == [-0.1, 0, 3.5, 7, 7.1]
    assert points.completions("limit", {"speed": 2}) == [-3.1, -3, -2.9]
    assert points.completions("distance_km", {}) == [0, 7, 8, 9, 10, 11, 12]


def test_undecided_facts_are_named_and_nothing_else():
    rules = parts()
    evaluation = rules.evaluate({"distance_km": 200, "scans": [{"after": 1}, {"parcel_id": "z"}]})
    assert rules.undecided_facts(evaluation, ["A"]) == {"parcels"}
    assert rules.undecided_facts(evaluation, ["D"]) == {"colour"}
    assert rules.undecided_facts(evaluation, ["C"]) == {"parcels", "fragile"}
    assert rules.undecided_facts(evaluation, ["heavy"]) == {"parcels"}
    known = {
        "limit": 10,
        "parcels": [{"id": "a", "weight_kg": 25}, {"weight_kg": 5}],
        "fragile": True,
    }
    evaluation = rules.evaluate({**known, "scans": [{"after": 1}, {"parcel_id": "z"}]})
    assert rules.undecided_facts(evaluation, ["B"]) == {"scans[0].parcel_id", "scans[0].before"}
    assert rules.undecided_facts(evaluation, ["F"]) == set()
    gap = rules.evaluate({"parcel_count": 2, "parcels": [{"weight_kg": 10}]})
    assert rules.undecided_facts(gap, ["heavy"]) == {"parcels"}
    assert rules.undecided_facts(rules.evaluate({}), ["F"]) == {"parcels", "fragile"}


def test_an_explanation_names_facts_values_and_what_was_expected():
    rules = parts()
    facts = {"limit": 10, "parcels": [{"id": "a", "weight_kg": 25}, {}], "parcel_count": 3}
    facts["scans"] = [{"parcel_id": "a", "before": 8, "after": 4}, {"parcel_id": "z"}]
    evaluation = rules.evaluate(facts, {"EX": True})
    first = rules.explain(facts, evaluation, "B", 0)
    assert first["op"] == "all"
    weight, scanned, compared = first["children"]
    assert weight == {
        "op": "at_least",
        "verdict": True,
        "item": "parcels[].weight_kg",
        "label": "Weight kg",
        "value": 25,
        "unit": "kg",
        "expected": 20,
    }
    assert scanned["list"] == "scans"
    assert [child["element"] for child in scanned["children"]] == [0]
    assert scanned["children"][0]["value"] == 50
    assert [side["value"] for side in compared["compare"]] == [25, 10]
    whole = rules.explain(facts, evaluation, "B")
    assert whole["incomplete"] is True
    assert [child["element"] for child in whole["children"]] == ["a", 1]
    used = rules.explain(facts, evaluation, "C")["children"]
    assert [(child["op"], child.get("id")) for child in used] == [
        ("rule", "B"),
        ("external", "EX"),
        ("known", None),
    ]
    defined = rules.explain(facts, evaluation, "A")["children"][0]
    assert defined["children"][0]["list"] == "parcels"


def test_the_grounds_of_a_rule_are_its_explanation_without_what_is_inside_of_what_is_not_true():
    rules = parts()
    facts = {"limit": 10, "parcels": [{"id": "a", "weight_kg": 25}, {}], "parcel_count": 3}
    facts["scans"] = [{"parcel_id": "a", "before": 8, "after": 4}]
    evaluation = rules.evaluate(facts, {"EX": True})

    def closed(tree):
        if tree["verdict"] is not True:
            kept = {"element": tree["element"]} if "element" in tree else {}
            return kept | {"op": "", "verdict": tree["verdict"]}
        inside = tree.get("children")
        return tree | ({"children": [closed(part) for part in inside]} if inside else {})

    assert evaluation.verdict("B") is True
    assert rules.grounds(evaluation, "B") == closed(rules.explain(facts, evaluation, "B"))
    assert rules.explain(facts, evaluation, "E")["at_least"] == 1
    assert rules.explain(facts, evaluation, "D")["expected"] == ["red", "blue"]
    known, denied = rules.explain(facts, evaluation, "F")["children"]
    assert (known["label"], known["value"]) == ("Parcels", 2)
    assert denied["op"] == "not"
    assert denied["children"][0]["exactly"] == 1
    assert rules.explain({}, rules.evaluate({}), "F")["children"][0]["value"] is None


def test_a_trace_is_compact_and_repeats_exactly():
    rules = parts()
    facts = {"fragile": True, "parcels": [{"id": "a", "weight_kg": 25}]}
    trace = rules.trace(rules.evaluate(facts))
    assert trace == rules.trace(parts().evaluate(facts))
    assert set(trace["verdicts"]) <= set("tfu")
    assert len(trace["rows"]) == len(rules.trace(rules.evaluate({}))["rows"])


def test_verdicts_of_elements_are_in_the_order_of_the_list():
    rules = parts()
    evaluation = rules.evaluate({"parcels": [{"weight_kg": 31}, {"weight_kg": 1}, {}]})
    assert evaluation.definition_items("heavy") == [True, False, None]
    assert evaluation.definition("heavy") is True
    assert evaluation.verdicts["A"] is True
    assert evaluation.of(("defined", "heavy"), 2) is None


def test_a_question_whether_an_element_is_known_stays_open_until_it_is():
    where = {"item": "before", "known": True}
    scanned = {"any_of": "scans", "matching": "parcel_id", "where": where}
    rules = compiled(rule("R", scanned, "parcels"))
    evaluation = rules.evaluate({"parcels": [{"id": "a"}], "scans": [{"parcel_id": "a"}]})
    assert evaluation.items("R") == [False]
    assert rules.undecided_facts(evaluation) == {"scans[0].before"}


def test_a_view_holds_the_verdicts_that_were_asked_for_and_no_others():
    rules = parts()
    view = rules.view(["A", "B", "heavy", "unheard of"])
    facts = {"distance_km": 200, "parcels": [{"weight_kg": 10}]}
    evaluation = rules.evaluate(facts)
    assert view(rules.with_fact(evaluation, "colour", "red")) == view(evaluation)
    assert view(rules.with_fact(evaluation, "distance_km", 300)) == view(evaluation)
    assert view(rules.with_fact(evaluation, "distance_km", 50)) != view(evaluation)
    assert view(rules.with_fact(evaluation, "parcels[0].weight_kg", 40)) != view(evaluation)
    two = rules.evaluate({**facts, "parcels": [{"weight_kg": 40}, {"weight_kg": 10}]})
    other = rules.evaluate({**facts, "parcels": [{"weight_kg": 10}, {"weight_kg": 40}]})
    assert two.definition("heavy") is other.definition("heavy")
    assert view(two) != view(other)
