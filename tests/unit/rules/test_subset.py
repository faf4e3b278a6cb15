"""A service's part of the vocabulary is made from its owner's, and a difference is found."""

import shutil
from pathlib import Path

import pytest
from tests.knowledge.sets import OWNER, SERVICES, folder_of
from tools.rules.__main__ import lint_findings, vocabulary_of
from tools.rules.vocabulary import UNREAD, cut, stale, write

from rules import Vocabulary

OWNED = """section = "shipment"
title = "Shipment"

[[fact]]
name = "colour"
label = "Colour"
type = "codes"
values = [
  { code = "red", label = "red" },
]

[[fact]]
name = "sent_on"
label = "Sent"
type = "date"

[[list]]
name = "parcels"
label = "Parcels"

[[list.field]]
name = "id"
label = "Parcel"
type = "id"

[[list.field]]
name = "weight_kg"
label = "Weight"
type = "number"
"""


def kept(*names):
    return [line[8:-1] for line in cut(OWNED, names).splitlines() if line.startswith("name = ")]


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ((), []),
        (("colour",), ["colour"]),
        (("colour.red",), ["colour"]),
        (("sent_days_ago",), ["sent_on"]),
        (("parcels",), ["parcels", "id"]),
        (("parcels[].weight_kg",), ["parcels", "id", "weight_kg"]),
    ],
)
def test_only_what_is_read_is_kept(names, left):
    assert kept(*names) == left
    assert cut(OWNED, names) == "" or cut(OWNED, names).startswith('section = "shipment"')


@pytest.fixture(params=SERVICES)
def copied(request, tmp_path):
    """A service's folder, to be bent, and the files that it has to hold."""
    folder = tmp_path / "knowledge"
    shutil.copytree(folder_of(request.param), folder)
    return folder, vocabulary_of(request.param)


def test_the_subsets_are_those_that_are_made(copied):
    assert stale(*copied) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('label = "Age"', 'label = "Years"'),
        ("maximum = 120", "maximum = 121"),
        ('question = "', 'question = "Well: '),
        ('section = "patient"', 'section = "patient"\n'),
    ],
)
def test_any_difference_is_found(copied, old, new):
    folder, files = copied
    path = folder / "facts" / "01_patient.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert stale(folder, files) == [
        "facts/01_patient.toml: differs from the owner's vocabulary; run `make vocabulary`."
    ]
    write(folder, files)
    assert stale(folder, files) == []


def test_a_file_too_many_and_one_too_few_are_found(copied):
    folder, files = copied
    (folder / "facts" / "99_more.toml").write_text('section = "more"\n')
    (folder / UNREAD).unlink()
    assert [line.partition(":")[0] for line in stale(folder, files)] == [
        "facts/99_more.toml", UNREAD,
    ]  # fmt: skip
    write(folder, files)
    assert stale(folder, files) == []


def test_the_linter_reports_a_stale_subset(monkeypatch):
    made = {"facts/01_patient.toml": "other", UNREAD: "other"}
    monkeypatch.setattr("tools.rules.__main__.vocabulary_of", lambda _service: made)
    found = list(lint_findings("treatment"))
    assert any(line.startswith("facts/01_patient.toml: differs") for line in found)


@pytest.mark.parametrize("service", SERVICES)
def test_read_and_unread_together_are_the_owner_s_vocabulary(service):
    folder = folder_of(service)
    whole = Vocabulary.load_with_unread(folder / "facts", folder / UNREAD)
    owned = Vocabulary.load(folder_of(OWNER) / "facts")
    assert set(whole.names()) == set(owned.names())
    assert whole.derived == owned.derived
    for name in owned.names():
        if name not in owned.lists:
            found, fact = whole.fact(name), owned.fact(name)
            assert (found.type, found.minimum, found.maximum) == (
                fact.type, fact.minimum, fact.maximum,
            )  # fmt: skip
            assert (found.codes, found.home, found.stays) == (fact.codes, fact.home, fact.stays)


@pytest.mark.parametrize("service", SERVICES)
def test_a_subset_is_smaller_than_the_whole(service):
    def size(folder: Path) -> int:
        return sum(len(path.read_text()) for path in (folder / "facts").rglob("*.toml"))

    assert size(folder_of(service)) < 0.9 * size(folder_of(OWNER))
