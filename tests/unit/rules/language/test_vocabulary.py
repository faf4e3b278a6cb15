"""The vocabulary: what facts may be called and hold."""

import pytest
from tests.unit.rules.parcels import VOCABULARY_TABLES, coded, fact, vocabulary

from rules import KnowledgeError, Vocabulary


def refused(**table) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        Vocabulary({"f.toml": table})
    return caught.value.problems


FAULTS = [
    ([{"name": "a"}], "f.toml: fact a has no label and no type."),
    ([{"label": "A", "type": "text"}], "f.toml: fact ? has no name."),
    ([fact("a", "colour")], "f.toml: fact a: the type colour does not exist"),
    ([fact("a", "code")], "f.toml: fact a: coded values are missing."),
    ([fact("a", "code", values=[{"code": "x"}])], "f.toml: fact a: each value needs a code and"),
    ([fact("a", "codes", values=coded("x", "x"))], "f.toml: fact a: a code is listed twice."),
    ([fact("a", "number", minimum=2, maximum=1)], "f.toml: fact a: the plausible range is empty."),
    ([fact("a", "number", colour=2)], "f.toml: fact a: there is no setting called colour."),
    ([fact("a", "number"), fact("a", "text")], "f.toml: the name a is used twice."),
]


@pytest.mark.parametrize(("facts", "sentence"), FAULTS, ids=[text for _, text in FAULTS])
def test_a_fact_that_cannot_be_meant_is_refused(facts, sentence):
    assert refused(fact=facts)[0].startswith(sentence)


LISTS = [
    ({"name": "l"}, "f.toml: a list needs a name and a label."),
    (
        {"name": "l", "label": "L", "colour": 1},
        "f.toml: list l: there is no setting called colour.",
    ),
    ({"name": "l", "label": "L", "count": "n"}, "list l: its count n is not an integer fact."),
    ({"name": "a", "label": "L"}, "f.toml: the name a is used twice."),
    (
        {"name": "l", "label": "L", "field": [fact("x", "text"), fact("x", "text")]},
        "f.toml: list l: the name x is used twice.",
    ),
]


@pytest.mark.parametrize(("entry", "sentence"), LISTS, ids=[text for _, text in LISTS])
def test_a_list_that_cannot_be_meant_is_refused(entry, sentence):
    assert refused(fact=[fact("a", "text")], list=[entry]) == [sentence]


def test_files_are_read_and_all_that_is_not_toml_is_named(tmp_path):
    (tmp_path / "a.toml").write_text('[[fact]]\nname = "x"\nlabel = "X"\ntype = "text"\n')
    assert list(Vocabulary.load(tmp_path).names()) == ["x"]
    (tmp_path / "b.toml").write_text("= 1")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(KnowledgeError) as caught:
        Vocabulary.load(tmp_path)
    assert [problem[:18] for problem in caught.value.problems] == [
        "b.toml: is not TOM",
        "c.toml: is not TOM",
    ]


def test_names_include_set_members_and_fields_and_dates_are_days_ago():
    names = vocabulary().names()
    assert {"papers", "papers.permit", "parcels", "parcels[].weight_kg"} <= set(names)
    assert "ordered_days_ago" in names
    assert "ordered_on" not in names
    found = vocabulary().fact("ordered_days_ago")
    assert (found.written, found.unit, found.type) == ("ordered_on", "days", "days_ago")


def test_a_fact_is_found_by_name_as_member_and_as_field():
    words = vocabulary()
    assert words.fact("papers.permit").label == "Papers: permit one"
    assert words.fact("parcels[].weight_kg") is words.fact("parcels[3].weight_kg")
    assert words.list("parcels").count == "parcel_count"
    assert words.fact("colour").codes == ("red", "blue", "grey")
    assert [words.fact(name).kind for name in ("colour", "fragile", "speed")] == [
        "text",
        "boolean",
        "number",
    ]
    with pytest.raises(KeyError):
        words.fact("weight_kg")


