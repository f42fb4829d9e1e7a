"""Whether a script holds for an event, by the original's own evaluator.

One search after the other tries the same texts: what was said of them is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from converter.evaluate.elastic import compile_detection
from converter.evaluate.elastic.indices import INDEX
from converter.evaluate.elastic.timeline import FOREIGN, INDICATOR
from converter.evaluate.result import CompiledQuery
from converter.ir import Pipeline, Script
from converter.ir.detection import Eval, EventQuery, Extract, Stage, Where
from converter.ir.rewrite import sub_values, value_fields
from converter.ir.value import Call, FieldValue, Literal_, Value
from converter.lowering.scripts import map_children

T = TypeVar("T")
_MOST_KNOWN = 4096
_OF_EVENTS = ("kql", "qstr")
_ALWAYS = ("@timestamp", FOREIGN, INDICATOR, INDEX)
"""What a query looks at, whatever fields it names: the time of the run, and what an event is marked as."""
_NOW = {"@timestamp": "2025-03-04T10:15:30.250Z"}


@lru_cache(maxsize=256)
def script_holds(script: Script) -> ScriptTest:
    """A test for a script: of ES|QL as its pipelines do, else as EQL does, which has another way with
    arrays."""
    fields = frozenset(value_fields(script.expression))
    return ScriptTest(_query(script), fields, _reads_its_fields_alone(script.expression))


def _query(script: Script) -> CompiledQuery:
    if not _is_esql(script.expression):
        return compile_detection(EventQuery(script))
    stages: list[Stage] = []
    condition = _uncaptured(script.expression, stages)
    return compile_detection(Pipeline(("*",), (), (*stages, Where(condition))))


class ScriptTest:
    """A script's query over one event: what it says of the same values is kept, which are tried in one search
    after the other. `fields`: those that it names; `alone`: nothing else decides."""

    def __init__(self, query: CompiledQuery, fields: frozenset[str], alone: bool) -> None:
        self.fields = fields
        self._query = query
        self._alone = alone
        names = (name for field in sorted(fields) for name in _within(field))
        self._names = tuple(dict.fromkeys((*_ALWAYS, *names)))
        self._known: dict[tuple[object, ...], Any] = {}

    def __call__(self, event: Mapping[str, Any]) -> bool:
        """Whether the script holds for the event."""
        return self.once((), event, lambda: bool(self._query.run([{**_NOW, **event}])))

    def once(self, what: tuple[object, ...], event: Mapping[str, Any], find: Callable[[], T]) -> T:
        """What is found of the event's values in the script's fields."""
        read = self.reading(event)
        return find() if read is None else self.kept((*what, *read), find)

    def reading(self, event: Mapping[str, Any]) -> tuple[object, ...] | None:
        """The event's values in the script's fields; None where something else decides too."""
        return tuple([_told_apart(event.get(name)) for name in self._names]) if self._alone else None

    def kept(self, key: tuple[object, ...], find: Callable[[], T]) -> T:
        """What is found the first time."""
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = find()
        found: T = self._known[key]
        return found


def _told_apart(value: Any) -> Any:
    """The value as one that is equal to no other: a number is equal to a truth value."""
    return value if value is None or value.__class__ is str else (value.__class__, repr(value))


def _within(field: str) -> Iterator[str]:
    """The names under which the field may lie: its own, and those of objects around it."""
    parts = field.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _reads_its_fields_alone(value: Value) -> bool:
    """Whether nothing but the named fields decides: no query of another language, nor the whole event."""
    nodes = tuple(sub_values(value))
    return not any(isinstance(node, Call) and node.function in _OF_EVENTS for node in nodes) and not any(
        isinstance(node, FieldValue) and node.name.startswith("_") for node in nodes
    )


def _is_esql(value: Value) -> bool:
    return any(isinstance(node, Call) and node.language == "esql" for node in sub_values(value))


def _uncaptured(value: Value, stages: list[Stage]) -> Value:
    """The expression with each `$capture` as a column of a `grok` before it."""
    changed_value = map_children(value, lambda item: _uncaptured(item, stages))
    if not isinstance(changed_value, Call) or changed_value.function != "$capture":
        return changed_value
    source, pattern = changed_value.arguments
    assert isinstance(pattern, Literal_)
    name = f"captured.c{len(stages)}"
    stages.append(Eval(((f"{name}_of", source),)))
    text = _named(str(pattern.value), name)
    stages.append(Extract("grok", FieldValue(f"{name}_of"), text, (name,)))
    return FieldValue(name)


def _named(pattern: str, name: str) -> str:
    """The pattern with its one group named."""
    place = 0
    while place < len(pattern):
        if pattern[place] == "\\":
            place += 2
            continue
        if pattern[place] == "[":
            end = pattern.index("]", place + 2)
            place = end + 1
            continue
        if pattern[place] == "(" and pattern[place + 1 : place + 2] != "?":
            return f"{pattern[:place]}(?<{name}>{pattern[place + 1 :]}"
        place += 1
    return pattern
