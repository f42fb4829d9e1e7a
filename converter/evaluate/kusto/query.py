"""Compiled Kusto queries: text in, events in, alerts or a table out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.parse import parse, too_deep
from converter.evaluate.kusto.relation import Relation, Runtime, Schema
from converter.evaluate.kusto.statements import bind_any, bind_query, bind_table
from converter.evaluate.kusto.tabular.sources import events_of
from converter.evaluate.kusto.types import TYPE_NAMES, Type
from converter.evaluate.kusto.values import json_value
from converter.evaluate.result import Choice, Event, Matches, Table, any_of
from converter.late import late

Inferred = dict[str, dict[str, Type]]


def compile_kusto(
    text: str, *, schemas: Mapping[str, Mapping[str, str]] | None = None, now: float | None = None
) -> KustoQuery:
    """Compile a Kusto query.

    `schemas` gives tables their columns and types (table -> column -> type name). A table without one gets
    its columns from the events. `now` is the Unix time that `now()` and `ago()` start from, else the clock's.
    Raises QuerySyntaxError for what is no query (unknown columns of declared tables, wrong types), and
    NotSupportedError, with the construct's name and place, for what is not evaluated.
    """
    return KustoQuery(text, _Declared(schemas or {}), now)


class _Declared(Mapping[str, dict[str, Type]]):
    """Tables with their columns' types: read for those that a query names, of the hundreds that there are."""

    def __init__(self, schemas: Mapping[str, Mapping[str, str]]) -> None:
        self._schemas = schemas

    def __getitem__(self, table: str) -> dict[str, Type]:
        return {column: TYPE_NAMES[kind.lower()] for column, kind in self._schemas[table].items()}

    def __contains__(self, table: object) -> bool:
        return table in self._schemas

    def __iter__(self) -> Iterator[str]:
        return iter(self._schemas)

    def __len__(self) -> int:
        return len(self._schemas)


class KustoQuery:
    """A compiled query. `inferred_tables` are the tables it reads that have no declared schema.

    It is bound when it is compiled, and again where such a table's events have other columns than before.
    """

    def __init__(self, text: str, declared: Mapping[str, dict[str, Type]], now: float | None) -> None:
        self._tree = parse(text)
        self._declared = declared
        self._now = now
        self._runtime = Runtime()
        self.inferred_tables: set[str] = set()
        self._signature: Inferred = {}
        self._plan = self._bind({})

    @property
    def looked_at(self) -> Choice | None:
        """Not known where columns, or tables, are those that the events have."""
        return None if self.inferred_tables or self._runtime.explored else any_of(self._runtime.choices)

    def run(self, events: Sequence[Event], *, now: float | None = None) -> Matches | Table:
        """Evaluate over `events`. Rows that come from events give their numbers, other rows a table.

        `now`: the time of this run, else that of the compilation.
        """
        if now is None:
            now = time.time() if self._now is None else self._now
        self._runtime.reset(events, now)
        try:
            self._renew(events)
            return _output(self._plan)
        except RecursionError:
            raise too_deep() from None
        finally:
            self._runtime.reset((), now)

    def _renew(self, events: Sequence[Event]) -> None:
        """Bind again where these events have other columns or tables; that may find further tables."""
        signature: Inferred = {}
        stale = self._runtime.explored
        while stale or signature.keys() != self.inferred_tables:
            tables = sorted(self.inferred_tables - signature.keys())
            signature |= {table: infer_schema(events, table) for table in tables}
            if stale or signature != self._signature:
                self._plan = self._bind(signature)
                self._signature = signature.copy()
            stale = False

    def _bind(self, inferred: Inferred) -> Relation:
        def table_schema(name: str) -> tuple[Schema, bool]:
            if name in self._declared:
                return self._declared[name], False
            self.inferred_tables.add(name)
            return inferred.get(name, {}), True

        self._runtime.choices.clear()
        environment = Environment(self._runtime, table_schema, self._declared, bind_table, bind_any)
        try:
            return bind_query(environment, self._tree)
        except RecursionError:
            raise too_deep() from None


def _output(plan: Relation) -> Matches | Table:
    rows = plan.rows()
    if plan.provenance:
        return Matches(tuple(events_of(row, plan.provenance) for row in rows))
    readers = [column.reader() for column in plan.columns]
    return Table(
        tuple(column.name for column in plan.columns),
        tuple(tuple(json_value(read(row)) for read in readers) for row in rows),
    )


# ---- types of columns that nobody declared

_MOMENT = late(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")
_KINDS: dict[type, Type] = {bool: Type.BOOL, int: Type.LONG, float: Type.REAL}


_SETTLED: dict[Type, type] = {kind: python for python, kind in _KINDS.items()} | {Type.STRING: str}
"""The class of which another value changes nothing in the type of a column."""


class _Unsettled:
    """The class of no value."""


def _kind(value: Any) -> Type:
    if isinstance(value, str):
        return Type.DATETIME if _MOMENT.fullmatch(value) else Type.STRING
    return _KINDS.get(value.__class__, Type.DYNAMIC)


def _merge(one: Type, other: Type) -> Type:
    pair = {one, other}
    if pair == {Type.LONG, Type.REAL}:
        return Type.REAL
    return Type.STRING if pair == {Type.DATETIME, Type.STRING} else Type.DYNAMIC


def infer_schema(events: Sequence[Event], table: str) -> dict[str, Type]:
    """The columns of a table's events: bool, long, real, datetime (ISO 8601 and a time), string, dynamic."""
    schema: dict[str, Type] = {}
    settled: dict[str, type] = {}
    for event in events:
        if event.get("$table", table) != table:
            continue
        for name, value in event.items():
            # by far the most values are of the class that the column's type already has
            if value.__class__ is settled.get(name) or value is None or name == "$table":
                continue
            known, kind = schema.get(name), _kind(value)
            if known is not kind:
                schema[name] = kind if known is None else _merge(known, kind)
            settled[name] = _SETTLED.get(schema[name], _Unsettled)
    return schema
