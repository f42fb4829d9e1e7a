"""Script expressions as Splunk `eval` expressions.

Both languages give null where an operand is null. Booleans in columns are 1 and 0 (`eval` assigns no
conditions), those of the log the texts "true" and "false"; dates are seconds since the epoch.
Source: Splunk Search Reference, "Evaluation functions".
"""

from __future__ import annotations

from collections.abc import Callable

from converter.backends.conditions import string
from converter.backends.expressions import ExpressionWriter, bin_seconds, diff_seconds, seconds
from converter.backends.patterns import pattern_regex, replacement, to_pcre
from converter.backends.splunk_search import quote
from converter.elastic.queries import pattern_of
from converter.ir.predicate import Predicate
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, Literal_, Value
from converter.lowering.kinds import NUMBERS, Kinds

PredicateWriter = Callable[[Predicate], str]

_PLAIN = {
    "to_lower": "lower",
    "to_upper": "upper",
    "length": "len",
    "abs": "abs",
    "ceil": "ceiling",
    "floor": "floor",
    "sqrt": "sqrt",
    "coalesce": "coalesce",
    "greatest": "max",
    "least": "min",
    "url_decode": "urldecode",
    "now": "now",
    "round": "round",
    "trim": "trim",
    "mv_count": "mvcount",
    "mv_dedupe": "mvdedup",
    "mv_sort": "mvsort",
    "mv_concat": "mvjoin",
}
"""ES|QL's functions that Splunk has under this name, with the same arguments."""
_SAME = frozenset({"to_string", "to_long", "to_integer", "to_double", "to_datetime", "to_ip"})
"""Conversions between what Splunk does not tell apart."""


class SplunkScript(ExpressionWriter):
    """Expressions of `eval` and `where`."""

    and_word = "AND"
    or_word = "OR"
    true = "true()"
    false = "false()"

    def __init__(self, write_predicate: PredicateWriter, kinds: Kinds) -> None:
        super().__init__(kinds)
        self._write_predicate = write_predicate

    def value(self, value: Value) -> str:
        """The expression; null where the original is null."""
        match value:
            case Literal_(constant):
                return _literal(constant)
            case FieldValue(name):
                return quote_field(name)
            case Arithmetic(op, left, right):
                text = f"{self.operand(left)}{op}{self.operand(right)}"
                return f"floor({text})" if self.whole_division(value) else text
            case Call():
                return self.function(value)
        yes, no = self.condition(value, True), self.condition(value, False)
        return f"case({yes}, 1, {no}, 0)"

    def operand(self, value: Value) -> str:
        """A value beside an operator."""
        text = self.value(value)
        return f"({text})" if isinstance(value, Arithmetic) else text

    def function(self, value: Call) -> str:
        """A function by its name or by what it means."""
        name, arguments = value.function, value.arguments
        if name in _SAME and len(arguments) == 1:
            return self.converted(value)
        if name in _PLAIN:
            return f"{_PLAIN[name]}({', '.join(map(self.value, arguments))})"
        written = _WRITERS.get(name)
        if written is not None:
            return written(self, value)
        if name in _TESTS:
            return f"case({self.condition(value, True)}, 1, {self.condition(value, False)}, 0)"
        raise self.refused(value, f"the function {name}")

    def converted(self, value: Call) -> str:
        """What the text is to be read as: a number where it is one."""
        [item] = value.arguments
        text, kind = self.operand(item), self.kind(item)
        if value.function == "to_string":
            return text if kind == "text" else f"tostring({text})"
        if value.function in ("to_long", "to_integer"):
            if kind == "double":
                return f"round({text})"
            return text if kind == "integer" else f"tonumber({text})"
        if value.function == "to_double":
            return text if kind in NUMBERS else f"tonumber({text})"
        return text

    def missing(self, value: Value) -> str:
        """`isnull`."""
        if isinstance(value, Literal_):
            return self.true if value.value is None else self.false
        return f"isnull({self.value(value)})"

    def present(self, value: Value) -> str:
        """`isnotnull`."""
        if isinstance(value, Literal_):
            return self.false if value.value is None else self.true
        return f"isnotnull({self.value(value)})"

    def compared(self, value: Comparison, truth: bool) -> str:
        """Null operands make it null, which is not true."""
        left, right = value.left, value.right
        if isinstance(right, Literal_) and isinstance(right.value, bool):
            return self.compared_boolean(value, truth is (value.op == "=="))
        first, second = self.operand(left), self.operand(right)
        if value.ignore_case:
            first, second = f"lower({first})", f"lower({second})"
        return f"{first}{self.operator(value, truth)}{second}"

    def compared_boolean(self, value: Comparison, truth: bool) -> str:
        """A boolean compared with a constant: the condition itself, or a column of 1 and 0."""
        wanted = bool(value.right.value) is truth  # type: ignore[union-attr]
        if isinstance(value.left, Call) and value.left.function == "case":
            pairs, last = self.branches(value.left)
            texts = [f"{self.condition(one)}, {self.flag(two, wanted)}" for one, two in pairs]
            return f"case({', '.join(texts)}, {self.true}, {self.flag(last, wanted)})==1"
        return self.condition(value.left, wanted)

    def flag(self, value: Value, wanted: bool) -> str:
        """1 where a boolean is as wanted, else 0."""
        text = self.condition(value, wanted)
        return "1" if text == self.true else "0" if text == self.false else f"if({text}, 1, 0)"

    def matched(self, value: Value, pattern: Comparison, truth: bool) -> str:
        """A regular expression over the whole value."""
        assert isinstance(pattern.right, Literal_)
        text = str(pattern.right.value)
        if pattern.op == "like":
            regex = pattern_regex(tuple(string(pattern_of(text), False).s))
        else:
            regex = to_pcre(text, "lucene", pattern)
        flags = "(?is)" if pattern.ignore_case else "(?s)"
        found = f"match({self.value(value)}, {quote(flags + regex)})"
        return found if truth else f"NOT {found}"

    def tested(self, value: Call, truth: bool) -> str:
        """Prefix, suffix and substring: of constants by a regular expression, else by parts of the text."""
        test = _TESTS.get(value.function)
        if test is None or len(value.arguments) != 2:
            raise self.refused(value, f"the function {value.function}")
        first, second = (self.operand(item) for item in value.arguments)
        if value.ignore_case:
            first, second = f"lower({first})", f"lower({second})"
        found = test(first, second)
        return found if truth else f"NOT {found}"

    def boolean(self, value: FieldValue, truth: bool) -> str:
        """A computed column holds 1 or 0, the log a text."""
        if self.kinds.get(value.name) == "boolean":
            return f"{quote_field(value.name)}=={int(truth)}"
        return f'lower({quote_field(value.name)})=="{str(truth).lower()}"'

    def predicate(self, value: Holds, truth: bool) -> str:
        """A two-valued predicate, or its complement."""
        text = self._write_predicate(value.predicate)
        return f"({text})" if truth else f"NOT ({text})"


