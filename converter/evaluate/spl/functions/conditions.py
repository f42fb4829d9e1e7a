"""Functions that choose or test. Source: Splunk Search Reference, "Comparison and Conditional functions"
and "Informational functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from converter.evaluate.spl.comparison import comparer, membership
from converter.evaluate.spl.expression import Builder, Call, Evaluate, Function, all_values, scalar, single
from converter.evaluate.spl.patterns import like_test
from converter.evaluate.spl.rows import Run
from converter.evaluate.spl.values import Value, address, network, number, text
from converter.regex import compile_regex
from converter.source import QuerySyntaxError, SourceError


def _kind(call: Call, numbers: range) -> bool:
    """Whether the arguments are conditions. Raises QuerySyntaxError where some are and some are not."""
    kinds = {call.arguments[number].boolean for number in numbers if not call.arguments[number].null}
    if len(kinds) > 1:
        raise QuerySyntaxError(f"{call.name}() gives conditions and values", call.position)
    return kinds == {True}


def _if(call: Call) -> tuple[Evaluate, bool]:
    condition = call.boolean(0)
    kind = _kind(call, range(1, 3))
    yes, no = (argument.evaluate for argument in call.arguments[1:])
    return lambda fields, run: yes(fields, run) if condition(fields, run) is True else no(fields, run), kind


def _case(call: Call) -> tuple[Evaluate, bool]:
    """The value behind the first condition that is true."""
    if len(call.arguments) % 2:
        raise QuerySyntaxError("case() needs pairs of a condition and a value", call.position)
    kind = _kind(call, range(1, len(call.arguments), 2))
    pairs = [
        (call.boolean(number), call.arguments[number + 1].evaluate)
        for number in range(0, len(call.arguments), 2)
    ]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        for condition, value in pairs:
            if condition(fields, run) is True:
                return value(fields, run)
        return None

    return evaluate, kind


def _validate(call: Call) -> tuple[Evaluate, bool]:
    """The value behind the first condition that is false."""
    if len(call.arguments) % 2:
        raise QuerySyntaxError("validate() needs pairs of a condition and a value", call.position)
    pairs = [(call.boolean(number), call.value(number + 1)) for number in range(0, len(call.arguments), 2)]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        for condition, value in pairs:
            if condition(fields, run) is False:
                return value(fields, run)
        return None

    return evaluate, False


def _coalesce(call: Call) -> tuple[Evaluate, bool]:
    kind = _kind(call, range(len(call.arguments)))
    items = [argument.evaluate for argument in call.arguments]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        for item in items:
            value = item(fields, run)
            if value is not None:
                return value
        return None

    return evaluate, kind


def _constant(value: Value) -> Builder:
    return lambda call: ((lambda fields, run: value), isinstance(value, bool))


def _is_null(null: bool) -> Builder:
    def build(call: Call) -> tuple[Evaluate, bool]:
        item = call.arguments[0].evaluate
        return lambda fields, run: (item(fields, run) is None) is null, True

    return build


def _null_if(call: Call) -> tuple[Evaluate, bool]:
    first, second = all_values(call)
    equals = comparer("=", call.position)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = first(fields, run)
        return None if equals(value, second(fields, run)) is True else value

    return evaluate, False


def _in(call: Call) -> tuple[Evaluate, bool]:
    item, *choices = call.arguments
    return membership(item, choices, False, call.position), True


def _like(call: Call) -> tuple[Evaluate, bool]:
    pattern = call.constant_text(1)
    if pattern is not None:
        test = like_test(pattern)
        return _text_test(call, test), True
    return scalar(lambda value, pattern: like_test(text(pattern))(text(value)), boolean=True)(call)


def _match(call: Call) -> tuple[Evaluate, bool]:
    """A PCRE anywhere in the text."""
    pattern = call.constant_text(1)
    if pattern is None:
        return scalar(lambda value, regex: compile_regex(text(regex), "pcre").search(text(value)), True)(call)
    try:
        search = compile_regex(pattern, "pcre").search
    except SourceError as error:
        error.position = call.arguments[1].position
        raise
    return _text_test(call, search), True


def _text_test(call: Call, test: Callable[[str], bool]) -> Evaluate:
    item = call.value(0)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = item(fields, run)
        if value.__class__ is str:
            return test(value)
        return None if value is None else test(text(single(value, call)))

    return evaluate


def _cidr_match(call: Call) -> tuple[Evaluate, bool]:
    constant = call.constant_text(0)
    if constant is not None and network(constant) is None:
        raise QuerySyntaxError(f"not a subnet: {constant}", call.arguments[0].position)

    def match(subnet: Value, value: Value) -> bool:
        inside, found = network(text(subnet)), address(text(value))
        return (
            inside is not None and found is not None and found.version == inside.version and found in inside
        )

    return scalar(match, boolean=True)(call)


def _is_kind(test: Callable[[Value], bool]) -> Builder:
    """A test of a value's kind: false on null."""

    def build(call: Call) -> tuple[Evaluate, bool]:
        item = call.arguments[0].evaluate
        return lambda fields, run: test(single(item(fields, run), call)), True

    return build


def _is_integer(value: Value) -> bool:
    found = number(value)
    return found is not None and float(found).is_integer()


def _type_of(call: Call) -> tuple[Evaluate, bool]:
    item = call.arguments[0]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        value = item.evaluate(fields, run)
        if value is None:
            return "Null" if item.null else "Invalid"
        if isinstance(value, bool):
            return "Boolean"
        if isinstance(value, list):
            return "Multivalue"
        return "String" if number(value) is None or isinstance(item.constant, str) else "Number"

    return evaluate, False


CONDITIONS: dict[str, Function] = {
    "if": Function(3, 3, _if),
    "case": Function(2, None, _case),
    "validate": Function(2, None, _validate),
    "coalesce": Function(1, None, _coalesce),
    "null": Function(0, 0, _constant(None)),
    "true": Function(0, 0, _constant(True)),
    "false": Function(0, 0, _constant(False)),
    "isnull": Function(1, 1, _is_null(True)),
    "isnotnull": Function(1, 1, _is_null(False)),
    "nullif": Function(2, 2, _null_if),
    "in": Function(2, None, _in),
    "like": Function(2, 2, _like),
    "match": Function(2, 2, _match),
    "cidrmatch": Function(2, 2, _cidr_match),
    "isnum": Function(1, 1, _is_kind(lambda value: number(value) is not None)),
    "isint": Function(1, 1, _is_kind(_is_integer)),
    "isstr": Function(1, 1, _is_kind(lambda value: isinstance(value, str) and number(value) is None)),
    "isbool": Function(1, 1, _is_kind(lambda value: isinstance(value, bool))),
    "typeof": Function(1, 1, _type_of),
}
