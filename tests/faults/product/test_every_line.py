"""That fault tests reach every line at which a process can be made to die."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from tests.system.product import ROOT

LEAST = 30
"""Fewer than so many would mean that this file looks for them in the wrong way."""


def test_every_line_at_which_a_process_can_be_made_to_die_has_a_test_that_reaches_it() -> None:
    compiled = {
        name
        for path in (ROOT / "services").rglob("*.py")
        for name in _named_in_calls(ast.parse(path.read_text()), ("crash_point", "mark_sent"))
        if re.fullmatch(r"[a-z]+\.[a-z_]+", name)
    }
    reached = {
        name
        for path in Path(__file__).parent.glob("test_*.py")
        for name in _armed_in(ast.parse(path.read_text()))
    }

    assert len(compiled) > LEAST
    assert sorted(compiled - reached) == []


def _armed_in(tree: ast.Module) -> set[str]:
    """What tests arm by name, or take from a list: `armed` itself fails if it is not reached."""
    lists = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    tests = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return {
        name for test in tests if "armed" in ast.unparse(test) for name in _strings(test, lists)
    }


def _strings(node: ast.AST, lists: Mapping[str, ast.AST]) -> set[str]:
    """The strings in a piece of program, and in the lists that it names."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
        elif isinstance(part, ast.Name) and part.id in lists:
            found |= _strings(lists[part.id], lists)
    return found


def _named_in_calls(tree: ast.AST, functions: tuple[str, ...]) -> set[str]:
    return {
        name
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in functions
        for argument in call.args
        for name in _strings(argument, {})
    }
