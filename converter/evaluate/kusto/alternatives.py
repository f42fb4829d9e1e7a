"""An `or` that asks by one operator whether a text is one of several, as lists are written: the text is read
once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Expression
from converter.evaluate.kusto.operators.strings import ONE_OF, is_one_of
from converter.evaluate.kusto.reads import Reads
from converter.evaluate.kusto.types import Type

Part = tuple[Expression, Reads | None]
"""An operand, bound, and what it reads."""


def alternatives(
    nodes: Sequence[ast.Node], parts: Sequence[Part], bind: Callable[[ast.Node], Expression]
) -> Iterator[Part]:
    """The operands of an `or`, those that ask the same of one text as one operand."""
    places: dict[Hashable, list[int]] = {}
    for place, node in enumerate(nodes):
        places.setdefault(_asked(node) or place, []).append(place)
    for group in places.values():
        asked = [node for place in group if isinstance(node := nodes[place], ast.Binary)]
        text = bind(asked[0].left) if len(group) > 1 else None
        if text is None or text.type is not Type.STRING:
            yield from (parts[place] for place in group)
            continue
        reads = parts[group[0]][1]
        whole = is_one_of(asked[0].operator, text, [bind(node.right).value for node in asked])
        yield whole, reads and reads._replace(parts=reads.parts * len(group))


def _asked(node: ast.Node) -> Hashable:
    """The operator and the text that it compares with a constant one; None for what is something else."""
    match node:
        case ast.Binary(operator=operator, left=left, right=ast.Literal(type=Type.STRING)):
            text = _text(left)
            return (operator, text) if text is not None and operator in ONE_OF else None
    return None


def _text(node: ast.Node) -> Hashable:
    """What tells a column, or a property as a text, from others; None for anything else."""
    match node:
        case ast.Name(name=name):
            return name
        case ast.Member(base=base, key=key):
            inner = _text(base)
            return None if inner is None else (inner, key)
        case ast.Call(function="tostring", arguments=(argument,)):
            inner = _text(argument)
            return None if inner is None else ("tostring", inner, "")
    return None
