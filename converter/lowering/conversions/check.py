"""Whether the cells of a taxonomy are of conversions that there are, and name maps that there are.

The loader of the tables does not know the conversions: what it takes for a cell is any `Name|conversion`.
"""

from __future__ import annotations

from converter.lowering.conversions.registry import CONVERSIONS
from converter.lowering.conversions.told import alternatives
from converter.source import SourceError
from converter.taxonomy.model import UNASKED, Cell, Taxonomy

_BY_MAP = frozenset({"values", "enum", "told", "by", "renamed", "flags", "codes"})
"""Conversions whose argument is the name of a map."""


def check(taxonomy: Taxonomy) -> None:
    """Raises SourceError, with the record and the field, for the first cell that no conversion can follow."""
    for record in taxonomy.records:
        for ecs, row in record.cells.items():
            for cell in row.values():
                if cell is not None and (fault := _fault(cell, taxonomy)):
                    raise SourceError(f"record {record.name}: field {ecs}: {fault}", path=record.origin)


def _fault(cell: Cell, taxonomy: Taxonomy) -> str:
    """What is wrong with the cell; empty for a sound one."""
    if cell.conversion not in (*CONVERSIONS, UNASKED):
        return f"no such conversion {cell.conversion!r}"
    if cell.conversion not in _BY_MAP:
        return ""
    if cell.argument not in taxonomy.maps:
        return f"no such map {cell.argument!r}"
    try:
        for text in taxonomy.maps[cell.argument].values() if cell.conversion == "told" else ():
            if text != "?":
                alternatives(text)
    except ValueError as error:
        return f"map {cell.argument}: {error}"
    return ""
