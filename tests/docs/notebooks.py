"""Runs the cells of a notebook without Jupyter: what they print, and what their last line is worth."""

import ast
import io
from contextlib import redirect_stdout


def run_cell(source: str, names: dict[str, object]) -> tuple[str, str | None]:
    """Run one cell in `names`; return what it printed and the value of a last expression as Jupyter shows it."""
    tree = ast.parse(source)
    last: ast.Expr | None = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        del tree.body[-1]
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return printed.getvalue(), None if value is None else repr(value)
