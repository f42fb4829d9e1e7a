"""Script expressions as Kusto scalar expressions.

Kusto's texts are never null, but empty; `==` with null is false and not null, `!=` with null is true. So a
condition asks for presence where the operator does not by itself, and functions that make something of
nothing (`strlen`, `strcat`) are guarded where their value is kept.
Source: Kusto documentation, "Scalar functions", "Null values", "Datatypes for string operators".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from converter.backends.conditions import string
from converter.backends.expressions import ExpressionWriter
from converter.backends.kusto_functions import FUNCTIONS
from converter.backends.kusto_literals import NULLS, literal, quote
from converter.backends.patterns import flags, pattern_regex, to_re2
from converter.elastic.queries import pattern_of
from converter.ir.predicate import Predicate, Wild
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, Literal_, Logic, Value
from converter.lowering.fidelity import Refused
from converter.lowering.kinds import NUMBERS, Kind, Kinds

PredicateWriter = Callable[[Predicate, Mapping[str, str]], str]

_PLAIN = {
    "to_lower": "tolower",
    "to_upper": "toupper",
    "length": "strlen",
    "concat": "strcat",
    "abs": "abs",
    "ceil": "ceiling",
    "sqrt": "sqrt",
    "greatest": "max_of",
    "least": "min_of",
    "url_decode": "url_decode",
    "now": "now",
    "round": "round",
    "$count_of": "countof",
    "split": "split",
}
"""ES|QL's functions that Kusto has under this name, with the same arguments."""
_TYPES: Mapping[Kind, tuple[str, frozenset[str]]] = {
    "integer": ("tolong", frozenset({"int", "long"})),
    "double": ("todouble", frozenset({"int", "long", "real", "decimal"})),
    "boolean": ("tobool", frozenset({"bool"})),
    "date": ("todatetime", frozenset({"datetime"})),
    "text": ("tostring", frozenset({"string"})),
}
"""How a column is read as a kind: the function, and the column types that need none."""
_CONVERSIONS: Mapping[str, Kind] = {
    "to_long": "integer",
    "to_integer": "integer",
    "to_double": "double",
    "to_boolean": "boolean",
    "to_datetime": "date",
    "to_string": "text",
    "to_ip": "text",
}
_MAKING = frozenset({"length", "concat", "$count_of", "locate", "mv_count"})
"""Functions that make something of an empty text."""
_LOSING = frozenset({"$capture", "mv_first", "mv_last", "to_long", "to_integer", "to_double", "to_datetime"})
"""Functions that can make nothing of something."""
_TESTS = {"starts_with": "startswith", "ends_with": "endswith", "contains": "contains"}


