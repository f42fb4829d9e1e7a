"""Compiled expressions, and the tables of functions that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from converter.evaluate.remembered import MOST_ANSWERS, pays, reading_of
from converter.evaluate.result import Alike, Kind
from converter.evaluate.spl.rows import Fields, Run
from converter.evaluate.spl.values import Value, getter_names
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

Evaluate: TypeAlias = Callable[[Mapping[str, Any], Run], Value]


BEYOND = ""
"""Stands among an expression's fields where it reads more than these: the run's time, the whole event."""


@dataclass(frozen=True)
class Expression:
    """An expression: its value for a row, what is known of its kind, and the fields it reads."""

    evaluate: Evaluate
    position: Position
    boolean: bool = False
    null: bool = False
    constant: Value = None
    fields: frozenset[str] = frozenset()
    number_literal: bool = False


@dataclass(frozen=True)
class Call:
    """A function's name, place and arguments, as a builder gets them."""

    name: str
    arguments: tuple[Expression, ...]
    position: Position

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the arguments read."""
        return frozenset[str]().union(*(argument.fields for argument in self.arguments))

    def refuse(self, what: str) -> NotSupportedError:
        """The error for a use of the function that is not supported."""
        return NotSupportedError(f"{self.name}() {what}", self.position, code="spl-function")

    def boolean(self, number: int) -> Evaluate:
        """The argument as a condition. Raises QuerySyntaxError where it is a value."""
        argument = self.arguments[number]
        if not argument.boolean and not argument.null:
            raise QuerySyntaxError(f"{self.name}() needs a condition here", argument.position)
        return argument.evaluate

    def value(self, number: int) -> Evaluate:
        """The argument as a value. Raises QuerySyntaxError where it is a condition."""
        argument = self.arguments[number]
        if argument.boolean:
            raise QuerySyntaxError(f"{self.name}() needs a value here, not a condition", argument.position)
        return argument.evaluate

    def constant_text(self, number: int) -> str | None:
        """The text of a string argument; None where it is computed."""
        constant = self.arguments[number].constant
        return constant if isinstance(constant, str) else None


def remembered(expression: Expression, parts: int, beside: frozenset[str] = frozenset()) -> Evaluate:
    """The evaluation of an expression of so many parts: once for all rows with the same values in its fields,
    where that costs less. `beside`: the fields of what it is a part of, which is remembered itself."""
    fields, evaluate = expression.fields, expression.evaluate
    if fields == beside or BEYOND in fields or not pays(parts, len(fields)):
        return evaluate
    read = reading_of(fields)
    kept: dict[Hashable, Value] = {}

    def evaluate_once(fields: Mapping[str, Any], run: Run) -> Value:
        key = read(fields)
        if key not in kept:
            if len(kept) >= MOST_ANSWERS:
                kept.clear()
            kept[key] = evaluate(fields, run)
        return kept[key]

    return evaluate_once


def of_kinds(fields: frozenset[str], evaluate: Evaluate) -> Evaluate:
    """The evaluation of an expression over these fields, once for all rows of a kind, unless it reads what is
    each row's own."""
    if BEYOND in fields:
        return evaluate
    kept: dict[Kind, Value] = {}
    reads = read_as(fields)

    def evaluate_once(fields: Mapping[str, Any], run: Run) -> Value:
        if fields.__class__ is not Alike:
            return evaluate(fields, run)
        kind: Kind = fields.kind
        if kind not in kept:
            if not kind.own.isdisjoint(reads):
                return evaluate(fields, run)
            if len(kept) >= MOST_ANSWERS:
                kept.clear()
            kept[kind] = evaluate(fields, run)
        return kept[kind]

    return evaluate_once


def assigning(assignments: Sequence[tuple[str, Expression]]) -> Callable[[Fields], Fields]:
    """What copies a row's fields, to be given these: rows of a kind are of a kind then, too."""
    kinds: dict[Kind, Kind] = {}
    reads = [(name, expression.fields, read_as(expression.fields)) for name, expression in assignments]

    @cache
    def own_after(own: frozenset[str]) -> frozenset[str]:
        for name, fields, keys in reads:
            if BEYOND in fields or not own.isdisjoint(keys):
                own |= {name}
        return own

    def copied(fields: Fields) -> Fields:
        if fields.__class__ is not Alike:
            return dict(fields)
        before: Kind = fields.kind
        kind = kinds.get(before)
        if kind is None:
            if len(kinds) >= MOST_ANSWERS:
                kinds.clear()
            kind = kinds[before] = Kind(own_after(before.own))
        copy = Alike(fields)
        copy.kind = kind
        return copy

    return copied


def read_as(fields: Iterable[str]) -> frozenset[str]:
    """The names under which an expression over these fields looks."""
    return frozenset(key for name in fields for key in getter_names(name))


Builder: TypeAlias = Callable[[Call], tuple[Evaluate, bool]]
"""Gives the evaluation and whether its result is a condition."""


@dataclass(frozen=True)
class Function:
    """A function: how many arguments it takes (None: any number more), and how it is built."""

    least: int
    most: int | None
    build: Builder


def single(value: Value, call: Call) -> Value:
    """A value that must not be several. Raises NotSupportedError for a multivalue."""
    if isinstance(value, list):
        raise call.refuse("of a field with several values, which is not documented")
    return value


def scalar(function: Callable[..., Value], boolean: bool = False) -> Builder:
    """A function of single values that is null where one of them is."""

    def build(call: Call) -> tuple[Evaluate, bool]:
        arguments = [call.value(number) for number in range(len(call.arguments))]

        def calculate(*values: Value) -> Value:
            try:
                return function(*values)
            except ArithmeticError:  # a number that no result can hold
                return None
            except SourceError as error:
                error.position = error.position or call.position
                raise

        if len(arguments) == 1:
            only = arguments[0]

            def evaluate_one(fields: Mapping[str, Any], run: Run) -> Value:
                value = only(fields, run)
                return None if value is None else calculate(single(value, call))

            return evaluate_one, boolean

        def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
            values: list[Any] = []
            for argument in arguments:
                value = argument(fields, run)
                if value is None:
                    return None
                values.append(single(value, call))
            return calculate(*values)

        return evaluate, boolean

    return build


def all_values(call: Call) -> Sequence[Evaluate]:
    """Every argument as a value."""
    return [call.value(number) for number in range(len(call.arguments))]
