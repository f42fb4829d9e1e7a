"""ir predicates -> pySigma's condition tree, which the backend subclasses write as text.

    Or(Equals(f, "a"), Equals(f, "b"), Like(f, "c*"))   ->   ConditionOR(f in (a, b), f=c*)

Leaves that a backend says as one (a list of values, one regular expression) are brought together.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.base import TextQueryBackend
from sigma.conversion.state import ConversionState
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaNumber,
    SigmaQueryExpression,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SpecialChars,
)

from converter.ir.predicate import (
    And,
    Cidr,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Regex,
    Scalar,
    Script,
    Wild,
)
from converter.lowering.fidelity import Refused

_WILD = {Wild.ANY: SpecialChars.WILDCARD_MULTI, Wild.ONE: SpecialChars.WILDCARD_SINGLE}
_OPERATORS = {
    "<": SigmaCompareExpression.CompareOperators.LT,
    "<=": SigmaCompareExpression.CompareOperators.LTE,
    ">": SigmaCompareExpression.CompareOperators.GT,
    ">=": SigmaCompareExpression.CompareOperators.GTE,
}

ScriptWriter = Callable[[Script], str]
Together = Callable[[Predicate], Hashable | None]
"""What a leaf has in common with the others that the backend writes with it as one; None: nothing."""


class Parenthesized(TextQueryBackend):
    """Parentheses around every AND and OR inside another item, none around a leaf, a list or a NOT.

    No meaning then depends on which of AND and OR binds tighter, about which products and their
    documentation disagree.
    """

    def compare_precedence(self, outer: Any, inner: Any) -> bool:
        """Whether `inner` stands in `outer` without parentheses."""
        if isinstance(inner, ConditionOR):
            return self.decide_convert_condition_as_in_expression(inner, ConversionState())
        return not isinstance(inner, ConditionAND)

    def convert_condition_not(self, cond: Any, state: ConversionState) -> str:
        """`NOT leaf`, or `NOT (items)`."""
        arg = cond.args[0]
        text = self.convert_condition(arg, state)
        bare = not isinstance(arg, ConditionAND | ConditionOR | ConditionNOT) or self.compare_precedence(
            cond, arg
        )
        return self.negated(str(text), bare)

    def convert_condition_query_expr(self, cond: Any, state: ConversionState) -> str:
        """A script's text, as it is: the stock method would take its braces for placeholders."""
        return str(cond.value.expr)

    def negated(self, text: str, bare: bool) -> str:
        """The complement of a condition; `bare`: it needs no parentheses."""
        return f"{self.not_token} {text}" if bare else f"{self.not_token} ({text})"


def equal_values(leaf: Predicate) -> Hashable | None:
    """Texts that one field equals, with their case or without."""
    if isinstance(leaf, Equals) and isinstance(leaf.value, str):
        return leaf.field, is_caseless(leaf)
    return None


def condition(predicate: Predicate, write_script: ScriptWriter, together: Together = equal_values) -> Any:
    """The predicate as pySigma's condition tree. Raises Refused for a leaf that no backend writes."""
    match predicate:
        case And(items=items):
            return ConditionAND([condition(item, write_script, together) for item in items])
        case Or(items=items):
            return _either(items, write_script, together)
        case Not(item=item):
            return ConditionNOT([condition(item, write_script, together)])
        case Script():
            return ConditionValueExpression(SigmaQueryExpression(write_script(predicate), "script"))
    return _leaf(predicate)


def _either(items: Iterable[Predicate], write_script: ScriptWriter, together: Together) -> Any:
    groups: dict[Hashable, list[Predicate]] = {}
    others: list[Predicate] = []
    for item in items:
        key = together(item)
        (others if key is None else groups.setdefault(key, [])).append(item)
    grouped = [
        ConditionOR([_leaf(item) for item in group]) if len(group) > 1 else _leaf(group[0])
        for group in groups.values()
    ]
    args = grouped + [condition(item, write_script, together) for item in others]
    return args[0] if len(args) == 1 else ConditionOR(args)


def _leaf(leaf: Predicate) -> Any:
    match leaf:
        case Equals(field=name, value=value):
            return ConditionFieldEqualsValueExpression(name, _scalar(value, is_caseless(leaf)))
        case Like(field=name, pattern=pattern):
            return ConditionFieldEqualsValueExpression(name, string(pattern, is_caseless(leaf)))
        case Regex(field=name, pattern=pattern, ignore_case=ignore_case):
            return ConditionFieldEqualsValueExpression(name, _regex(pattern, ignore_case))
        case Compare(field=name, op=op, value=value) if not isinstance(value, str):
            return ConditionFieldEqualsValueExpression(
                name, SigmaCompareExpression(SigmaNumber(value), _OPERATORS[op])
            )
        case Cidr(field=name, network=network):
            return ConditionFieldEqualsValueExpression(name, SigmaCIDRExpression(network))
        case Exists(field=name):
            return ConditionFieldEqualsValueExpression(name, SigmaExists(True))
        case Constant():
            raise Refused.because("no-condition", "nothing is left to search for", position=leaf.pos)
    raise Refused.because(
        "construct", f"{type(leaf).__name__.lower()} has no equivalent in the target", position=leaf.pos
    )


def is_caseless(leaf: Equals | Like) -> bool:
    """Whether case makes no difference: it is ignored, or there is none in the value."""
    if leaf.ignore_case:
        return True
    pieces = leaf.pattern if isinstance(leaf, Like) else (str(leaf.value),)
    return not any(isinstance(piece, str) and piece.lower() != piece.upper() for piece in pieces)


def string(pattern: Iterable[str | Wild], caseless: bool) -> SigmaString:
    """Pieces as a Sigma string, set as they are: nothing is escaped or unescaped on the way."""
    value = SigmaString("") if caseless else SigmaCasedString("")
    value.s = [_WILD[piece] if isinstance(piece, Wild) else piece for piece in pattern]
    return value


def _regex(pattern: str, ignore_case: bool) -> SigmaRegularExpression:
    """The pattern set as it is: pySigma's own reading would take its `*` and `?` for wildcards."""
    value = SigmaRegularExpression("", {SigmaRegularExpressionFlag.IGNORECASE} if ignore_case else set())
    value.regexp.s = [pattern]
    return value


def _scalar(value: Scalar, caseless: bool) -> SigmaString | SigmaNumber | SigmaBool:
    if isinstance(value, bool):
        return SigmaBool(value)
    if isinstance(value, int | float):
        return SigmaNumber(value)
    return string((value,), caseless)
