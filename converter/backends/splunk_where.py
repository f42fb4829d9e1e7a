"""Predicates as an expression of Splunk's `where` and `eval`.

Comparisons keep case, take one value only and are null on a missing field. So that `NOT` means "does not
hold" and arrays hold where any value does, no leaf is one: texts are looked for with `mvfind`, whose null is
made false by `isnotnull`; numbers are compared inside `if(...)`.
Source: Splunk Search Reference, "Comparison and Conditional functions".
"""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar

from sigma.backends.splunk.splunk import SplunkBackend
from sigma.conversion.state import ConversionState
from sigma.types import SigmaCasedString

from converter.backends.conditions import Parenthesized, condition
from converter.backends.patterns import flags, pattern_regex
from converter.backends.splunk_script import SplunkScript, quote_field
from converter.backends.splunk_search import quote
from converter.ir.predicate import Constant, Predicate, Script


class SplunkWhere(Parenthesized, SplunkBackend):
    """pySigma's Splunk backend for the other of Splunk's two expression languages."""

    and_token: ClassVar[str] = "AND"
    convert_or_as_in: ClassVar[bool] = False

    def escape_and_quote_field(self, field_name: str) -> str:
        """`eval` takes a name with other characters than letters, digits and `_` in single quotes."""
        return quote_field(field_name)

    def convert_condition_field_eq_val_str(self, cond: Any, state: ConversionState) -> str:
        """Equality and the three plain wildcards by functions; any other pattern as a regular expression."""
        field = self.escape_and_quote_field(cond.field)
        cased = isinstance(cond.value, SigmaCasedString)
        pieces = cond.value.s
        if all(isinstance(piece, str) and piece == "" for piece in pieces):
            return f'isnotnull(mvfind({field}, "^$"))'
        return _match(field, pattern_regex(pieces), not cased)

    convert_condition_field_eq_val_str_case_sensitive = convert_condition_field_eq_val_str

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
        return _match(self.escape_and_quote_field(cond.field), cond.value.regexp.s[0], bool(cond.value.flags))

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
    return str(_WRITER.convert_condition(condition(predicate, _script), ConversionState()))


def _match(field: str, pattern: str, ignore_case: bool) -> str:
    """`mvfind` is PCRE, unanchored, over each of the field's values; null where none matches or is there."""
    return f"isnotnull(mvfind({field}, {quote(flags(pattern, ignore_case) + pattern)}))"


def _script(leaf: Script) -> str:
    return f"if({SplunkScript(write_where, {}).condition(leaf.expression)}, 1, 0)==1"