class KustoScript(ExpressionWriter):
    """Expressions of `where` and `extend` over columns of these Kusto types; `known` are never null."""

    and_word = "and"
    or_word = "or"
    true = "true"
    false = "false"

    def __init__(
        self,
        write_predicate: PredicateWriter,
        types: Mapping[str, str],
        kinds: Kinds,
        known: Collection[str] = (),
    ) -> None:
        super().__init__(kinds)
        self._write_predicate = write_predicate
        self._types = types
        self._known = known

    def value(self, value: Value) -> str:
        """The expression, null (a text: empty) where the original is null."""
        text = self.raw(value)
        if not self.making(value):
            return text
        guards = self.joined(self.guards(value), True)
        return text if guards == "true" else f"iff({guards}, {text}, {NULLS[self.kind(value)]})"

    def raw(self, value: Value) -> str:
        """The expression where nothing in it is null."""
        match value:
            case Literal_(constant):
                return literal(constant)
            case FieldValue():
                return self.column(value, self.kind(value))
            case Arithmetic(op, left, right):
                return f"{self.operand(left)} {op} {self.operand(right)}"
            case Call():
                return self.function(value)
        return self.flag(value)

    def flag(self, value: Value) -> str:
        """A condition as a value."""
        yes, no = self.condition(value, True), self.condition(value, False)
        return f"case({yes}, true, {no}, false, bool(null))"

    def operand(self, value: Value) -> str:
        """A value beside an operator."""
        text = self.raw(value)
        return f"({text})" if isinstance(value, Arithmetic) else text

    def column(self, value: FieldValue, kind: Kind) -> str:
        """A column read as a kind. Raises Refused for one that the table does not have."""
        name = value.name.partition(".")[0]
        if self._types and name not in self._types:
            raise Refused.because("unknown-column", f"no column {name} in the table", value.name, value.pos)
        if kind not in _TYPES:
            return value.name
        function, types = _TYPES[kind]
        return value.name if self.type_of(value) in types else f"{function}({value.name})"

    def type_of(self, value: FieldValue) -> str:
        """The column's Kusto type; under a dynamic column all is dynamic."""
        return self._types.get(value.name.partition(".")[0], "string")

    def function(self, value: Call) -> str:
        """A function by its name or by what it means."""
        name, arguments = value.function, value.arguments
        if name in _CONVERSIONS and len(arguments) == 1:
            return self.converted(value, _CONVERSIONS[name])
        if name in _PLAIN:
            return f"{_PLAIN[name]}({', '.join(map(self.raw, arguments))})"
        written = FUNCTIONS.get(name)
        if written is not None:
            return written(self, value)
        if name in _TESTS:
            return self.flag(value)
        raise self.refused(value, f"the function {name}")

    def converted(self, value: Call, kind: Kind) -> str:
        """A column is read as the kind; any other value is converted."""
        [item] = value.arguments
        if isinstance(item, FieldValue) and item.name not in self.kinds:
            return self.column(item, kind)
        function, _ = _TYPES[kind]
        if self.kind(item) == "double" and kind == "integer":
            return f"tolong(round({self.raw(item)}))"
        return self.raw(item) if self.kind(item) == kind else f"{function}({self.raw(item)})"

    # ---- presence

    def making(self, value: Value) -> bool:
        """Whether the raw expression can be something where the original is null."""
        if isinstance(value, Arithmetic):
            return value.op in "/%" or self.making(value.left) or self.making(value.right)
        if not isinstance(value, Call) or value.function in ("case", "coalesce"):
            return False
        return value.function in _MAKING or any(map(self.making, value.arguments))

    def guards(self, value: Value) -> list[str]:
        """The conditions under all of which the value is not null."""
        match value:
            case Literal_(constant):
                return ["false"] if constant is None else []
            case FieldValue(name):
                return [] if name in self._known else [self._there(value)]
            case Arithmetic(op, left, right):
                found = self.guards(left) + self.guards(right)
                if op in "/%" and not isinstance(right, Literal_):
                    found.append(f"{self.operand(right)} != 0")
                return found
            case Call(function="case"):
                pairs, last = self.branches(value)
                if not any(self.guards(item) for item in (*(item for _, item in pairs), last)):
                    return []
                return [self._there(value)]
            case Call(function="coalesce"):
                each = [self.joined(self.guards(item), True) for item in value.arguments]
                found_one = self.joined(each, False)
                return [] if found_one == "true" else [found_one]
            case Call(function="now" | "timespan"):
                return []
            case Call(function="to_long" | "to_integer" | "to_double", arguments=(item,)) if (
                self.kind(item) in NUMBERS
            ):
                return self.guards(item)
            case Call(function=name) if name in _LOSING:
                return [self._there(value)]
            case Call():
                return [guard for item in value.arguments for guard in self.guards(item)]
            case Holds():
                return []
            case Comparison() | Logic():
                return [self.joined([self.condition(value, True), self.condition(value, False)], False)]
        return []

    def _there(self, value: Value) -> str:
        text = self.raw(value)
        if self.kind(value) in ("text", "list", "null"):
            return f"isnotempty({text})"
        return f"isnotnull({text})"

    def missing(self, value: Value) -> str:
        """`isempty` or `isnull`."""
        guards = self.guards(value)
        if len(guards) == 1 and guards[0].startswith(("isnotempty(", "isnotnull(")):
            return "is" + guards[0].removeprefix("isnot")
        whole = self.joined(guards, True)
        return {"true": "false", "false": "true"}.get(whole, f"not({whole})")

    def present(self, value: Value) -> str:
        """`isnotempty` or `isnotnull`."""
        return self.joined(self.guards(value), True)

    # ---- conditions

    def compared(self, value: Comparison, truth: bool) -> str:
        """Text by the operator that keeps or ignores case; presence where the operator does not imply it."""
        left, right, op = value.left, value.right, self.operator(value, truth)
        if isinstance(right, Literal_) and isinstance(right.value, bool):
            return self.compared_boolean(value, truth is (value.op == "=="))
        text = "text" in (self.kind(left), self.kind(right))
        first, second = self.operand(left), self.operand(right)
        if text and NUMBERS & {self.kind(left), self.kind(right)}:
            first, second, text = self.number(left), self.number(right), False
        if text and op not in ("==", "!="):
            written = f"strcmp({first}, {second}) {op} 0"
        else:
            caseless = {"==": "=~", "!=": "!~"}.get(op, op) if value.ignore_case and text else op
            written = f"{first} {caseless} {second}"
        implied = op != "!=" and (not text or (op == "==" and _is_text(right)))
        guards = [
            guard for side in (left, right) if not implied or self.making(side) for guard in self.guards(side)
        ]
        return self.joined([*guards, written], True)

    def number(self, value: Value) -> str:
        """A value as a number."""
        return self.operand(value) if self.kind(value) in NUMBERS else f"todouble({self.raw(value)})"

    def compared_boolean(self, value: Comparison, truth: bool) -> str:
        """A boolean compared with a constant: the condition itself."""
        assert isinstance(value.right, Literal_)
        wanted = bool(value.right.value) is truth
        if isinstance(value.left, Call) and value.left.function == "case":
            pairs, last = self.branches(value.left)
            texts = [f"{self.condition(one)}, {self.condition(two, wanted)}" for one, two in pairs]
            return f"case({', '.join(texts)}, {self.condition(last, wanted)})"
        return self.condition(value.left, wanted)

    def matched(self, value: Value, pattern: Comparison, truth: bool) -> str:
        """The operator for a prefix, suffix or substring, else a regular expression over the whole value."""
        assert isinstance(pattern.right, Literal_)
        text, constant = self.raw(value), str(pattern.right.value)
        suffix = "" if pattern.ignore_case else "_cs"
        pieces = pattern_of(constant) if pattern.op == "like" else ()
        operator = _operator(pieces)
        guards = self.guards(value) if not truth or self.making(value) or operator is None else []
        if operator is not None:
            word, literal = operator
            name = "=~" if word == "==" and pattern.ignore_case else word + (suffix if word != "==" else "")
            found = f"{text} {name} {quote(literal)}"
        else:
            if pattern.op == "like":
                regex = pattern_regex(tuple(string(pieces, False).s))
                start = flags(regex, pattern.ignore_case)
            else:
                regex, start = to_re2(constant, "lucene", pattern), "(?i)" if pattern.ignore_case else ""
            found = f"{text} matches regex {quote(start + regex)}"
        return self.joined([*guards, found if truth else f"not({found})"], True)

    def tested(self, value: Call, truth: bool) -> str:
        """Prefix, suffix and substring of one text in another."""
        operator = _TESTS.get(value.function)
        if operator is None or len(value.arguments) != 2:
            raise self.refused(value, f"the function {value.function}")
        first, second = value.arguments
        found = f"{self.operand(first)} {operator}{'' if value.ignore_case else '_cs'} {self.operand(second)}"
        guards = self.guards(first) if not truth or self.making(first) else []
        guards += self.guards(second)
        return self.joined([*guards, found if truth else f"not({found})"], True)

    def boolean(self, value: FieldValue, truth: bool) -> str:
        """A boolean column, or the text that the log has for one."""
        if self.type_of(value) == "bool":
            return f"{value.name} == {str(truth).lower()}"
        return f'{self.column(value, "text")} =~ "{str(truth).lower()}"'

    def predicate(self, value: Holds, truth: bool) -> str:
        """A two-valued predicate, or its complement."""
        text = self._write_predicate(value.predicate, self._types)
        if text in ("true", "false"):
            return str((text == "true") is truth).lower()
        return f"({text})" if truth else f"not({text})"


def _is_text(value: Value) -> bool:
    return isinstance(value, Literal_) and isinstance(value.value, str) and value.value != ""


def _operator(pieces: tuple[str | Wild, ...]) -> tuple[str, str] | None:
    """The operator that says a wildcard pattern, and its text; None where only an expression does."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    wild = [piece for piece in pieces if isinstance(piece, Wild)]
    if len(texts) != 1 or Wild.ONE in wild or len(pieces) > 3:
        return None
    place = tuple(isinstance(piece, str) for piece in pieces)
    names = {
        (True,): "==",
        (True, False): "startswith",
        (False, True): "endswith",
        (False, True, False): "contains",
    }
    return (names[place], texts[0]) if place in names else None
