"""The parser's callbacks: tokens and parts come in, values and at last the detection come out.

Conditions are read as values (ir.value), because EQL does not tell them apart: `null == (a > 1)` compares
a condition. `predicates` then says which of them are queries and which are scripts.
"""

from __future__ import annotations

import math
from typing import Any, Literal, cast

from converter.elastic.eql.functions import FUNCTIONS, PATTERN_FUNCTIONS
from converter.elastic.eql.keys import check_key_types
from converter.elastic.eql.literals import field_name, pipe, string_value, time_span
from converter.elastic.eql.predicates import PredicateBuilder
from converter.elastic.syntax import check_arguments
from converter.frozen import dataclass
from converter.ir import Detection, EventQuery, Key, Limited, Predicate, Sample, Sequence, Step
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Literal_, Logic, Value
from converter.kept.nodes import Token
from converter.source import NotSupportedError, Position, QuerySyntaxError

Parts = list[Any]
CompareOp = Literal["==", "!=", "<", "<=", ">", ">=", "like", "rlike"]

_MATCH_OPS: dict[str, CompareOp] = {":": "==", "like": "like", "regex": "rlike"}
_MAX_RUNS = 100
_GREATEST = 2**64 - 1
_DIGITS = len(str(_GREATEST))


@dataclass(slots=True)
class _Part:
    """A step as written: its own keys only."""

    predicate: Predicate
    keys: tuple[Key, ...]
    runs: int
    absent: bool
    pos: Position


def place(token: Token) -> Position:
    """Where a token stands."""
    return Position(token.line, token.column)


