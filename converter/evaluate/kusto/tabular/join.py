"""`join` of all kinds, and `lookup`.

Source: "join operator" in the KQL reference. Nulls match nothing. Columns of the right side whose names are
taken get a number. Without `kind`, rows of the left side are first made unique by the key (the first stays).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder, renamed
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import Column, Evaluate, Expression, Row, convert, identity
from converter.evaluate.kusto.relation import Relation, Rows, bounded, fresh_name
from converter.evaluate.kusto.types import INTEGERS, Type
from converter.frozen import dataclass
from converter.source import NotSupportedError, QuerySyntaxError

MAX_PAIRS = 10_000_000
"""Pairs of rows with equal keys that one join looks at."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of join gives: pairs, rows of either side without a partner, or of one side only."""

    pairs: bool = False
    left_alone: bool = False
    right_alone: bool = False
    only: str = ""
    unique: bool = False


KINDS: dict[str, Kind] = {
    "innerunique": Kind(pairs=True, unique=True),
    "inner": Kind(pairs=True),
    "leftouter": Kind(pairs=True, left_alone=True),
    "rightouter": Kind(pairs=True, right_alone=True),
    "fullouter": Kind(pairs=True, left_alone=True, right_alone=True),
    "leftsemi": Kind(only="left"),
    "rightsemi": Kind(only="right"),
    "leftanti": Kind(left_alone=True, only="left"),
    "rightanti": Kind(right_alone=True, only="right"),
}
KINDS |= {"anti": KINDS["leftanti"], "leftantisemi": KINDS["leftanti"], "rightantisemi": KINDS["rightanti"]}


def join(environment: Environment, left: Relation, node: ast.Join) -> Relation:
    name = node.settings.get("kind", "leftouter" if node.lookup else "innerunique")
    kind = KINDS.get(name)
    if kind is None or (node.lookup and name not in ("leftouter", "inner")):
        raise QuerySyntaxError(f"unknown kind={name} of {'lookup' if node.lookup else 'join'}", node.position)
    right = environment.bind_table(node.right, environment)
    keys = [
        _key(environment, left, right, condition) for item in node.conditions for condition in _split(item)
    ]
    left_keys = [one.evaluate for one, _ in keys]
    right_keys = [other.evaluate for _, other in keys]
    if kind.only:
        return _semi(left, right, left_keys, right_keys, kind)
    dropped = {other.name for _, other in keys} if node.lookup else set()
    return _paired(left, right, left_keys, right_keys, kind, dropped, node)


def _split(node: ast.Node) -> list[ast.Node]:
    """The conditions between `and`."""
    if isinstance(node, ast.Logical) and node.operator == "and":
        return [condition for operand in node.operands for condition in _split(operand)]
    return _split(node.inner) if isinstance(node, ast.Parenthesis) else [node]


def _key(
    environment: Environment, left: Relation, right: Relation, node: ast.Node
) -> tuple[Expression, Expression]:
    """The expressions of one condition: a column of both, or `$left.a == $right.b`."""
    if isinstance(node, ast.Name):
        one = Binder(environment, left.scope).bind(node)
        other = Binder(environment, right.scope).bind(node)
        return _comparable(one, other, node)
    if isinstance(node, ast.Binary) and node.operator == "==":
        sides = {_side(operand): operand for operand in (node.left, node.right)}
        if set(sides) == {"$left", "$right"}:
            one = Binder(environment, replace(left.scope, records={"$left": left.scope})).bind(sides["$left"])
            other = Binder(environment, replace(right.scope, records={"$right": right.scope})).bind(
                sides["$right"]
            )
            return _comparable(one, other, node)
    raise QuerySyntaxError("a join condition is a column or $left.a == $right.b", node.position)


def _side(node: ast.Node) -> str:
    if isinstance(node, ast.Parenthesis):
        return _side(node.inner)
    if isinstance(node, ast.Member) and isinstance(node.base, ast.Name):
        return node.base.name
    return ""


