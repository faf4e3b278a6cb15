"""Wording is data: found by key, filled by name, with a digest that moves with every letter."""

import pytest

from rules.language.errors import KnowledgeError
from rules.language.sentences import Sentences


def written(folder, **files):
    (folder / "sentences").mkdir()
    (folder / "sentences" / "wording.toml").write_text('version = "1"\n')
    for name, text in files.items():
        (folder / "sentences" / f"{name}.toml").write_text(text)
    return folder


def test_a_text_is_found_by_its_key_and_filled_by_name(tmp_path):
    sentences = Sentences.load(written(tmp_path, safety='[screen]\nall = "All {of} answered."\n'))
    assert sentences.text("screen.all", of=13) == "All 13 answered."


def test_a_missing_key_or_value_is_an_error_and_no_hole(tmp_path):
    sentences = Sentences.load(written(tmp_path, safety='all = "All {of} answered."\n'))
    with pytest.raises(KeyError):
        sentences.text("none")
    with pytest.raises((KeyError, IndexError)):
        sentences.text("all")


def test_a_key_written_twice_is_refused(tmp_path):
    with pytest.raises(KnowledgeError, match="twice"):
        Sentences.load(written(tmp_path, a='x = "1"\n', b='x = "2"\n'))


def test_every_letter_is_in_the_digest_and_the_canonical_text_brings_it_back(tmp_path):
    one = Sentences.load(written(tmp_path, a='x = "Yes."\n'))
    again = Sentences.from_canonical(one.canonical())
    assert (again.sha256, again.text("x")) == (one.sha256, "Yes.")
    assert Sentences({"version": "1", "texts": {"x": "Yes"}}).sha256 != one.sha256
