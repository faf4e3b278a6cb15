"""Decisions hold no sentence, the program no rule id, and everything that is said has words."""

import ast
import re
from pathlib import Path

import pytest
from tests.unit.treatment.conftest import GUIDANCE, ON, SENTENCES

from rules.language.sentences import Sentences
from treatment.judge import in_force

SERVICE = Path(__file__).parents[3] / "services" / "treatment"
RULE_ID = re.compile(r"\b(RF|RFS|BC|DD|NE|TX|CI|FU)-\d")
FAULTS = {"checks.py"}  # sentences for whoever writes knowledge; nobody is served them
EXAMPLES = {"examples.py"}  # a request as a client sends it
IN_FORCE = in_force(GUIDANCE, ON)


@pytest.mark.parametrize("path", sorted(SERVICE.rglob("*.py")), ids=lambda path: path.name)
def test_no_rule_is_quoted_in_the_program(path):
    assert path.name in EXAMPLES or not RULE_ID.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted((SERVICE / "judge").glob("*.py")), ids=lambda p: p.name)
def test_no_sentence_stands_where_it_is_decided(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]
    sentences = [text for text in texts if len(text) > 25 and text.count(" ") >= 3]
    assert path.name in FAULTS or sentences == []


def test_every_step_has_words():
    assert [line.name for line in IN_FORCE.lines if f"step.{line.name}.do" not in SENTENCES] == []
    assert len({line.name for line in IN_FORCE.lines}) == len(IN_FORCE.lines)


def test_every_reason_has_words_of_its_own():
    gates = {gate for one in IN_FORCE.modalities for gate in one.gates}
    rules = {rule for one in IN_FORCE.modalities for rule in one.contraindications}
    keys = [f"{kind}.{gate}" for gate in gates for kind in ("closed", "open")]
    keys += [f"{kind}.{rule}" for rule in rules for kind in ("found", "topic")]
    keys += [
        f"{kind}.{one.code}" for one in IN_FORCE.modalities for kind in ("modality", "evidence")
    ]
    keys += [
        f"caution.{rule}"
        for rule in rules
        if any(
            IN_FORCE.effects[rule, one.code].how != "block_only_if"
            and IN_FORCE.effects[rule, one.code].how != "block"
            for one in IN_FORCE.modalities
            if (rule, one.code) in IN_FORCE.effects
        )
    ]
    keys += [f"question.{topic.name}" for topic in IN_FORCE.topics]
    assert [key for key in sorted(keys) if key not in SENTENCES] == []


def test_a_wording_that_was_stored_says_the_same():
    again = Sentences.from_canonical(SENTENCES.canonical())
    assert again.sha256 == SENTENCES.sha256
    assert again.text("when.routine") == SENTENCES.text("when.routine")


def test_the_digest_of_the_guidance_does_not_cover_the_wording():
    assert not [name for name in GUIDANCE.other if name.startswith("sentences")]
    assert not [rule.file for rule in GUIDANCE.rules.values() if rule.file.startswith("sentences")]
