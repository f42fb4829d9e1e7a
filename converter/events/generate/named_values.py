"""Values beside their names in a list of objects: one that stands beside another name.

Parameters.ForwardTo : "a@b"    ->   [{Name: ForwardTo, Value: x}, {Name: Other, Value: a@b}]
"""

from __future__ import annotations

from collections.abc import Iterator

from converter.events.generate.drafts import Named
from converter.events.generate.settled import Settled
from converter.events.generate.world import World
from converter.events.row_values import single
from converter.ir import Exists, Predicate
from converter.taxonomy.model import Cell, Record
from converter.taxonomy.open_names import OPEN, filled

_OTHER = "Other"


def beside_another_name(
    name: str, leaf: Predicate, held: object, world: World, settled: Settled | None
) -> Iterator[Named]:
    """An event that has another value in the field, and in the next object the one that the leaf takes."""
    record = world.shape.record
    other = None if record is None else _next(name, record, world.shape.asked)
    if other is None or held is None or settled is None or isinstance(leaf, Exists):
        return
    event = world.solve_beside(settled, [(leaf, False), (Exists(name), True)])
    if event is not None:
        yield "beside another name in the list", {**event, other: single(held)}


def _next(name: str, record: Record, asked: frozenset[str]) -> str | None:
    """A field that a log has in a later object of the same list, and that the rule does not ask."""
    for profile in record.shapes:
        cell = record.cell(name, profile)
        if cell is None or cell.conversion != "pair":
            continue
        paired = [(other, one) for other, one in record.cells_of(profile, "pair") if _is_like(one, cell)]
        opened = [filled(other, [_OTHER]) for other, _ in paired if OPEN in other]
        names = [other for other, _ in paired if OPEN not in other]
        later = names[names.index(name) + 1 :] if name in names else []
        return next((one for one in (*opened, *reversed(later)) if one not in asked), None)
    return None


def _is_like(other: Cell, cell: Cell) -> bool:
    """Whether it is in the same list, and of the same kind."""
    (name, _, *kind), (other_name, _, *other_kind) = cell.argument.split(":"), other.argument.split(":")
    return (cell.field, name, kind) == (other.field, other_name, other_kind)


def names_beside(record: Record) -> dict[str, int]:
    """For the fields that have several names in a list how many further ones, at most."""
    found: dict[str, int] = {}
    for profile in record.shapes:
        for name, cell in record.cells_of(profile, "pair"):
            found[name] = max(found.get(name, 0), cell.argument.split(":")[1].count(","))
    return {name: number for name, number in found.items() if number}