class Reader:
    """Callbacks by the grammar's rule names. :meth:`begin` gives it what one query needs."""

    def begin(self, builder: PredicateBuilder) -> None:
        """Prepare for one query."""
        self._builder = builder

    def detection(self, parsed: Any) -> Detection:
        """What the parser returned, as a detection."""
        return cast(Detection, parsed)

    # Queries

    def start(self, parts: Parts) -> Detection:
        base, *tokens = parts
        if not tokens:
            return cast(Detection, base)
        if isinstance(base, Sample):
            raise NotSupportedError("pipes on a sample", place(tokens[0]), code="eql-pipe")
        pipes = tuple(pipe(token, place(token)) for token in tokens)
        return Limited(base, cast(Any, pipes), pos=base.pos)

    def event_query(self, parts: Parts) -> EventQuery:
        predicate, position = parts[0]
        return EventQuery(predicate, pos=position)

    def any_filter(self, parts: Parts) -> tuple[Predicate, Position]:
        return self._builder.predicate(parts[1]), place(parts[0])

    def category_filter(self, parts: Parts) -> tuple[Predicate, Position]:
        token, condition = parts
        position = place(token)
        category = str(token)
        if token.type == "STRING":
            category = string_value(token, position)
        elif token.type == "RAW":
            category = token[3:-3]
        predicate = self._builder.predicate(condition)
        return self._builder.with_category(category, predicate, position), position

    def sequence(self, parts: Parts) -> Sequence:
        opening, keys, maxspan, *rest = parts
        until: _Part | None = rest.pop()
        if until is not None:
            rest.pop()  # the word "until"
        elif rest[-1] is None:
            rest.pop()
        steps = _joined(rest if until is None else [*rest, until], keys or ())
        check_key_types(steps, self._builder.type_of)
        last = steps.pop() if until is not None else None
        _check_sequence(rest, until, maxspan, place(opening))
        return Sequence(tuple(steps), maxspan, last, pos=place(opening))

    def sample(self, parts: Parts) -> Sample:
        opening, keys, *rest = parts
        for part in rest:
            if part.absent or part.runs != 1:
                raise QuerySyntaxError("a sample has no missing events and no runs", part.pos)
        steps = _joined(rest, keys or ())
        check_key_types(steps, self._builder.type_of)
        if not steps[0].keys:
            raise QuerySyntaxError("a sample needs at least one join key", place(opening))
        if len(steps) < 2:
            raise QuerySyntaxError("a sample needs at least two events", place(opening))
        return Sample(tuple(steps), pos=place(opening))

    def joined(self, parts: Parts) -> Any:
        raise NotSupportedError("join", place(parts[0]), code="eql-join")

    def fork(self, parts: Parts) -> Any:
        raise NotSupportedError("fork", place(parts[0]), code="eql-fork")

    def by(self, parts: Parts) -> tuple[Key, ...]:
        keys = []
        for token in parts:
            name, optional = _field(token)
            keys.append(Key(name, optional, pos=place(token)))
        return tuple(keys)

    def maxspan(self, parts: Parts) -> int:
        return time_span(parts[2], place(parts[2]))

    def runs(self, parts: Parts) -> int:
        _, option, number = parts
        if option != "runs":
            raise QuerySyntaxError(f"unknown option '{option}'; a step has 'runs'", place(option))
        if not 1 <= int(number) <= _MAX_RUNS:
            raise QuerySyntaxError(f"runs is from 1 to {_MAX_RUNS}; found {number}", place(number))
        return int(number)

    def step(self, parts: Parts) -> _Part:
        opening, (predicate, _), _, keys, runs = parts
        absent = opening.type == "MISSING_OPEN"
        if absent and runs is not None:
            raise QuerySyntaxError("a missing event has no runs", place(opening))
        return _Part(predicate, keys or (), runs or 1, absent, place(opening))

    # Conditions

    def condition_or(self, parts: Parts) -> Value:
        return Logic("or", tuple(parts), pos=parts[0].pos)

    def condition_and(self, parts: Parts) -> Value:
        return Logic("and", tuple(parts), pos=parts[0].pos)

    def negate(self, parts: Parts) -> Value:
        return Logic("not", (parts[1],), pos=place(parts[0]))

    def compare(self, parts: Parts) -> Value:
        left, op, right = parts
        return Comparison(cast(CompareOp, str(op)), left, right, pos=left.pos)

    def member(self, parts: Parts) -> Value:
        left, negated, operator, *items = parts
        found = self._any_of(left, "==", items, str(operator) == "in~")
        return found if negated is None else Logic("not", (found,), pos=left.pos)

    def matches(self, parts: Parts) -> Value:
        left, operator, *items = parts
        op = _MATCH_OPS[str(operator).rstrip("~")]
        ignore_case = operator == ":" or str(operator).endswith("~")
        for item in items:
            if item.value is None:
                raise QuerySyntaxError(f"'{operator}' compares with values, not with null", item.pos)
        if operator == ":":
            return _either([self._insensitive(left, item, len(items) > 1) for item in items], left)
        return self._any_of(left, op, items, ignore_case)

    def _insensitive(self, left: Value, item: Literal_, listed: bool) -> Value:
        """`left : item`: with a wildcard a pattern, else equality."""
        text = item.value
        op: CompareOp = "like" if isinstance(text, str) and ("*" in text or "?" in text) else "=="
        return Comparison(op, left, item, ignore_case=True, pos=item.pos if listed else left.pos)

    def _any_of(self, left: Value, op: CompareOp, items: list[Value], ignore_case: bool) -> Value:
        listed = len(items) > 1
        return _either(
            [
                Comparison(op, left, item, ignore_case=ignore_case, pos=item.pos if listed else left.pos)
                for item in items
                # a null in a list is skipped: nothing equals it
                if not (isinstance(item, Literal_) and item.value is None)
            ],
            left,
        )

    def calculate(self, parts: Parts) -> Value:
        left, op, right = parts
        return Arithmetic(cast(Any, str(op)), left, right, pos=left.pos)

    def sign(self, parts: Parts) -> Value:
        op, item = parts
        if op == "+":
            return cast(Value, item)
        if isinstance(item, Literal_) and isinstance(item.value, int | float):
            return Literal_(-item.value, pos=place(op))
        return Arithmetic("-", Literal_(0, pos=place(op)), item, pos=place(op))

    def relationship(self, parts: Parts) -> Any:
        raise NotSupportedError(f"'{parts[0]} of'", place(parts[0]), code="eql-relationship")

    def field(self, parts: Parts) -> Value:
        name, _ = _field(parts[0])
        return FieldValue(name, pos=place(parts[0]))

    def call(self, parts: Parts) -> Value:
        token, *arguments = parts
        if arguments == [None]:
            arguments = []
        written = str(token)
        ignore_case = written.endswith("~")
        name = written.rstrip("~").lower()
        if name in PATTERN_FUNCTIONS:
            return self._pattern_call(token, arguments, ignore_case)
        function = FUNCTIONS.get(name)
        if function is None:
            raise QuerySyntaxError(f"unknown function '{written}'", place(token))
        if ignore_case and not function.cased:
            raise QuerySyntaxError(f"{function.name} has no form that ignores case", place(token))
        check_arguments(function.name, len(arguments), function.least, function.most, place(token))
        return Call(function.name, tuple(arguments), ignore_case=ignore_case, pos=place(token))

    def _pattern_call(self, token: Token, arguments: list[Value], ignore_case: bool) -> Value:
        op = cast(CompareOp, PATTERN_FUNCTIONS[str(token).rstrip("~").lower()])
        if len(arguments) < 2:
            raise QuerySyntaxError(f"{token} takes a value and at least one pattern", place(token))
        for pattern in arguments[1:]:
            if not isinstance(pattern, Literal_) or not isinstance(pattern.value, str):
                raise QuerySyntaxError(f"{token} takes patterns that are strings", pattern.pos)
        return self._any_of(arguments[0], op, arguments[1:], ignore_case)

    # Constants

    def string(self, parts: Parts) -> Value:
        position = place(parts[0])
        return Literal_(string_value(parts[0], position), pos=position)

    def raw_string(self, parts: Parts) -> Value:
        return Literal_(str(parts[0])[3:-3], pos=place(parts[0]))

    def integer(self, parts: Parts) -> Value:
        digits = parts[0].lstrip("0") or "0"
        if len(digits) > _DIGITS or int(digits) > _GREATEST:
            raise QuerySyntaxError("this number is too large", place(parts[0]))
        return Literal_(int(digits), pos=place(parts[0]))

    def decimal(self, parts: Parts) -> Value:
        found = float(parts[0])
        if math.isinf(found):
            raise QuerySyntaxError("this number is too large", place(parts[0]))
        return Literal_(found, pos=place(parts[0]))

    def boolean(self, parts: Parts) -> Value:
        return Literal_(parts[0] == "true", pos=place(parts[0]))

    def null(self, parts: Parts) -> Value:
        return Literal_(None, pos=place(parts[0]))


