"""A second reading of Sigma and of predicates, as plain as can be: it shares no code with the project's.

`read` parses a detection with pySigma and asks an event; `holds` asks an event what the predicate says.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.conditions import ConditionAND, ConditionNOT, ConditionOR
from sigma.rule import SigmaRule
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaFieldReference,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SpecialChars,
)

from converter.ir import And, Cidr, Compare, Equals, Exists, Like, Not, Or, Predicate, Regex, Script, Wild
from converter.ir.value import Comparison, FieldValue

Event = Mapping[str, Any]
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_SIGNS = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
}


def read(detection: dict[str, Any], event: Event) -> bool:
    """Whether the event is detected, by the text of the detection."""
    text = yaml.safe_dump({"title": "t", "logsource": {"category": "c"}, "detection": detection})
    rule = SigmaCollection.from_yaml(text).rules[0]
    assert isinstance(rule, SigmaRule)
    return _asks(rule.detection.parsed_condition[0].parsed, event)


def _asks(node: Any, event: Event) -> bool:
    if isinstance(node, ConditionAND):
        return all(_asks(item, event) for item in node.args)
    if isinstance(node, ConditionOR):
        return any(_asks(item, event) for item in node.args)
    if isinstance(node, ConditionNOT):
        return not _asks(node.args[0], event)
    values = _values(event, node.field)
    if isinstance(node.value, SigmaExists):
        return (node.field in event) == bool(node.value)
    if isinstance(node.value, SigmaFieldReference):
        others = {str(other).lower() for other in _values(event, node.value.field)}
        return any(str(value).lower() in others for value in values)
    return any(_fits(node.value, value) for value in values)


def _fits(wanted: Any, value: Any) -> bool:
    match wanted:
        case SigmaString():
            names: dict[Any, str] = {SpecialChars.WILDCARD_MULTI: ".*", SpecialChars.WILDCARD_SINGLE: "."}
            pattern = "".join(re.escape(part) if isinstance(part, str) else names[part] for part in wanted.s)
            return _whole(pattern, value, ignore_case=not isinstance(wanted, SigmaCasedString))
        case SigmaRegularExpression():
            flag = re.I if SigmaRegularExpressionFlag.IGNORECASE in wanted.flags else 0
            return re.search(str(wanted.regexp), str(value), flag) is not None
        case SigmaCIDRExpression():
            return _inside(value, str(wanted.cidr))
        case SigmaCompareExpression():
            number = wanted.number.number
            return isinstance(value, int) and _COMPARE[_SIGNS[wanted.op]](value, number)
        case SigmaNumber():
            return str(value) == str(wanted.number)
        case SigmaBool():
            return str(value).lower() == str(wanted.boolean).lower()
    raise AssertionError(wanted)


def holds(predicate: Predicate, event: Event) -> bool:
    """Whether the event satisfies the predicate."""
    match predicate:
        case And(items=items):
            return all(holds(item, event) for item in items)
        case Or(items=items):
            return any(holds(item, event) for item in items)
        case Not(item=item):
            return not holds(item, event)
        case Exists(field=name):
            return name in event
        case Script(expression=Comparison(left=FieldValue(name=left), right=FieldValue(name=right))):
            others = {str(value).lower() for value in _values(event, right)}
            return any(str(value).lower() in others for value in _values(event, left))
        case Equals() | Like() | Regex() | Compare() | Cidr():
            return any(_satisfies(predicate, value) for value in _values(event, predicate.field))
    raise AssertionError(predicate)


def _satisfies(leaf: Equals | Like | Regex | Compare | Cidr, value: Any) -> bool:
    match leaf:
        case Equals(value=bool() as wanted):
            return str(value).lower() == str(wanted).lower()
        case Equals(value=wanted, ignore_case=ignore_case):
            return _whole(re.escape(str(wanted)), value, ignore_case)
        case Like(pattern=pattern, ignore_case=ignore_case):
            wild = {Wild.ANY: ".*", Wild.ONE: "."}
            text = "".join(wild[piece] if isinstance(piece, Wild) else re.escape(piece) for piece in pattern)
            return _whole(text, value, ignore_case)
        case Regex(pattern=text, ignore_case=ignore_case):
            return re.search(text.replace(r"\z", r"\Z"), str(value), re.I if ignore_case else 0) is not None
        case Compare(op=op, value=limit):
            return isinstance(value, int) and not isinstance(limit, str) and _COMPARE[op](value, limit)
        case Cidr(network=network):
            return _inside(value, network)


def _whole(pattern: str, value: Any, ignore_case: bool) -> bool:
    return re.fullmatch(pattern, str(value), re.S | (re.I if ignore_case else 0)) is not None


def _inside(value: Any, network: str) -> bool:
    try:
        return ipaddress.ip_address(str(value)) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _values(event: Event, name: str) -> list[Any]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]
