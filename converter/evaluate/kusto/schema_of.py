"""`buildschema`: the smallest schema that admits all values of a dynamic column."""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import values

_NAMES = (
    (bool, "bool"),
    (values.DateTime, "datetime"),
    (values.TimeSpan, "timespan"),
    (int, "long"),
    (float, "double"),
    (values.Guid, "guid"),
    (str, "string"),
)


def schema_of(found: list[Any]) -> Any:
    """A type name, a bag of property schemas, `indexer` for array elements, or a list of alternatives."""
    options: list[Any] = []
    bags = [value for value in found if isinstance(value, dict)]
    arrays = [value for value in found if isinstance(value, list)]
    for value in found:
        name = next((name for python, name in _NAMES if isinstance(value, python)), None)
        if name is not None and name not in options:
            options.append(name)
    if bags or arrays:
        properties: dict[str, Any] = {}
        for key in dict.fromkeys(key for bag in bags for key in bag):
            properties[key] = schema_of([bag[key] for bag in bags if key in bag])
        if arrays:
            properties["`indexer`"] = schema_of([item for array in arrays for item in array])
        options.append(properties)
    return options[0] if len(options) == 1 else options
