"""Rewriting the fields inside of script expressions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Logic, Value


def map_fields(value: Value, change: Callable[[FieldValue], Value]) -> Value:
    """The same expression with each field replaced by what `change` makes of it."""
    if isinstance(value, FieldValue):
        return change(value)
    if isinstance(value, Call):
        return dataclasses.replace(
            value, arguments=tuple(map_fields(argument, change) for argument in value.arguments)
        )
    if isinstance(value, Logic):
        return dataclasses.replace(value, items=tuple(map_fields(item, change) for item in value.items))
    if isinstance(value, Arithmetic | Comparison):
        return dataclasses.replace(
            value, left=map_fields(value.left, change), right=map_fields(value.right, change)
        )
    if isinstance(value, IsNull):
        return dataclasses.replace(value, item=map_fields(value.item, change))
    return value
