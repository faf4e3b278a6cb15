"""A proof as it is served."""

import pytest

from rules.catalogue.proof import compare, impossible
from rules.catalogue.proofs import view

DOCUMENT = b'{"ruleset":{"version":"1","evaluator":"then"}}'


def sentence(comparison, now="then"):
    return view(DOCUMENT, "ruleset", "abc", now, comparison)["sentence"]


def test_a_proof_names_the_set_its_digest_and_both_evaluators():
    proof = view(DOCUMENT, "ruleset", "abc", "now", compare(DOCUMENT, DOCUMENT))
    assert proof["ruleset"] == {"version": "1", "sha256": "abc"}
    assert proof["evaluator"] == {"then": "then", "now": "now"}
    assert proof["matches"] is True


def test_the_sentence_tells_a_match_from_a_difference_and_from_what_cannot_be_repeated():
    assert sentence(compare(DOCUMENT, DOCUMENT)).endswith("give the same bytes.")
    assert sentence(compare(DOCUMENT, b"{}")).endswith("give other bytes.")
    assert sentence(impossible(DOCUMENT, "why")).startswith("It could not be made again")
    assert "evaluator “then”; this is “later”" in sentence(compare(DOCUMENT, b"{}"), "later")


@pytest.mark.parametrize("damaged", [b"{", b"[]", b'{"ruleset":1}'])
def test_a_damaged_document_names_nothing(damaged):
    proof = view(damaged, "ruleset", "abc", "now", compare(damaged, b"{}"))
    assert proof["evaluator"]["then"] is None
