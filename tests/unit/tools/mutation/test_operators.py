"""Small changes of a source file."""

import pytest
from tools.mutation.operators import mutants


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < 1", ["(a <= 1)", "2"]),
        ("a and b(c)", ["a", "b(c)"]),
        ("not a", ["a"]),
        ("True", ["False"]),
        ("a if b else c", ["a", "c"]),
        ("q.where(a, b)", ["q.where(b)", "q.where(a)", "q"]),
        ("x: Literal[1] = y", []),
        ("f'{a + 1}'", []),
        ("'text'", []),
    ],
)
def test_each_expression_is_changed_in_small_ways(source, expected):
    assert [mutant.after for mutant in mutants(source)] == expected


def test_a_mutant_is_the_file_with_one_piece_replaced():
    source = "é = 'ü'\nif a is None:\n    b = 1\n"
    changed = [mutant.applied(source.encode()).decode() for mutant in mutants(source)]
    assert changed == [
        "é = 'ü'\nif (a is not None):\n    b = 1\n",
        "é = 'ü'\nif a is None:\n    b = 2\n",
    ]
    assert str(next(mutants(source))) == "a is None -> (a is not None) in: if a is None:"
