"""Plans as Kusto queries.

    DeviceProcessEvents
    | where ActionType == "ProcessCreated"
    | where InitiatingProcessFileName =~ "wmiprvse.exe"

Parts in several tables are a `union`. Sequences are in `kusto_sequence`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from converter.backends.kusto_literals import quote
from converter.backends.kusto_where import write_where
from converter.ir.predicate import Constant, Exists, Predicate
from converter.ir.rewrite import conjuncts, fields_of, map_leaves
from converter.lowering.fidelity import Refused
from converter.lowering.plan import EventPlan, Part
from converter.taxonomy.model import Cell

Schemas = Mapping[str, Mapping[str, str]]
_JOINED = re.compile(r"strcat\((\w+), ")


def write_events(plan: EventPlan, schemas: Schemas) -> str:
    """The query for single events. Raises Refused for what Kusto has no equivalent of."""
    return union([events(part, schemas) for part in plan.parts])


def union(queries: Sequence[str]) -> str:
    """The rows of all queries."""
    if len(queries) == 1:
        return queries[0]
    return "union\n" + ",\n".join("(" + query.replace("\n", "\n    ") + ")" for query in queries)


def _asked_by_its_head(part: Part) -> Part:
    """The part, which asks of a column that is joined from others whether the first of these is there: with
    the separator the joined text is never empty."""
    matches = ((name, _JOINED.match(text)) for name, text in part.shape.extend.items())
    heads = {name: found[1] for name, found in matches if found is not None}
    if not heads:
        return part

    def there(leaf: Predicate) -> Predicate:
        head = heads.get(leaf.field) if isinstance(leaf, Exists) else None
        return leaf if head is None else Exists(head, pos=leaf.pos)

    return replace(part, predicate=map_leaves(part.predicate, there))


def events(part: Part, schemas: Schemas) -> str:
    """One table's events: the shape's constants first, then one `where` for each condition."""
    part = _asked_by_its_head(part)
    if part.shape.table is None:
        raise Refused.because("no-table", f"{part.record.title} has no table in {part.shape.profile}")
    types = columns(part, schemas)
    lines = [part.shape.table]
    lines += [f"| where {constant(name, values, types)}" for name, values in part.where]
    if (hosts := part.shape.hosts) is not None:
        said = constant(hosts.column, hosts.values, {})
        lines.append(f"| where {hosts.key} in ({hosts.table} | where {said} | project {hosts.key})")
    names = {*fields_of(part.predicate), *part.keys, *_sources(part)}
    asked = names | {name.partition(".")[0] for name in names}
    lines += [
        f"| extend {name} = {expression}" for name, expression in part.shape.extend.items() if name in asked
    ]
    lines += [
        f"| where {write_where(item, types)}" for item in conjuncts(part.predicate) if item != Constant(True)
    ]
    lines += [f"| extend {name} = {_computed(cell, part)}" for name, cell in part.computed]
    return "\n".join(lines)


def _sources(part: Part) -> Iterator[str]:
    """The columns from which the part's computed keys come."""
    for _, cell in part.computed:
        yield from (cell.field, *cell.argument.split(","))


def _computed(cell: Cell, part: Part) -> str:
    """A key that the table does not hold: a path's last part, or two columns together (empty if one is)."""
    if cell.conversion == "either":
        return f"coalesce({', '.join([cell.field, *cell.argument.split(',')])})"
    if cell.conversion == "joined":
        first, second = f"tostring({cell.field})", f"tostring({cell.argument})"
        return f'iff(isempty({first}) or isempty({second}), "", strcat({first}, "/", {second}))'
    text = f"tostring({cell.field})" if "." in cell.field else cell.field
    return f"tostring(split({text}, {quote(part.record.separator)})[-1])"


def columns(part: Part, schemas: Schemas) -> Mapping[str, str]:
    """The columns of the part's table with their types, and those that the query computes (texts)."""
    types = schemas.get(part.shape.table or "", {})
    own = {
        name: "dynamic" if expression.startswith("parse_json(") else "string"
        for name, expression in part.shape.extend.items()
    }
    return {**types, **own, **{name: "string" for name, _ in part.computed}} if types else {}


def constant(name: str, values: tuple[str, ...], types: Mapping[str, str]) -> str:
    """A constant of the shape: `ActionType == "ProcessCreated"`; numbers in number columns."""
    column_type = types.get(name, "string")
    texts = [quote(value) if column_type == "string" else value for value in values]
    if "." in name:  # a path into a dynamic column
        name = f"tostring({name})"
    return f"{name} == {texts[0]}" if len(texts) == 1 else f"{name} in ({', '.join(texts)})"


def time_column(part: Part) -> str:
    """The column of when it happened."""
    column = part.shape.time or "TimeGenerated"
    return f"todatetime({column})" if part.shape.time_format else column
