"""Predicates as the condition of Kusto's `where`.

Texts are never null, numbers and dates can be: under a `not` their comparisons are guarded, so that
`not` means "does not hold". Patterns other than prefix, suffix and substring become RE2 expressions.
Source: Kusto documentation, "Datatypes for string operators", "Null values".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from sigma.backends.kusto.kusto import KustoBackend
from sigma.conditions import ConditionOR
from sigma.conversion.state import ConversionState
from sigma.types import SigmaCasedString, SigmaRegularExpression, SigmaString, SpecialChars

from converter.backends.alternatives import joinable, joined
from converter.backends.conditions import Parenthesized, condition, equal_values, is_caseless
from converter.backends.kusto_literals import quote
from converter.backends.kusto_script import KustoScript
from converter.backends.patterns import flags, pattern_regex
from converter.ir.predicate import Constant, Like, Predicate, Regex, Script, Wild
from converter.lowering.fidelity import Refused
from converter.regex import RegexNotSupported, strict_end, translate

_ANY = SpecialChars.WILDCARD_MULTI
_NUMBERS = frozenset({"int", "long", "real", "decimal"})


class KustoWhere(Parenthesized, KustoBackend):
    """The stock backend with typed columns, operators that keep case, IPv6, and wildcards as wildcards."""

    convert_and_as_in: ClassVar[bool] = False
    convert_or_as_in: ClassVar[bool] = True
    in_expressions_allow_wildcards: ClassVar[bool] = False

    def __init__(self, types: Mapping[str, str]) -> None:
        super().__init__()
        self._types = types

    def escape_and_quote_field(self, field_name: str) -> str:
        """A column; a name with dots is a path into a dynamic column. Raises Refused for an unknown one."""
        column = field_name.partition(".")[0]
        if self._types and column not in self._types:
            raise Refused.because("unknown-column", f"no column {column} in the table", field=field_name)
        return field_name

    def type_of(self, field: str) -> str:
        """The column's Kusto type; text where no schema says otherwise, dynamic under a dynamic column."""
        return self._types.get(field.partition(".")[0], "string")

    def text(self, field: str) -> str:
        """The column as text."""
        column = self.escape_and_quote_field(field)
        return column if self.type_of(field) == "string" else f"tostring({column})"

    def negated(self, text: str, bare: bool) -> str:
        """`not` is a function."""
        return f"not({text})"

    def convert_condition_field_eq_val_str(self, cond: Any, state: ConversionState) -> str:
        """The operator that keeps or ignores case, by the place of the wildcards."""
        pieces = cond.value.s
        cased = isinstance(cond.value, SigmaCasedString)
        if self.type_of(cond.field) in _NUMBERS | {"bool"} and len(pieces) == 1:
            return self._typed(cond.field, str(pieces[0]))
        field = self.text(cond.field)
        texts = [piece for piece in pieces if isinstance(piece, str)]
        suffix = "_cs" if cased else ""
        if len(texts) == len(pieces):
            return f"{field} {'==' if cased else '=~'} {quote(''.join(texts))}"
        if _is_plain(pieces):
            operator = {(_ANY, str): "endswith", (str, _ANY): "startswith", (_ANY, str, _ANY): "contains"}[
                tuple(str if isinstance(piece, str) else _ANY for piece in pieces)
            ]
            return f"{field} {operator}{suffix} {quote(texts[0])}"
        return _matches(field, pattern_regex(pieces), not cased)

    convert_condition_field_eq_val_str_case_sensitive = convert_condition_field_eq_val_str

    def decide_convert_condition_as_in_expression(self, cond: Any, state: ConversionState) -> bool:
        """Texts in a column of texts; not where one text's case counts and another's does not: one of the two
        would be lost. Or patterns, which are one expression. What else is an `or` stands in parentheses."""
        if isinstance(cond, ConditionOR) and _are_patterns(cond.args):
            return True
        if not super().decide_convert_condition_as_in_expression(cond, state):
            return False
        if not all(isinstance(arg.value, SigmaString) for arg in cond.args):
            return False
        if self.type_of(cond.args[0].field) not in ("string", "dynamic"):
            return False
        cased = {
            isinstance(arg.value, SigmaCasedString)
            for arg in cond.args
            if isinstance(arg.value, SigmaString) and str(arg.value).lower() != str(arg.value).upper()
        }
        return len(cased) < 2

    def convert_condition_as_in_expression(self, cond: Any, state: ConversionState) -> str:
        """A list of texts, or a regular expression; case is kept for all of them or ignored for all."""
        if _are_patterns(cond.args):
            tests = list(self._joined(cond.args))
            return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"
        operator = "in" if any(isinstance(arg.value, SigmaCasedString) for arg in cond.args) else "in~"
        values = ", ".join(quote("".join(arg.value.s)) for arg in cond.args)
        return f"{self.text(cond.args[0].field)} {operator} ({values})"

    def convert_condition_field_eq_val_num(self, cond: Any, state: ConversionState) -> str:
        """A number in a text column is text there."""
        return self._typed(cond.field, str(cond.value))

    def convert_condition_field_eq_val_bool(self, cond: Any, state: ConversionState) -> str:
        """A boolean in a text column is text there."""
        return self._typed(cond.field, str(cond.value.boolean).lower())

    def convert_condition_field_eq_val_re(self, cond: Any, state: ConversionState) -> str:
        """`matches regex` is RE2, unanchored. Raises Refused for look-around and back-references."""
        return self._regex(self.text(cond.field), cond.value.regexp.s[0], bool(cond.value.flags))

    def convert_condition_field_eq_val_cidr(self, cond: Any, state: ConversionState) -> str:
        """Null where the text is no address."""
        network = ipaddress.ip_network(str(cond.value.cidr), strict=False)
        return f'coalesce(ipv{network.version}_is_in_range({self.text(cond.field)}, "{network}"), false)'

    def convert_condition_field_compare_op_val(self, cond: Any, state: ConversionState) -> str:
        """Comparison as numbers, guarded against null."""
        column = self.escape_and_quote_field(cond.field)
        number = column if self.type_of(cond.field) in _NUMBERS else f"todouble({column})"
        operator = self.compare_operators[cond.value.op]
        return f"(isnotnull({number}) and {number} {operator} {cond.value.number})"

    def convert_condition_field_eq_val_exists(self, cond: Any, state: ConversionState) -> str:
        """Texts are present when they are not empty, all else when it is not null."""
        function = "isnotempty" if self.type_of(cond.field) in ("string", "dynamic") else "isnotnull"
        return f"{function}({self.escape_and_quote_field(cond.field)})"

    def _typed(self, field: str, value: str) -> str:
        """Equality of a column that is not text with a value written as text."""
        kind, column = self.type_of(field), self.escape_and_quote_field(field)
        if kind in _NUMBERS:
            try:
                float(value)
            except ValueError:
                return "false"
            return f"{column} == {value}"
        if kind == "bool" and value.lower() in ("true", "false"):
            return f"(isnotnull({column}) and {column} == {value.lower()})"
        return f"{self.text(field)} =~ {quote(value)}"

    def _joined(self, args: Sequence[Any]) -> Iterator[str]:
        """Patterns of one sort over one field, as few expressions."""
        field, first = self.text(args[0].field), args[0].value
        if isinstance(first, SigmaString):
            for pattern in joined([pattern_regex(arg.value.s) for arg in args]):
                yield _matches(field, pattern, not isinstance(first, SigmaCasedString))
        else:
            for pattern in joined([arg.value.regexp.s[0] for arg in args]):
                yield self._regex(field, pattern, bool(first.flags))

    def _regex(self, field: str, pattern: str, ignore_case: bool) -> str:
        try:
            translated = translate(strict_end(pattern), "pcre", "re2", ignore_case)
        except RegexNotSupported as error:
            raise Refused.because(error.code, error.message) from None
        return f"{field} matches regex {quote(translated)}"


