"""lookup: fields of a table's rows whose key fields equal the event's. Source: Search Reference, "lookup"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Results, Row, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.values import collapsed, several, text
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position, QuerySyntaxError

MAX_MATCHES = 1000
"""The most rows of a table that one event takes (transforms.conf, max_matches without a time field)."""

Pairs = tuple[tuple[str, str], ...]
Table = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Lookup:
    """`keys` and `outputs` are pairs (table's field, event's field); no outputs: all other fields."""

    name: str
    keys: Pairs
    outputs: Pairs
    keeps: bool
    position: Position


def table_rows(run: Run, name: str, position: Position) -> Table:
    """A lookup table's rows. Raises NotSupportedError where it is not given."""
    found = run.lookups.get(name, run.lookups.get(name.removesuffix(".csv")))
    if found is None:
        raise NotSupportedError(f"lookup {name}, whose table is not given", position, code="spl-lookup")
    return found


def lookup(command: Command, planner: Planner) -> Step:
    """`lookup table key AS field OUTPUT a AS b`: OUTPUTNEW keeps values that are there."""
    cursor = Cursor(command)
    list(cursor.options({"local": boolean, "update": boolean}))
    position = cursor.position
    name = cursor.name()
    keys = _pairs(cursor)
    keeps = False
    outputs: Pairs = ()
    if not cursor.done:
        keeps = cursor.sees_word("outputnew")
        cursor.next()
        outputs = _pairs(cursor)
    cursor.finish()
    if not keys:
        raise QuerySyntaxError("lookup needs a field", position)
    task = _Lookup(name, keys, outputs, keeps, position)

    def stage(results: Results, run: Run) -> Results:
        rows = table_rows(run, name, position)
        if outputs and not results.rows:  # most searches of many find nothing to look up
            return results.with_columns([target for _, target in outputs])
        finder = _Finder(task, rows)
        added = [target for _, target in finder.outputs]
        return results.with_rows([finder.annotated(row) for row in results.rows]).with_columns(added)

    return Step(stage)


def _pairs(cursor: Cursor) -> Pairs:
    pairs: list[tuple[str, str]] = []
    while not cursor.done and not cursor.sees_word("output", "outputnew"):
        name = cursor.name()
        pairs.append((name, cursor.name() if cursor.takes_word("as") else name))
        cursor.takes("COMMA")
    return tuple(pairs)


class _Finder:
    """A table indexed by its first key's values; texts compare with case, as CSV lookups do."""

    def __init__(self, task: _Lookup, table: Table) -> None:
        self._task = task
        self._index: dict[str, list[Mapping[str, Any]]] = {}
        for fields in table:
            for value in several(fields.get(task.keys[0][0])):
                self._index.setdefault(text(value), []).append(fields)
        names = dict.fromkeys(name for fields in table for name in fields)
        keys = {name for name, _ in task.keys}
        self.outputs = task.outputs or tuple((name, name) for name in names if name not in keys)
        self._found: dict[tuple[tuple[str, ...], ...], list[Mapping[str, Any]]] = {}

    def annotated(self, row: Row) -> Row:
        """The row with the output fields: null where no row of the table is found."""
        wanted = tuple(tuple(map(text, several(row.fields.get(target)))) for _, target in self._task.keys)
        found = self._found.get(wanted)
        if found is None:
            found = self._found[wanted] = self._rows(wanted)
        fields = dict(row.fields)
        for source, target in self.outputs:
            if self._task.keeps and fields.get(target) is not None:
                continue
            fields[target] = collapsed([value for item in found for value in several(item.get(source))])
        return row.with_fields(fields)

    def _rows(self, wanted: tuple[tuple[str, ...], ...]) -> list[Mapping[str, Any]]:
        first, *others = wanted
        candidates = [fields for value in first for fields in self._index.get(value, ())]
        rest = list(zip(others, self._task.keys[1:], strict=True))
        found = [
            fields
            for fields in candidates
            if all(text(fields.get(name)) in values for values, (name, _) in rest)
        ]
        return found[:MAX_MATCHES]
