"""Where in a Sigma text something stands: pySigma's objects and errors have lost it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import yaml

from converter.late import late
from converter.source import Position

_QUOTED = late(r"'([^']+)'|\"([^\"]+)\"")
_INSIDE_CONDITION = late(r"\(line:1, col:(\d+)\)")
_MODIFIER = late(r"Sigma(\w+)Modifier")
_NAMED = (
    ("condition", "condition"),
    ("log source", "logsource"),
    ("logsource", "logsource"),
    ("detection", "detection"),
    ("timespan", "timespan"),
    ("related", "related"),
    ("identifier", "id"),
    ("status", "status"),
    ("level", "level"),
    ("modified", "modified"),
    ("date", "date"),
    ("tag", "tags"),
    ("references", "references"),
    ("falsepositives", "falsepositives"),
    ("fields", "fields"),
    ("filter", "filter"),
    ("correlation", "correlation"),
    ("title", "title"),
    ("unsupported type", "detection"),
)
"""Words of an error, and the key that it is about; the first that occur in both decide."""


def place_of(text: str, key: str) -> Position | None:
    """Where a key first stands in the text, with or without modifiers."""
    keys = (place for place, found, is_key in _scalars(text) if is_key and found.split("|")[0] == key)
    return next(keys, None)


def place_of_error(text: str, message: str) -> Position:
    """Where what an error of pySigma quotes or names stands; the text's start where that can't be told."""
    try:
        scalars = list(_scalars(text))
    except yaml.YAMLError:
        scalars = []
    inside = _INSIDE_CONDITION.search(message)
    if inside is not None:
        for (_, found, is_key), (place, _, _) in pairwise(scalars):
            if is_key and found == "condition":
                return Position(place.line, place.column + int(inside.group(1)) - 1)
    quoted = [one or other for one, other in _QUOTED.findall(message)]
    quoted += [name.lower() for name in _MODIFIER.findall(message)]
    for wanted in quoted:
        for place, found, _ in scalars:
            if found == wanted or wanted in found.split("|")[1:]:
                return place
    for wanted in quoted:
        for place, found, _ in scalars:
            if wanted in found:
                return place
    for word, key in _NAMED:
        if word in message.lower():
            for place, found, is_key in scalars:
                if is_key and found == key:
                    return place
    return Position(1, 1)


def _scalars(text: str) -> Iterator[tuple[Position, str, bool]]:
    """All keys and values that are no maps or lists, in the order of the text, and whether it is a key."""
    waiting = [(node, False) for node in yaml.compose_all(text, yaml.CSafeLoader)][::-1]
    while waiting:
        node, is_key = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting.extend((item, False) for item in reversed(node.value))
        elif isinstance(node, yaml.MappingNode):
            for key, value in reversed(node.value):
                waiting.extend(((value, False), (key, True)))
        elif isinstance(node, yaml.ScalarNode):
            yield Position(node.start_mark.line + 1, node.start_mark.column + 1), str(node.value), is_key