def quote_field(name: str) -> str:
    """A field's name in `eval`: in single quotes where it has other characters than letters, digits, `_`."""
    return name if name.replace("_", "").isalnum() else f"'{name}'"


def _literal(constant: str | int | float | bool | None) -> str:
    if constant is None:
        return "null()"
    if isinstance(constant, bool):
        return str(int(constant))
    return quote(constant) if isinstance(constant, str) else str(constant)


def _case(writer: SplunkScript, value: Call) -> str:
    pairs, last = writer.branches(value)
    texts = [f"{writer.condition(condition)}, {writer.value(item)}" for condition, item in pairs]
    if isinstance(last, Literal_) and last.value is None:
        return f"case({', '.join(texts)})"
    if len(texts) == 1:
        return f"if({texts[0]}, {writer.value(last)})"
    return f"case({', '.join(texts)}, {writer.true}, {writer.value(last)})"


def _concat(writer: SplunkScript, value: Call) -> str:
    return "(" + ".".join(writer.operand(item) for item in value.arguments) + ")"


def _replace(writer: SplunkScript, value: Call) -> str:
    text, pattern, instead = value.arguments
    if not isinstance(pattern, Literal_) or not isinstance(instead, Literal_):
        raise writer.refused(value, "a pattern or replacement that is computed")
    regex = to_pcre(str(pattern.value), "java", value)
    return f"replace({writer.value(text)}, {quote(regex)}, {quote(replacement(instead, value))})"


def _count_of(writer: SplunkScript, value: Call) -> str:
    text, part = value.arguments
    return f"(mvcount(split({writer.value(text)}, {writer.value(part)}))-1)"


def _captured(writer: SplunkScript, value: Call) -> str:
    """`$capture(text, pattern)`: what the pattern's only group takes, null without a match."""
    text, pattern = value.arguments
    assert isinstance(pattern, Literal_)
    regex = to_pcre(str(pattern.value), "java", value)
    found, subject = writer.value(text), quote(f"(?s)^.*?(?:{regex}).*$")
    return f'if(match({found}, {quote("(?s)" + regex)}), replace({found}, {subject}, "\\\\1"), null())'


def _substring(writer: SplunkScript, value: Call) -> str:
    text, start, *length = value.arguments
    if not isinstance(start, Literal_) or not isinstance(start.value, int):
        raise writer.refused(value, "a substring from a computed place")
    return f"substr({', '.join([writer.value(text), str(start.value or 1), *map(writer.value, length)])})"


def _part(place: int) -> Callable[[SplunkScript, Call], str]:
    def write(writer: SplunkScript, value: Call) -> str:
        return f"mvindex({writer.value(value.arguments[0])}, {place})"

    return write


def _split(writer: SplunkScript, value: Call) -> str:
    return f"split({writer.value(value.arguments[0])}, {writer.value(value.arguments[1])})"


def _date_trunc(writer: SplunkScript, value: Call) -> str:
    width = bin_seconds(writer, value)
    return f"(floor({writer.operand(value.arguments[1])}/{width})*{width})"


def _date_diff(writer: SplunkScript, value: Call) -> str:
    width = diff_seconds(writer, value)
    _, start, end = value.arguments
    apart = f"({writer.operand(end)}-{writer.operand(start)})"
    return f"if({apart}<0, ceiling({apart}/{width}), floor({apart}/{width}))"


def _timespan(writer: SplunkScript, value: Call) -> str:
    return f"{seconds(value)}"


_WRITERS: dict[str, Callable[[SplunkScript, Call], str]] = {
    "case": _case,
    "concat": _concat,
    "replace": _replace,
    "$count_of": _count_of,
    "$capture": _captured,
    "substring": _substring,
    "mv_first": _part(0),
    "mv_last": _part(-1),
    "split": _split,
    "date_trunc": _date_trunc,
    "bucket": lambda writer, value: _date_trunc(writer, Call("date_trunc", value.arguments[::-1])),
    "date_diff": _date_diff,
    "timespan": _timespan,
}
_TESTS: dict[str, Callable[[str, str], str]] = {
    "starts_with": lambda text, part: f"substr({text}, 1, len({part}))=={part}",
    "ends_with": lambda text, part: f"(len({text})>=len({part}) AND substr({text}, -len({part}))=={part})",
    "contains": lambda text, part: f"mvcount(split({text}, {part}))>1",
}
"""Tests of one text with another; null where one is null."""
