"""Predicates as short text, so that a case's expectation is one line of YAML."""

from __future__ import annotations

import json

from converter.ir import (
    And,
    AnyField,
    Between,
    Cidr,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Nested,
    Not,
    Or,
    Phrase,
    Predicate,
    Regex,
    Script,
    Wild,
)


def pattern(parts: tuple[str | Wild, ...]) -> str:
    """Wildcards as `*` and `?`, the letters `*` and `?` in brackets."""
    return "".join(
        part.value if isinstance(part, Wild) else part.replace("*", "[*]").replace("?", "[?]")
        for part in parts
    )


def show(node: Predicate) -> str:
    """One line: `a = "x" and not (b exists)`; every AND and OR in parentheses."""
    match node:
        case Constant(value):
            return "true" if value else "false"
        case And(items):
            return "(" + " and ".join(map(show, items)) + ")"
        case Or(items):
            return "(" + " or ".join(map(show, items)) + ")"
        case Not(item):
            return f"not {show(item)}"
        case Exists(field):
            return f"{field} exists"
        case Equals(field, value, ignore_case):
            return f"{field} {'=~' if ignore_case else '='} {json.dumps(value, ensure_ascii=False)}"
        case Like(field, parts, ignore_case):
            return f"{field} {'like~' if ignore_case else 'like'} {pattern(parts)}"
        case Regex(field, text, dialect, ignore_case):
            return f"{field} {dialect}{'~' if ignore_case else ''} /{text}/"
        case Compare(field, op, value):
            return f"{field} {op} {json.dumps(value)}"
        case Between(field, low, high, low_op, high_op):
            return f"{field} {low_op} {json.dumps(low)} {high_op} {json.dumps(high)}"
        case Cidr(field, network):
            return f"{field} in {network}"
        case Phrase(field, tokens):
            words = [token if isinstance(token, str) else pattern(token) for token in tokens]
            return f"{field} has <{' '.join(words)}>"
        case AnyField(parts, phrase):
            return f"any {'phrase' if phrase else 'word'} {pattern(parts)}"
        case Nested(path, item):
            return f"{path}{{{show(item)}}}"
        case Script():
            return "script"
        case _:
            raise TypeError(node)


TYPES = {
    "text": "text",
    "long": "long",
    "float": "float",
    "ip": "ip",
    "date": "date",
    "bool": "boolean",
    "wild": "wildcard",
    "flat": "flattened",
    "geo": "geo_point",
    "obj": "nested",
    "caseless": "caseless",
}
"""The types of the fields that the cases use; any other name is a keyword."""


def field_type(name: str) -> str:
    """The type of a field in the cases."""
    return TYPES.get(name.rpartition(".")[2], "keyword")
