"""The small changes: each replaces one expression of a file, and leaves the rest as it is."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.BitAnd: "|", ast.BitOr: "&",
    ast.LShift: ">>", ast.RShift: "<<",
}  # fmt: skip
_FILTERS = {"where", "filter_by", "on_conflict_do_update"}


@dataclass(frozen=True)
class Mutant:
    """One change: the line, what stood there, what stands there instead, and the whole line."""

    line: int
    before: str
    after: str
    start: int
    end: int
    statement: str

    def applied(self, source: bytes) -> bytes:
        """Write the source with this change."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        """Show as one line; it names the mutant in the list of survivors."""
        change = f"{' '.join(self.before.split())} -> {' '.join(self.after.split())}"
        return f"{change} in: {self.statement}"


def mutants(source: str) -> Iterator[Mutant]:
    """Make every small change of a file."""
    lines, starts = source.splitlines(), [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or node.end_lineno is None or _inside_text(node, tree):
            continue
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + (node.end_col_offset or 0)
        before = source.encode()[start:end].decode()
        for after in _replacements(node):
            if after != before:
                spelled = f"({after})" if " " in after else after
                line = lines[node.lineno - 1].strip()
                yield Mutant(node.lineno, before, spelled, start, end, line)


def _inside_text(node: ast.expr, tree: ast.Module) -> bool:
    """Whether an expression is part of an annotation or of an f-string, which are left alone."""
    return node in _left_alone(tree)


def _left_alone(tree: ast.Module) -> set[ast.AST]:
    known = getattr(tree, "left_alone", None)
    if known is None:
        known = {
            part for node in ast.walk(tree) for root in _texts(node) for part in ast.walk(root)
        }
        tree.left_alone = known  # type: ignore[attr-defined]
    left_alone: set[ast.AST] = known
    return left_alone


def _texts(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield node
    if isinstance(node, ast.FunctionDef):
        yield from (one for one in (node.returns, *node.decorator_list) if one)
    annotation = getattr(node, "annotation", None)
    if annotation is not None:
        yield annotation


def _replacements(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        yield f"{left} {_COMPARISONS[type(node.ops[0])]} {right}"
    elif isinstance(node, ast.BoolOp):
        yield from (ast.unparse(value) for value in node.values)
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        sign = _ARITHMETIC[type(node.op)]
        yield f"({ast.unparse(node.left)}) {sign} ({ast.unparse(node.right)})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.IfExp):
        yield from (ast.unparse(node.body), ast.unparse(node.orelse))
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from _without_filters(node, node.func)


def _constants(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield str(not value)
    elif isinstance(value, int | float):
        yield str(value + 1)


def _without_filters(node: ast.Call, function: ast.Attribute) -> Iterator[str]:
    """Leave out one condition of a query after the other, or the whole filter."""
    if function.attr not in _FILTERS:
        return
    for at in range(len(node.args)) if len(node.args) > 1 else ():
        kept = [*node.args[:at], *node.args[at + 1 :]]
        yield ast.unparse(ast.Call(function, kept, node.keywords))
    yield ast.unparse(function.value)
