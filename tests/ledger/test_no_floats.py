"""The money path computes on integers alone."""

import ast
from pathlib import Path

import pytest

import howmuch.ledger

SOURCES = sorted(Path(howmuch.ledger.__file__).parent.glob("*.py"))
INEXACT = {"float", "complex", "round", "Decimal", "decimal", "Fraction", "numpy"}


def is_inexact(node: ast.AST) -> bool:
    """Whether the node is a float, or an operation or name that can make one."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, float | complex)
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            return isinstance(op, ast.Div)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name in INEXACT
    return False


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_l02_no_float_in_the_ledger(source: Path) -> None:
    """No module of the ledger has a float literal, a true division, or an inexact type."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    assert [ast.unparse(node) for node in ast.walk(tree) if is_inexact(node)] == []


@pytest.mark.parametrize("code", ["x = 1.0", "x = a / b", "a /= 2", "float(a)", "import decimal"])
def test_l02_the_check_itself(code: str) -> None:
    """The test above would see each of these."""
    assert any(is_inexact(node) for node in ast.walk(ast.parse(code)))
