"""Predicates as an expression of Splunk's `where` and `eval`.

Comparisons keep case, take one value only and are null on a missing field. So that `NOT` means "does not
hold" and arrays hold where any value does, no leaf is one: texts are looked for with `mvfind`, whose null is
made false by `isnotnull`; numbers are compared inside `if(...)`.
Source: Splunk Search Reference, "Comparison and Conditional functions".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable
from typing import Any, ClassVar

from sigma.backends.splunk.splunk import SplunkBackend
from sigma.conditions import ConditionOR
from sigma.conversion.state import ConversionState
from sigma.types import SigmaCasedString, SigmaRegularExpression, SigmaString

from converter.backends.alternatives import joinable, joined
from converter.backends.conditions import Parenthesized, condition, is_caseless
from converter.backends.patterns import flags, pattern_regex
from converter.backends.splunk_script import SplunkScript, quote_field
from converter.backends.splunk_search import quote
from converter.ir.predicate import Constant, Equals, Like, Predicate, Regex, Script


class SplunkWhere(Parenthesized, SplunkBackend):
    """pySigma's Splunk backend for the other of Splunk's two expression languages."""

    and_token: ClassVar[str] = "AND"

    def escape_and_quote_field(self, field_name: str) -> str:
        """`eval` takes a name with other characters than letters, digits and `_` in single quotes."""
        return quote_field(field_name)

    def convert_condition_field_eq_val_str(self, cond: Any, state: ConversionState) -> str:
        """Equality and the three plain wildcards by functions; any other pattern as a regular expression."""
        pattern, ignore_case = _pattern(cond.value)
        return _match(self.escape_and_quote_field(cond.field), pattern, ignore_case)

    convert_condition_field_eq_val_str_case_sensitive = convert_condition_field_eq_val_str

    def decide_convert_condition_as_in_expression(self, cond: Any, state: ConversionState) -> bool:
        """Texts and patterns of one field, which `_together` brought together."""
        if not isinstance(cond, ConditionOR) or len({getattr(arg, "field", None) for arg in cond.args}) > 1:
            return False
        values = [getattr(arg, "value", None) for arg in cond.args]
        texts = [value for value in values if isinstance(value, SigmaString | SigmaRegularExpression)]
        found = [_pattern(text) for text in texts]
        alike = len(texts) == len(values) and len({ignored for _, ignored in found}) == 1
        return alike and all(joinable(pattern) for pattern, _ in found)

    def convert_condition_as_in_expression(self, cond: Any, state: ConversionState) -> str:
        """One regular expression, or several where it would be too large."""
        field = self.escape_and_quote_field(cond.args[0].field)
        found = [_pattern(arg.value) for arg in cond.args]
        tests = [_match(field, pattern, found[0][1]) for pattern in joined([text for text, _ in found])]
        return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"

    def convert_condition_field_eq_val_num(self, cond: Any, state: ConversionState) -> str:
        """Numbers as numbers."""
        return f"if({self.escape_and_quote_field(cond.field)}=={cond.value}, 1, 0)==1"

    def convert_condition_field_eq_val_bool(self, cond: Any, state: ConversionState) -> str:
        """Splunk's events hold booleans as text."""
        field = self.escape_and_quote_field(cond.field)
        return _match(field, f"^{str(cond.value.boolean).lower()}$", True)

    def convert_condition_field_eq_val_re(  # type: ignore[override]  # the stock one defers it
        self, cond: Any, state: ConversionState
    ) -> str:
        """The ir's "pcre" is `mvfind`'s: unanchored."""
        return _match(self.escape_and_quote_field(cond.field), *_pattern(cond.value))

    def convert_condition_field_eq_val_cidr(self, cond: Any, state: ConversionState) -> str:
        """`cidrmatch` takes IPv4 and IPv6, of an array (`f{}`) each item by itself."""
        network = ipaddress.ip_network(str(cond.value.cidr), strict=False)
        inside = f'cidrmatch("{network}", {self.escape_and_quote_field(cond.field)})'
        return f"isnotnull(mvfilter({inside}))" if "{}" in cond.field else f"if({inside}, 1, 0)==1"

    def convert_condition_field_compare_op_val(self, cond: Any, state: ConversionState) -> str:
        """Comparison as numbers; a missing field is not less than anything."""
        field = self.escape_and_quote_field(cond.field)
        operator = self.compare_operators[cond.value.op]
        return f"if(tonumber({field}){operator}{cond.value.number}, 1, 0)==1"

    def convert_condition_field_eq_val_exists(self, cond: Any, state: ConversionState) -> str:
        """Present: not null."""
        return f"isnotnull({self.escape_and_quote_field(cond.field)})"


_WRITER = SplunkWhere()


def write_where(predicate: Predicate) -> str:
    """The predicate as a boolean expression that is never null. Raises Refused where Splunk can't say it."""
    if isinstance(predicate, Constant):
        return "true()" if predicate.value else "false()"
    return str(_WRITER.convert_condition(condition(predicate, _script, _together), ConversionState()))


def _together(leaf: Predicate) -> Hashable | None:
    """Texts and patterns of one field with one treatment of case: one regular expression."""
    match leaf:
        case Equals(field=name, value=str()) | Like(field=name):
            return name, is_caseless(leaf)
        case Regex(field=name, pattern=pattern, ignore_case=ignore_case) if joinable(pattern):
            return name, ignore_case
    return None


def _pattern(value: SigmaString | SigmaRegularExpression) -> tuple[str, bool]:
    """The regular expression, and whether case is ignored."""
    if isinstance(value, SigmaRegularExpression):
        return str(value.regexp.s[0]), bool(value.flags)
    return pattern_regex(tuple(value.s)), not isinstance(value, SigmaCasedString)


def _match(field: str, pattern: str, ignore_case: bool) -> str:
    """`mvfind` is PCRE, unanchored, over each of the field's values; null where none matches or is there."""
    return f"isnotnull(mvfind({field}, {quote(flags(pattern, ignore_case) + pattern)}))"


def _script(leaf: Script) -> str:
    return f"if({SplunkScript(write_where, {}).condition(leaf.expression)}, 1, 0)==1"
