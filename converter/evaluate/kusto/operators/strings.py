"""`has`, `contains`, `startswith` and their like, `=~`, `matches regex`, `has_any`, `has_all`.

Source: "String operators" in the KQL reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from converter.evaluate.kusto import text, values
from converter.evaluate.kusto.expression import Evaluate, Expression, Row, convert
from converter.evaluate.kusto.operators.result import result
from converter.evaluate.kusto.types import NUMBERS, Type
from converter.regex import Matcher, compile_regex, search_any
from converter.source import Position, QuerySyntaxError, SourceError

Candidates = Callable[[Row], Sequence[Any]]
"""What stands right of an operator on lists, for a row."""


def _as_text(operand: Expression, operator: str, position: Position) -> Expression:
    if operand.type in (Type.STRING, Type.DYNAMIC, Type.UNKNOWN):
        return convert(operand, Type.STRING)
    raise QuerySyntaxError(f"operator {operator} does not take {operand.type.value}", position)


def _text_parts(operator: str) -> tuple[bool, bool, str]:
    """Whether the operator is negated, whether case matters, and its bare name."""
    negated = operator.startswith("!")
    name = operator.removeprefix("!")
    return negated, name.endswith("_cs"), name.removesuffix("_cs")


def string_operator(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """`has`, `contains`, `startswith`, ... with `!` and `_cs`, and `=~`, `!~`."""
    left = _as_text(left, operator, position)
    right = convert(right, Type.STRING) if right.type in NUMBERS else _as_text(right, operator, position)
    test: text.TextTest
    if operator in ("=~", "!~"):
        negated, cased, test = operator == "!~", False, _equal_text
    else:
        negated, cased, name = _text_parts(operator)
        test = text.TESTS[name]
    first, second, fold = left.evaluate, right.evaluate, text.fold
    wanted = not negated
    if right.constant:
        needle = right.value if cased else fold(right.value)
        evaluate = _constant_needle(test, needle, first, cased, wanted)
    elif cased:
        evaluate = lambda row: test(first(row), second(row)) is wanted  # noqa: E731
    else:
        evaluate = lambda row: test(fold(first(row)), fold(second(row))) is wanted  # noqa: E731
    return result(Type.BOOL, evaluate, left, right)


OneOf = Callable[[tuple[str, ...]], Callable[[str], bool]]
_FOLDED: dict[str, OneOf] = {
    "=~": lambda needles: frozenset(needles).__contains__,
    "contains": lambda needles: lambda subject: any(map(subject.__contains__, needles)),
    "startswith": lambda needles: lambda subject: subject.startswith(needles),
    "endswith": lambda needles: lambda subject: subject.endswith(needles),
}
_AS_IT_IS: dict[str, OneOf] = {
    "==": _FOLDED["=~"],
    "matches regex": lambda needles: search_any([compile_regex(one, "re2") for one in needles]),
    **{f"{name}_cs": _FOLDED[name] for name in ("contains", "startswith", "endswith")},
}
ONE_OF = _FOLDED.keys() | _AS_IT_IS.keys()
"""The operators by which a text is compared with several constant ones at once."""


def is_one_of(operator: str, left: Expression, needles: Sequence[str]) -> Expression:
    """Whether the operator holds of a text and one of these."""
    subject, fold = left.evaluate, text.fold
    if operator in _AS_IT_IS:
        holds = _AS_IT_IS[operator](tuple(needles))
        return result(Type.BOOL, lambda row: holds(subject(row)), left)
    holds = _FOLDED[operator](tuple(map(fold, needles)))
    return result(Type.BOOL, lambda row: holds(fold(subject(row))), left)


def _equal_text(one: str, other: str) -> bool:
    return one == other


def _constant_needle(
    test: text.TextTest, needle: str, subject: Evaluate, cased: bool, wanted: bool
) -> Evaluate:
    fold = text.fold
    if cased:
        return lambda row: test(subject(row), needle) is wanted
    return lambda row: test(fold(subject(row)), needle) is wanted


def _compiled(pattern: str, position: Position) -> Matcher:
    """The pattern compiled; an error in it is reported at the place of the operator."""
    try:
        return compile_regex(pattern, "re2")
    except SourceError as error:
        error.position = position
        raise


def matches_regex(left: Expression, right: Expression, position: Position) -> Expression:
    """`matches regex`: unanchored, case-sensitive, RE2. A constant pattern is compiled once."""
    left = _as_text(left, "matches regex", position)
    right = _as_text(right, "matches regex", position)
    first, second = left.evaluate, right.evaluate
    if right.constant:
        search = _compiled(right.value, position).search
        return result(Type.BOOL, lambda row: search(first(row)), left, right)
    compiled: dict[str, Matcher] = {}

    def evaluate(row: Row) -> bool:
        pattern = second(row)
        if pattern not in compiled:
            compiled[pattern] = _compiled(pattern, position)
        return compiled[pattern].search(first(row))

    return result(Type.BOOL, evaluate, left, right)


def has_some(operator: str, operand: Expression, candidates: Candidates, at: Position) -> Expression:
    """`has_any`, `has_all`: terms, case ignored."""
    subject = _as_text(operand, operator, at).evaluate
    quantifier = any if operator == "has_any" else all

    def evaluate(row: Row) -> bool:
        folded_text = text.fold(subject(row))
        return quantifier(text.has(folded_text, text.fold(values.to_text(item))) for item in candidates(row))

    return Expression(Type.BOOL, evaluate)
