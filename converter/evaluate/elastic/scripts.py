"""Scripts: EQL's three-valued expressions over the values of an event.

A field with several values: the script holds if it is true for some choice of a value for each place where
a field stands, also where the same field stands twice (Elasticsearch's `multiValueDocValuesRewrite`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from converter.elastic.eql.folding import compare
from converter.elastic.eql.functions import FUNCTIONS, Result, calculate
from converter.elastic.eql.literals import wildcard_pattern
from converter.evaluate.elastic.fields import Getter, field_getter, values
from converter.evaluate.elastic.leaf_tests import regex_test
from converter.evaluate.elastic.typed import Typed, script_value, text_of
from converter.evaluate.elastic.wildcards import pattern_test
from converter.ir import Script
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.source import NotSupportedError, Position

Expression: TypeAlias = Callable[[Sequence[Result]], Result]


def script_test(script: Script, field_type: Callable[[str], str]) -> Callable[[Mapping[str, Any]], bool]:
    """A test whether the script is true of an event. Raises NotSupportedError for ES|QL's functions."""
    names: list[str] = []
    expression = _compile(script.expression, names)
    readers: tuple[tuple[Getter, Typed], ...] = tuple(
        (field_getter(name), script_value(field_type(name))) for name in names
    )

    def holds(event: Mapping[str, Any]) -> bool:
        choices = [_choices(get(event), typed) for get, typed in readers]
        return any(expression(chosen) is True for chosen in product(*choices))

    return holds


def _choices(raw: Any, typed: Typed) -> tuple[Result, ...]:
    """The values a script may see; null alone where the field is missing."""
    found = tuple(value for item in values(raw) if (value := typed(item)) is not None)
    return found or (None,)


def _compile(value: Value, names: list[str]) -> Expression:
    """A function of the chosen values, one for each place of a field in `names`, which this adds to."""
    if isinstance(value, FieldValue):
        place = len(names)
        names.append(value.name)
        return lambda chosen: chosen[place]
    if isinstance(value, Literal_):
        constant = value.value
        return lambda chosen: constant
    if isinstance(value, Arithmetic):
        op, left, right = value.op, _compile(value.left, names), _compile(value.right, names)
        return lambda chosen: calculate(op, left(chosen), right(chosen))
    if isinstance(value, Comparison):
        return _comparison(value, names)
    if isinstance(value, IsNull):
        item = _compile(value.item, names)
        return lambda chosen: item(chosen) is None
    if isinstance(value, Logic):
        return _logic(value.op, [_compile(item, names) for item in value.items])
    assert isinstance(value, Call), "made by lowering, which no original has been through"
    return _call(value, names)


def _call(call: Call, names: list[str]) -> Expression:
    function = FUNCTIONS.get(call.function.lower()) if call.language == "eql" else None
    if function is None:
        raise NotSupportedError(f"function '{call.function}' in a script", call.pos, code="script-function")
    evaluate, ignore_case = function.evaluate, call.ignore_case
    arguments = tuple(_compile(argument, names) for argument in call.arguments)
    return lambda chosen: evaluate([argument(chosen) for argument in arguments], ignore_case)


def _comparison(value: Comparison, names: list[str]) -> Expression:
    left = _compile(value.left, names)
    op, ignore_case = value.op, value.ignore_case
    if op in ("like", "rlike"):
        if not isinstance(value.right, Literal_) or not isinstance(value.right.value, str):
            raise NotSupportedError("a pattern that is not a constant", value.pos, code="script-pattern")
        return _pattern(left, op, value.right.value, ignore_case, value.pos)
    right = _compile(value.right, names)
    return lambda chosen: compare(op, left(chosen), right(chosen), ignore_case)


def _pattern(left: Expression, op: str, pattern: str, ignore_case: bool, pos: Position | None) -> Expression:
    if op == "like":
        test = pattern_test(wildcard_pattern(pattern.lower() if ignore_case else pattern))
    else:
        test = regex_test(pattern, "lucene", ignore_case, pos)
    lower = ignore_case and op == "like"

    def evaluate(chosen: Sequence[Result]) -> Result:
        found = left(chosen)
        if found is None:
            return None
        text = text_of(found)
        return test(text.lower() if lower else text)

    return evaluate


def _logic(op: str, items: list[Expression]) -> Expression:
    """Kleene's and, or, not."""
    if op == "not":
        item = items[0]

        def negation(chosen: Sequence[Result]) -> Result:
            found = item(chosen)
            return not found if isinstance(found, bool) else None

        return negation
    decisive = op == "or"

    def logic(chosen: Sequence[Result]) -> Result:
        result: Result = not decisive
        for item in items:
            found = item(chosen)
            if found is decisive:
                return decisive
            if not isinstance(found, bool):
                result = None
        return result

    return logic