def write_where(predicate: Predicate, types: Mapping[str, str]) -> str:
    """The predicate as a boolean expression over columns of these types. Raises Refused."""
    if isinstance(predicate, Constant):
        return str(predicate.value).lower()

    def script(leaf: Script) -> str:
        """Null is not true: under a `not` it must be false."""
        return f"coalesce({KustoScript(write_where, types, {}).condition(leaf.expression)}, false)"

    tree = condition(predicate, script, _together)
    return str(KustoWhere(types).convert_condition(tree, ConversionState()))


def _matches(field: str, pattern: str, ignore_case: bool) -> str:
    """A wildcard pattern's expression."""
    return f"{field} matches regex {quote(flags(pattern, ignore_case) + pattern)}"


def _together(leaf: Predicate) -> Hashable | None:
    """Equal texts: a list. Regular expressions, and wildcards that are written as such: one expression."""
    match leaf:
        case Regex(field=name, pattern=pattern, ignore_case=ignore_case) if joinable(pattern):
            return name, ignore_case, Regex
        case Like(field=name, pattern=pattern) if not _is_plain(pattern):
            return name, is_caseless(leaf), Like
    return equal_values(leaf)


def _is_plain(pattern: Sequence[Any]) -> bool:
    """Whether an operator says it: a whole text, a prefix, a suffix or a part."""
    texts = [piece for piece in pattern if isinstance(piece, str)]
    wild = [piece for piece in pattern if not isinstance(piece, str)]
    return not wild or (len(texts) == 1 and all(piece in (_ANY, Wild.ANY) for piece in wild))


def _are_patterns(args: Sequence[Any]) -> bool:
    """Whether these were brought together as patterns: of one field, one sort, one treatment of case."""
    if len({getattr(arg, "field", None) for arg in args}) > 1:
        return False
    values = [getattr(arg, "value", None) for arg in args]
    expressions = [value for value in values if isinstance(value, SigmaRegularExpression)]
    wildcards = [value for value in values if isinstance(value, SigmaString) and not _is_plain(value.s)]
    if len(expressions) == len(values):
        return len({bool(value.flags) for value in expressions}) == 1
    return (
        len(wildcards) == len(values) and len({isinstance(one, SigmaCasedString) for one in wildcards}) == 1
    )
