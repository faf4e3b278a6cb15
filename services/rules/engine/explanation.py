"""Shows as a tree why a verdict came out as it did."""

from collections.abc import Iterable
from typing import Any

from rules.engine.interpreter import Interpreter, Scope
from rules.engine.kleene import VERDICT
from rules.language.nodes import (
    Compare,
    Count,
    Fall,
    Join,
    Leaf,
    Node,
    Not,
    Quantifier,
    Ref,
    Use,
)

Tree = dict[str, Any]


class Explainer:
    """Renders conditions about one subject as JSON trees; ``verdict`` null is unknown."""

    def __init__(self, interpreter: Interpreter, *, grounds: bool = False) -> None:
        """Explain what this interpreter judges; for ``grounds``, only what is true in full."""
        self._judge = interpreter
        self._grounds = grounds
        self._vocabulary = interpreter.vocabulary

    def unit(self, key: tuple[str, str], position: int | None = None) -> Tree:
        """Explain a rule or definition, for the whole subject or for one element."""
        over, condition = self._judge.units[key]
        if over is None:
            return self.node(condition, ())
        elements = self._judge.elements(over)
        if position is not None:
            return self.node(condition, ((position, elements[position]),))
        scopes: list[Scope] = [((index, element),) for index, element in enumerate(elements)]
        return self._over("any_of", over, self._judge.unit(key), self._elements(condition, scopes))

    def node(self, node: Node, scope: Scope) -> Tree:
        """Explain one condition."""
        verdict = VERDICT[self._judge.code(node, scope)]
        if self._grounds and verdict is not True:
            return {"op": "", "verdict": verdict}
        if isinstance(node, Leaf):
            return {
                "op": node.comparison,
                "verdict": verdict,
                **self._operand(node.operand, scope),
                "expected": _json(node.expected),
            }
        if isinstance(node, Compare):
            return {
                "op": node.comparison,
                "verdict": verdict,
                "compare": self._pair((node.left, node.right), scope),
            }
        if isinstance(node, Use):
            return {
                "op": node.kind,
                "verdict": verdict,
                "id": node.id,
                **self._definition(node, scope),
            }
        if isinstance(node, Quantifier):
            tree = self._over(
                node.kind, node.list, self._judge.code(node, scope), self._visited(node, scope)
            )
            return tree | ({node.comparison: node.number} if node.kind == "count_of" else {})
        return {
            "op": _name(node),
            "verdict": verdict,
            **_number(node),
            "children": self._children(node, scope),
        }

    def _children(self, node: Join | Not | Count, scope: Scope) -> list[Tree]:
        inside = (node.negated,) if isinstance(node, Not) else node.children
        return [self.node(part, scope) for part in inside]

    def _definition(self, node: Use, scope: Scope) -> Tree:
        """Open a definition; a rule has an explanation of its own."""
        if node.kind != "defined":
            return {}
        return {
            "children": [self.unit(node.unit, scope[node.level - 1][0] if node.level else None)]
        }

    def _over(self, op: str, name: str, code: int, children: list[Tree]) -> Tree:
        label = self._vocabulary.list(name).label
        tree: Tree = {
            "op": op,
            "verdict": VERDICT[code],
            "list": name,
            "label": label,
            "children": children,
        }
        return tree | ({"incomplete": True} if self._judge.incomplete(name) else {})

    def _visited(self, node: Quantifier, scope: Scope) -> list[Tree]:
        inner = [
            visited
            for visited in self._judge.inner(node, scope)
            if self._judge.matched(node, visited)
        ]
        return self._elements(node.where, inner)

    def _elements(self, condition: Node, scopes: Iterable[Scope]) -> list[Tree]:
        trees = []
        for scope in scopes:
            position, element = scope[-1]
            trees.append({"element": element.get("id", position), **self.node(condition, scope)})
        return trees

    def _operand(self, operand: Ref | Fall, scope: Scope) -> Tree:
        if isinstance(operand, Fall):
            value = self._judge.value(operand, scope)
            return {
                operand.kind: self._pair((operand.before, operand.after), scope),
                "value": value,
            }
        value = self._value(operand, scope)
        return {("item" if operand.level else "fact"): operand.full_name, **value}

    def _pair(self, pair: Iterable[Ref], scope: Scope) -> list[Tree]:
        return [self._operand(ref, scope) for ref in pair]

    def _value(self, ref: Ref, scope: Scope) -> Tree:
        value = self._judge.value(ref, scope)
        if ref.name in self._vocabulary.lists and not ref.level:
            return {
                "label": self._vocabulary.list(ref.name).label,
                "value": None if value is None else len(value),
            }
        fact = self._vocabulary.fact(ref.full_name)
        return {"label": fact.label, "value": value, **({"unit": fact.unit} if fact.unit else {})}


def _name(node: Join | Not | Count) -> str:
    if isinstance(node, Join):
        return node.kind
    return "not" if isinstance(node, Not) else "count"


def _number(node: Join | Not | Count) -> Tree:
    return {node.comparison: node.number} if isinstance(node, Count) else {}


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
