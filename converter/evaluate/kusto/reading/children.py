"""What the grammar's rules hand over: places, settings, parts that may be left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.kept.nodes import Meta
from converter.source import Position


def place_of(at: Meta) -> Position:
    """Where it begins; the start of the text for what is empty."""
    return Position(at.line, at.column)


def settings_of(children: Sequence[Any]) -> tuple[ast.Settings, list[Any]]:
    """Split leading `name=value` settings from the rest; hints do not change results and are dropped."""
    settings: ast.Settings = {}
    rest = list(children)
    while rest and isinstance(rest[0], dict):
        settings.update(rest.pop(0))
    return {name: value for name, value in settings.items() if not name.startswith("hint")}, rest


def present(children: Sequence[Any]) -> list[Any]:
    """The children without those that were left out."""
    return [child for child in children if child is not None]
