"""The names that a tree of Python files defines, and the words they are made of."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> list[str]:
    """Split ``snake_case`` and ``CamelCase`` into lower-case words."""
    return [word.lower() for word in _WORD.findall(name)]


def defined(path: Path) -> Iterator[tuple[int, str]]:
    """Name the module, and each class, function, argument and variable, with its line.

    A test is a sentence, not a name; its words are its own.
    """
    yield 0, path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = _name(node)
        if name and not (isinstance(node, ast.FunctionDef) and name.startswith("test_")):
            yield getattr(node, "lineno", 0), name


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return (
        node.attr if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) else None
    )