def test_documents_become_flat_facts_and_strangers_are_ignored():
    body = {
        "shipment": {
            "distance_km": 3,
            "fragile": None,
            "papers": {"invoice": True, "permit": None, "stamp": True},
            "ordered_days_ago": 4,
            "mood": "good",
        },
        "weather": {"distance_km": 9},
        "parcels": [{"id": "a", "marks": {"up": True}, "mood": 1}],
        "scans": None,
    }
    assert vocabulary().flatten(body) == {
        "distance_km": 3,
        "papers.invoice": True,
        "ordered_days_ago": 4,
        "parcels": [{"id": "a", "marks.up": True}],
    }
    assert vocabulary().flatten({"shipment": None}) == {}


def test_a_subset_keeps_what_was_named_and_the_counts_of_its_lists():
    part = vocabulary().subset(["fragile", "papers.permit", "parcels[].weight_kg"])
    assert set(part.facts) == {
        "fragile",
        "papers",
        "papers.invoice",
        "papers.permit",
        "parcel_count",
    }
    assert list(part.list("parcels").fields) == ["id", "weight_kg"]
    assert list(part.lists) == ["parcels"]
    assert vocabulary().subset([]).names() == []


def test_the_digest_follows_the_content_not_its_layout():
    turned = {
        name: dict(reversed(list(table.items()))) for name, table in VOCABULARY_TABLES.items()
    }
    assert Vocabulary(turned).digest == vocabulary().digest
    assert vocabulary().subset(["fragile"]).digest != vocabulary().digest


DERIVED = {
    "section": "shipment",
    "derived": True,
    "fact": [
        fact("asked_days_ago", "ages", values=coded("fragile", "colour"), maximum=99),
        fact("volume_l", "number"),
    ],
    "list": [
        {"name": "stops", "label": "Stops", "recorded": True, "field": [fact("city", "text")]},
    ],
}


def with_derived():
    return Vocabulary({**VOCABULARY_TABLES, "z.toml": DERIVED})


def test_files_of_one_section_are_one_section():
    (section,) = [one for one in with_derived().sections if one.name == "shipment"]
    names = [one.written for one in section.facts]
    assert names[-2:] == ["asked_days_ago", "volume_l"]
    assert "fragile" in names
    assert section.title == vocabulary().sections[0].title


def test_derived_facts_and_lists_are_known_as_such():
    found = with_derived()
    assert found.derived == {
        "asked_days_ago", "asked_days_ago.fragile", "asked_days_ago.colour", "volume_l", "stops",
    }  # fmt: skip
    assert vocabulary().derived == frozenset()


def test_an_age_is_a_number_of_days_for_each_code():
    age = with_derived().fact("asked_days_ago.fragile")
    assert (age.type, age.minimum, age.maximum, age.unit) == ("days_ago", 0, 99, "days")


def test_derived_lists_stand_inside_their_section():
    body = {
        "shipment": {"stops": [{"city": "Ulm", "mood": 1}], "asked_days_ago": {"fragile": 3}},
        "stops": None,
    }
    assert with_derived().flatten(body) == {
        "stops": [{"city": "Ulm"}],
        "asked_days_ago.fragile": 3,
    }


def test_what_is_not_read_is_taken_with_its_type_and_bounds(tmp_path):
    (tmp_path / "a.toml").write_text(
        'section = "shipment"\n[[fact]]\nname = "fragile"\nlabel = "Fragile"\ntype = "boolean"\n'
        '[[list]]\nname = "parcels"\nlabel = "Parcels"\nmaximum_items = 3\n'
    )
    unread = tmp_path / "more" / "unread.toml"
    unread.parent.mkdir()
    unread.write_text(
        """
fact = [{ home = "shipment", name = "colour", label = "C", type = "code", codes = ["red"] }]
list = [{ home = "shipment", name = "scans", label = "S", maximum_items = 2 }]
field = [
  { home = "parcels", name = "kg", label = "K", type = "number", minimum = 1 },
  { home = "scans", name = "sent_on", label = "D", type = "date" },
]
"""
    )
    assert Vocabulary.load(tmp_path).names() == ["fragile", "parcels"]
    whole = Vocabulary.load_with_unread(tmp_path, unread)
    assert whole.names() == [
        "fragile", "colour", "parcels", "scans", "parcels[].kg", "scans[].sent_days_ago",
    ]  # fmt: skip
    assert whole.fact("colour").codes == ("red",)
    assert whole.fact("parcels[].kg").minimum == 1
    assert whole.list("scans").table["maximum_items"] == 2
