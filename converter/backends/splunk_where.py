"""Predicates as an expression of Splunk's `where` and `eval`.

Comparisons keep case and are null on a missing field; so that `NOT` means "does not hold", no leaf is
ever null: texts are compared after `coalesce(f, "")`, numbers inside `if(...)`.
Source: Splunk Search Reference, "Comparison and Conditional functions".
"""

from __future__ import annotations

from typing import Any, ClassVar

from sigma.backends.splunk.splunk import SplunkBackend
from sigma.conversion.state import ConversionState
from sigma.types import SigmaCasedString

from converter.backends.conditions import Parenthesized, condition
from converter.backends.splunk_script import write_value
from converter.backends.splunk_search import quote
from converter.ir.predicate import Constant, Predicate, Script
from converter.lowering.conversions.pieces import escape
from converter.regex import compile_regex


class SplunkWhere(Parenthesized, SplunkBackend):
    """pySigma's Splunk backend for the other of Splunk's two expression languages."""

    and_token: ClassVar[str] = "AND"
    convert_or_as_in: ClassVar[bool] = False

    def escape_and_quote_field(self, field_name: str) -> str:
        """`eval` takes a name with other characters than letters, digits and `_` in single quotes."""
        return field_name if field_name.replace("_", "").isalnum() else f"'{field_name}'"

    def convert_condition_field_eq_val_str(self, cond: Any, state: ConversionState) -> str:
        """Equality and the three plain wildcards by functions; any other pattern as a regular expression."""
        field = self.escape_and_quote_field(cond.field)
        cased = isinstance(cond.value, SigmaCasedString)
        pieces = cond.value.s
        if all(isinstance(piece, str) for piece in pieces):
            text = "".join(pieces)
            if text == "":
                return f'{field}==""'
            if not cased:
                return f'lower(coalesce({field}, ""))=={quote(text.lower())}'
            return f'coalesce({field}, "")=={quote(text)}'
        return _match(field, pattern_regex(pieces), not cased)

    convert_condition_field_eq_val_str_case_sensitive = convert_condition_field_eq_val_str

    def convert_condition_field_eq_val_num(self, cond: Any, state: ConversionState) -> str:
        """Numbers as numbers."""
        return f"if({self.escape_and_quote_field(cond.field)}=={cond.value}, 1, 0)==1"

    def convert_condition_field_eq_val_bool(self, cond: Any, state: ConversionState) -> str:
        """Splunk's events hold booleans as text."""
        field = self.escape_and_quote_field(cond.field)
        return f'lower(coalesce({field}, ""))=="{str(cond.value.boolean).lower()}"'

    def convert_condition_field_eq_val_re(  # type: ignore[override]  # the stock one defers it
        self, cond: Any, state: ConversionState
    ) -> str:
        """`match` is PCRE, unanchored, as the ir's "pcre" is."""
        return _match(self.escape_and_quote_field(cond.field), cond.value.regexp.s[0], bool(cond.value.flags))

    def convert_condition_field_eq_val_cidr(self, cond: Any, state: ConversionState) -> str:
        """`cidrmatch` takes IPv4 and IPv6."""
        return f'if(cidrmatch("{cond.value.cidr}", {self.escape_and_quote_field(cond.field)}), 1, 0)==1'

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
    if predicate == Constant(True):
        return "true()"
    return str(_WRITER.convert_condition(condition(predicate, _script), ConversionState()))


def pattern_regex(pieces: tuple[Any, ...]) -> str:
    """A wildcard pattern as an anchored regular expression; needless `.*` at the ends are left out."""
    names = {"WILDCARD_MULTI": ".*", "WILDCARD_SINGLE": "."}
    parts = [escape(piece) if isinstance(piece, str) else names[piece.name] for piece in pieces]
    start = "" if parts[0] == ".*" else "^"
    end = "" if parts[-1] == ".*" else "$"
    body = "".join(parts[(not start) : len(parts) - (not end)])
    return f"{start}{body}{end}"


def _match(field: str, pattern: str, ignore_case: bool) -> str:
    flags = "(?i)" if ignore_case else ""
    if "." in pattern.replace("\\.", ""):
        flags = "(?is)" if ignore_case else "(?s)"
    test = f'match(coalesce({field}, ""), {quote(flags + pattern)})'
    if compile_regex(pattern, "pcre", ignore_case).search(""):
        return f"(isnotnull({field}) AND {test})"
    return test


def _script(leaf: Script) -> str:
    return f"if({write_value(leaf.expression)}, 1, 0)==1"