RESERVED = frozenset(
    "and any by false in join like maxspan not null of or regex sequence true until where with".split()  # noqa: SIM905
)
"""EQL's keywords (Elasticsearch's EqlBase.g4), which are no field names."""


def _field(token: Token) -> tuple[str, bool]:
    if str(token) in RESERVED:
        raise QuerySyntaxError(
            f"'{token}' is a keyword; a field of this name stands in backquotes", place(token)
        )
    found = field_name(str(token))
    if found is None:
        raise NotSupportedError(f"an array position ('{token}')", place(token), code="eql-array-index")
    return found


def _either(items: list[Value], left: Value) -> Value:
    if not items:
        return Literal_(None, pos=left.pos)
    return items[0] if len(items) == 1 else Logic("or", tuple(items), pos=left.pos)


def _joined(parts: list[_Part], keys: tuple[Key, ...]) -> list[Step]:
    """Steps with the keys of all before their own. Raises QuerySyntaxError where their numbers differ."""
    for part in parts[1:]:
        if len(part.keys) != len(parts[0].keys):
            raise QuerySyntaxError(
                f"this step has {len(part.keys)} join keys of its own, the first has {len(parts[0].keys)}",
                part.pos,
            )
    return [Step(part.predicate, keys + part.keys, part.runs, part.absent, pos=part.pos) for part in parts]


def _check_sequence(parts: list[_Part], until: _Part | None, maxspan: int | None, start: Position) -> None:
    """What Elasticsearch's planner asks of a sequence beyond its grammar."""
    if sum(part.runs for part in parts) < 2:
        raise QuerySyntaxError("a sequence needs at least two events", start)
    if all(part.absent for part in parts):
        raise QuerySyntaxError("a sequence needs at least one event that is not missing", start)
    if any(part.absent for part in parts) and maxspan is None:
        raise QuerySyntaxError("a sequence with missing events needs 'with maxspan'", start)
    if until is not None and (until.absent or until.runs != 1):
        raise QuerySyntaxError("'until' takes neither a missing event nor runs", until.pos)