def _comparable(one: Expression, other: Expression, node: ast.Node) -> tuple[Expression, Expression]:
    if one.type is Type.UNKNOWN:
        one = convert(one, other.type).named(one.name)
    elif other.type is Type.UNKNOWN:
        other = convert(other, one.type).named(other.name)
    integers = one.type in INTEGERS and other.type in INTEGERS
    if one.type is not other.type and not integers:
        raise QuerySyntaxError(f"join of {one.type.value} with {other.type.value}", node.position)
    return one, other


def _value(row: Row, keys: Sequence[Evaluate]) -> Any:
    """The key of a row to look up; None where a part of it is null."""
    found = []
    for key in keys:
        value = key(row)
        if value is None:
            return None
        found.append(identity(value))
    return tuple(found)


def _by_key(rows: Rows, keys: Sequence[Evaluate]) -> dict[Any, Rows]:
    index: dict[Any, Rows] = {}
    for row in rows:
        key = _value(row, keys)
        if key is not None:
            index.setdefault(key, []).append(row)
    return index


def _semi(
    left: Relation, right: Relation, left_keys: list[Evaluate], right_keys: list[Evaluate], kind: Kind
) -> Relation:
    """Rows of one side that have, or have not, a partner."""
    kept, kept_keys, other, other_keys = left, left_keys, right, right_keys
    if kind.only == "right":
        kept, kept_keys, other, other_keys = right, right_keys, left, left_keys
    alone = kind.left_alone or kind.right_alone
    rows, others = kept.rows, other.rows

    def selected() -> Rows:
        known = _by_key(others(), other_keys)
        return [row for row in rows() if (_value(row, kept_keys) in known) is not alone]

    return kept.with_rows(selected, serialized=False)


def beside(
    left: Relation, right: Relation, kind: Kind, dropped: Collection[str | None] = ()
) -> tuple[tuple[Column, ...], tuple[int, ...]]:
    """The columns of rows of both sides beside each other, but for those `dropped`, and their events."""
    taken = {column.name for column in left.columns}
    columns = [replace(column, optional=column.optional or kind.right_alone) for column in left.columns]
    for column in right.columns:
        if column.name not in dropped:
            moved = replace(column.moved(left.width), optional=column.optional or kind.left_alone)
            columns.append(renamed(moved, fresh_name(column.name, taken)))
    if not (left.provenance and right.provenance):
        return tuple(columns), ()
    return tuple(columns), (*left.provenance, *(slot + left.width for slot in right.provenance))


def _paired(
    left: Relation,
    right: Relation,
    left_keys: list[Evaluate],
    right_keys: list[Evaluate],
    kind: Kind,
    dropped: set[str | None],
    node: ast.Join,
) -> Relation:
    """Rows of both sides beside each other; a side without a partner is all None.

    Joins can be chained so that their rows grow exponentially: a predicate that follows is applied to each
    pair as it is made; over `MAX_PAIRS` pairs, or `MAX_ROWS` rows that are kept, are refused.
    """
    columns, provenance = beside(left, right, kind, dropped)
    no_left, no_right = (None,) * left.width, (None,) * right.width
    left_rows, right_rows = left.rows, right.rows

    def pairs() -> Iterator[Row]:
        index = _by_key(right_rows(), right_keys)
        used: set[Any] = set()
        looked_at = 0
        for row in left_rows():
            key = _value(row, left_keys)
            partners = index.get(key) if key is not None else None
            if partners is None:
                if kind.left_alone:
                    yield (*row, *no_right)
                continue
            if kind.unique and key in used:
                continue
            used.add(key)
            looked_at += len(partners)
            if looked_at > MAX_PAIRS:
                raise NotSupportedError(
                    f"join with over {MAX_PAIRS} pairs of equal keys", node.position, code="kql-rows"
                )
            for partner in partners:
                yield (*row, *partner)
        if kind.right_alone:
            for row in right_rows():
                key = _value(row, right_keys)
                if key is None or key not in used:
                    yield (*no_left, *row)

    def rows() -> Rows:
        return bounded(pairs(), "join", node.position)

    def filtered(test: Callable[[Row], Any]) -> Rows:
        return bounded((row for row in pairs() if test(row)), "join", node.position)

    return Relation(
        columns,
        left.width + right.width,
        rows,
        provenance,
        open=left.open or right.open,
        filtered=filtered,
    )
