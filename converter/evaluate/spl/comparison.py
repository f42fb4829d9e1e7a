"""Comparisons of `eval` and `where`: three-valued, with case, numeric where both sides are numbers.

Source: Splunk Search Reference, "where" and "eval" (the expression is case-sensitive).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from converter.evaluate.spl.expression import Evaluate, Expression
from converter.evaluate.spl.rows import Run
from converter.evaluate.spl.values import Value, number, text
from converter.source import NotSupportedError, Position, QuerySyntaxError

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def comparison(left: Expression, sign: str, right: Expression, position: Position) -> Evaluate:
    """`left sign right`. Raises QuerySyntaxError for a condition compared with a value."""
    _check_kinds(left, right, position)
    compare = comparer(sign, position)
    first, second = left.evaluate, right.evaluate
    if _is_text(right.constant) and sign in ("=", "=="):
        return _equals_text(first, right.constant, position)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        return compare(first(fields, run), second(fields, run))

    return evaluate


def _equals_text(first: Evaluate, wanted: str, position: Position) -> Evaluate:
    compare = comparer("=", position)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = first(fields, run)
        return value == wanted if value.__class__ is str else compare(value, wanted)

    return evaluate


def comparer(sign: str, position: Position) -> Callable[[Value, Value], bool | None]:
    """A comparison of two values, null where one is."""
    compare = _OPERATORS[sign]

    def holds(left: Value, right: Value) -> bool | None:
        if left is None or right is None:
            return None
        if isinstance(left, list) or isinstance(right, list):
            what = f"{sign} on a field with several values, which is not documented"
            raise NotSupportedError(what, position, code="spl-multivalue")
        if isinstance(left, bool) or isinstance(right, bool):
            return compare(left, right)
        first, second = number(left), number(right)
        if first is None or second is None:
            return compare(text(left), text(right))
        if isinstance(left, str) and isinstance(right, str) and (first == second) != (left == right):
            what = f"{sign} of two texts that differ but are the same number: {left!r}, {right!r}"
            raise NotSupportedError(what, position, code="spl-numeric-text")
        return compare(first, second)

    return holds


def membership(
    item: Expression, choices: Sequence[Expression], negated: bool, position: Position
) -> Evaluate:
    """`item IN (choices)`: null where the item is; true if it equals one of them."""
    for choice in choices:
        _check_kinds(item, choice, position)
    equals = comparer("=", position)
    texts = frozenset(choice.constant for choice in choices if _is_text(choice.constant))
    every = [choice.evaluate for choice in choices]
    others = [choice.evaluate for choice in choices if not _is_text(choice.constant)]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = item.evaluate(fields, run)
        if value is None:
            return None
        is_text = value.__class__ is str
        verdicts = [equals(value, choice(fields, run)) for choice in (others if is_text else every)]
        if (is_text and value in texts) or True in verdicts:
            return not negated
        return None if None in verdicts else negated

    return evaluate


def _is_text(constant: Value) -> bool:
    """Whether a text equals it only where it is the same text: it reads as no number."""
    return isinstance(constant, str) and number(constant) is None


def _check_kinds(left: Expression, right: Expression, position: Position) -> None:
    if left.boolean != right.boolean and not left.null and not right.null:
        raise QuerySyntaxError("a condition compared with a value", position)


def conjunction(items: Sequence[Evaluate]) -> Evaluate:
    """AND: false if one is false, else null if one is null."""
    if len(items) == 2:
        first, second = items

        def evaluate_two(fields: Mapping[str, Any], run: Run) -> Value:
            left = first(fields, run)
            if left is False:
                return False
            right = second(fields, run)
            return right if left is True or right is False else None

        return evaluate_two

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        result: bool | None = True
        for item in items:
            value = item(fields, run)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return evaluate


def disjunction(items: Sequence[Evaluate]) -> Evaluate:
    """OR: true if one is true, else null if one is null."""

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        result: bool | None = False
        for item in items:
            value = item(fields, run)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return evaluate


def exclusive(items: Sequence[Evaluate]) -> Evaluate:
    """XOR: null if one is null."""

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        values = [item(fields, run) for item in items]
        return None if None in values else sum(values) % 2 == 1

    return evaluate


def negation(item: Evaluate) -> Evaluate:
    """NOT: null stays null."""

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = item(fields, run)
        return None if value is None else not value

    return evaluate
