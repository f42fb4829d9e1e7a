"""What is null in ES|QL: what reads a field that is missing, or that has several values.

to_integer(f) <= 3     where no event has f       ->   never true
f == "a"               where f is ["a", "b"]      ->   null: an event that it takes has one value
"""

from __future__ import annotations

from collections.abc import Iterator

from converter.ir.rewrite import sub_values
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, IsNull, Literal_, Logic, Value


def is_strict(value: Value) -> bool:
    """Whether it is an expression of ES|QL that is null where an operand has several values: then an event
    for which it is true has one. Not so of EQL's, nor of functions that are there for several values."""
    return any(isinstance(one, Call) for one in sub_values(value)) and all(map(_is_of_one, sub_values(value)))


def _is_of_one(value: Value) -> bool:
    if isinstance(value, Call):
        return (
            value.language == "esql" and not value.function.startswith("mv_") and value.function not in _NULLS
        )
    return not isinstance(value, IsNull | Holds)


def compared_fields(value: Value) -> Iterator[str]:
    """The fields that an expression of ES|QL's reads by itself: not those of which full-text functions search
    all values (`match`; `kql` and `qstr` name theirs in a text)."""
    match value:
        case FieldValue(name=name):
            yield name
        case Call(function=function, arguments=items):
            for item in items if function not in _SEARCHING else ():
                yield from compared_fields(item)
        case Logic(items=items):
            for item in items:
                yield from compared_fields(item)
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            yield from (*compared_fields(left), *compared_fields(right))


def single_fields(condition: Value) -> frozenset[str]:
    """The fields that have one value in every event for which a condition of ES|QL's is true: those that are
    compared, of which several values give null.

    >>> sorted(single_fields(Logic("not", (Comparison("==", FieldValue("a"), Literal_(1)),))))
    ['a']
    """
    return _single_fields(condition, True)


def _single_fields(condition: Value, holds: bool) -> frozenset[str]:
    match condition:
        case Logic(op="not", items=(item,)):
            return _single_fields(item, not holds)
        case Logic(op=op, items=items):
            found = [_single_fields(item, holds) for item in items]
            every = (op == "and") is holds
            return frozenset[str]().union(*found) if every else frozenset.intersection(*found)
        case Comparison() | Call():
            told = isinstance(condition, Comparison) or condition.function in _COMPARING
            if told and all(map(_is_of_one, sub_values(condition))):
                return frozenset(one.name for one in sub_values(condition) if isinstance(one, FieldValue))
    return frozenset()


def is_never_true(value: Value) -> bool:
    """Whether the condition compares nothing, in every event of a record without the field: that is null.

    >>> is_never_true(Comparison("<=", Call("to_integer", (Literal_(None),), language="esql"), Literal_(3)))
    True
    """
    match value:
        case Comparison(left=left, right=right):
            return _is_null(left) or _is_null(right)
        case Logic(op="and", items=items):
            return any(map(is_never_true, items))
        case Logic(op="or", items=items):
            return all(map(is_never_true, items))
    return False


def _is_null(value: Value) -> bool:
    match value:
        case Literal_(value=None):
            return True
        case Arithmetic(left=left, right=right):
            return _is_null(left) or _is_null(right)
        case Call(function=name, arguments=arguments):
            return name in _STRICT and any(map(_is_null, arguments))
    return False


_SEARCHING = frozenset({"match", "match_phrase", "kql", "qstr"})
"""ES|QL's full-text functions."""
_NULLS = frozenset({"coalesce", "case"})
"""Functions that are not null where an operand is."""
_COMPARING = frozenset({"in", "like", "rlike", "starts_with", "ends_with", "contains", "cidr_match"})
"""ES|QL's conditions on values, each null where one of them is."""
_STRICT = frozenset(
    {
        "to_integer",
        "to_long",
        "to_double",
        "to_string",
        "to_lower",
        "to_upper",
        "length",
        "substring",
        "trim",
        "concat",
        "replace",
    }
)
"""ES|QL's functions of one row that are null where an argument is (its documentation, "Functions")."""
