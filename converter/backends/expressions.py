"""What both writers of script expressions share: conditions with every `not` driven down to the leaves.

An expression has three values. A writer is asked where it is true, or where it is false (`truth`), and
answers with a condition that is true exactly there; elsewhere it is false, or null under AND and OR only,
which no `where`, `if` or `case` takes for true.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, IsNull, Literal_, Logic, Value
from converter.lowering.fidelity import Refused
from converter.lowering.kinds import Kind, Kinds, kind_of

OPPOSITE: dict[str, Literal["==", "!=", "<", "<=", ">", ">="]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    "<=": ">",
    ">": "<=",
}


class ExpressionWriter(ABC):
    """Writes one expression; `kinds` are those of computed columns, all other fields are text."""

    and_word: str
    or_word: str
    true: str
    false: str

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds

    @abstractmethod
    def value(self, value: Value) -> str:
        """The expression, null where the original is null."""

    @abstractmethod
    def missing(self, value: Value) -> str:
        """The condition that the value is null."""

    @abstractmethod
    def present(self, value: Value) -> str:
        """The condition that the value is not null."""

    @abstractmethod
    def compared(self, value: Comparison, truth: bool) -> str:
        """A comparison that is no `like` or `rlike` of a constant pattern."""

    @abstractmethod
    def matched(self, value: Value, pattern: Comparison, truth: bool) -> str:
        """A `like` or `rlike` of a constant pattern."""

    @abstractmethod
    def tested(self, value: Call, truth: bool) -> str:
        """A function that gives a boolean."""

    @abstractmethod
    def boolean(self, value: FieldValue, truth: bool) -> str:
        """A boolean column."""

    @abstractmethod
    def predicate(self, value: Holds, truth: bool) -> str:
        """A two-valued predicate."""

    def kind(self, value: Value) -> Kind:
        """The kind of an expression here."""
        return kind_of(value, self.kinds)

    def condition(self, value: Value, truth: bool = True) -> str:
        """Where the expression is true, or where it is false. Raises Refused for what can't be said."""
        match value:
            case Literal_(constant):
                return self.true if constant is truth else self.false
            case Logic("not", (item,)):
                return self.condition(item, not truth)
            case Logic(op, items):
                texts = [self.condition(item, truth) for item in items]
                return self.joined(texts, (op == "and") == truth)
            case IsNull(item):
                return self.missing(item) if truth else self.present(item)
            case Comparison():
                return self.comparison(value, truth)
            case Holds():
                return self.predicate(value, truth)
            case FieldValue():
                return self.boolean(value, truth)
            case Call():
                return self.call(value, truth)
        raise self.refused(value, "a number as a condition")

    def joined(self, texts: Sequence[str], conjunction: bool) -> str:
        """Conditions under AND or OR, in parentheses; constants among them fall away."""
        neutral, absorbing = (self.true, self.false) if conjunction else (self.false, self.true)
        if absorbing in texts:
            return absorbing
        kept = list(dict.fromkeys(text for text in texts if text != neutral))
        if len(kept) < 2:
            return kept[0] if kept else neutral
        return "(" + f" {self.and_word if conjunction else self.or_word} ".join(kept) + ")"

    def call(self, value: Call, truth: bool) -> str:
        """A `case` of booleans branch by branch, else a test."""
        if value.function == "coalesce" and self.kind(value) == "boolean":
            first, *rest = value.arguments
            other = Call("coalesce", tuple(rest)) if len(rest) > 1 else rest[0]
            absent = self.joined([self.missing(first), self.condition(other, truth)], True)
            return self.joined([self.condition(first, truth), absent], False)
        if value.function == "case":
            return self.compared(Comparison("==", value, Literal_(truth), pos=value.pos), True)
        return self.tested(value, truth)

    def comparison(self, value: Comparison, truth: bool) -> str:
        """Patterns apart from comparisons; null compares to nothing."""
        if isinstance(value.right, Literal_) and value.right.value is None:
            return self.false
        if value.op in ("like", "rlike"):
            if not isinstance(value.right, Literal_):
                raise self.refused(value, "a pattern that is computed")
            return self.matched(value.left, value, truth)
        return self.compared(value, truth)

    def operator(self, value: Comparison, truth: bool) -> str:
        """The comparison's operator, or its opposite."""
        return value.op if truth else OPPOSITE[value.op]

    def branches(self, case: Call) -> tuple[list[tuple[Value, Value]], Value]:
        """The conditions of a `case` with their values, and what it gives where none is true."""
        items = case.arguments
        last = items[-1] if len(items) % 2 else Literal_(None)
        return list(zip(items[: len(items) - len(items) % 2 : 2], items[1::2], strict=True)), last

    def whole_division(self, value: Arithmetic) -> bool:
        """Whether a division is one of whole numbers, whose fraction goes."""
        return value.op == "/" and self.kind(value) == "integer"

    def refused(self, value: Value, what: str) -> Refused:
        """A refusal that names the construct."""
        return Refused.because("script", f"{what} has no equivalent in the target", position=value.pos)


def seconds(span: Call) -> int | float:
    """A `timespan(5, "minutes")` in seconds. Raises Refused for months and years."""
    amount, unit = span.arguments
    assert isinstance(amount, Literal_) and isinstance(unit, Literal_)
    size = UNIT_SECONDS.get(str(unit.value))
    if size is None or not isinstance(amount.value, int | float):
        raise Refused.because("esql-interval", f"an interval in {unit.value}", position=span.pos)
    found = amount.value * size
    return int(found) if found == int(found) else found


UNIT_SECONDS: dict[str, float] = {
    "milliseconds": 0.001,
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
}
_DIFF_SECONDS: dict[str, int] = {
    **dict.fromkeys(("second", "seconds", "ss", "s"), 1),
    **dict.fromkeys(("minute", "minutes", "mi", "n"), 60),
    **dict.fromkeys(("hour", "hours", "hh"), 3600),
    **dict.fromkeys(("day", "days", "dd", "d"), 86400),
    **dict.fromkeys(("week", "weeks", "wk", "ww"), 604800),
}
"""Units of `date_diff` that are a fixed number of seconds."""


def bin_seconds(writer: ExpressionWriter, value: Call) -> int | float:
    """How long the bins of `date_trunc(interval, moment)` are. Raises Refused for others than fill a day."""
    span = value.arguments[0]
    if not isinstance(span, Call):
        raise writer.refused(value, "an interval that is computed")
    width = seconds(span)
    if 86400 % width:
        raise writer.refused(value, "an interval that does not divide a day")
    return width


def diff_seconds(writer: ExpressionWriter, value: Call) -> int:
    """How long the unit of `date_diff(unit, start, end)` is. Raises Refused for one of no fixed length, and
    for what are no dates."""
    unit, start, end = value.arguments
    width = _DIFF_SECONDS.get(str(unit.value).lower()) if isinstance(unit, Literal_) else None
    if width is None:
        raise writer.refused(value, "a difference in such units")
    if not {writer.kind(start), writer.kind(end)} <= {"date", "null"}:
        raise writer.refused(value, "a difference of what are no dates")
    return width
