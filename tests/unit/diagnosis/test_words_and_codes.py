"""Rule ids stand in knowledge alone, and what decides holds no sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[3] / "services" / "diagnosis"
RULE_ID = re.compile(r"\b(RF|BC|DD|NE|TX|CI|FU|RFS)-\d")
LONGEST, MOST_SPACES = 25, 3


def modules(folder: str = "") -> list[Path]:
    return sorted((SERVICE / folder).rglob("*.py"))


def literals(path: Path) -> Iterator[str]:
    """Every string of a module that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from [] if id(node) in docstrings else [node.value]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.name)
def test_no_rule_id_is_quoted_in_python(path: Path) -> None:
    assert not RULE_ID.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", ["judge", "write"])
def test_no_sentence_is_in_python(folder: str) -> None:
    found = [
        (path.name, text)
        for path in modules(folder)
        for text in literals(path)
        if len(text) > LONGEST and text.count(" ") >= MOST_SPACES
    ]
    assert found == []
