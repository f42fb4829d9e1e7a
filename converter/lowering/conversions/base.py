"""What every conversion is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from converter.frozen import dataclass
from converter.ir.predicate import Predicate
from converter.lowering.fidelity import Fidelity
from converter.taxonomy.model import Cell, Record


@dataclass(frozen=True, slots=True)
class Context:
    """Where a leaf is lowered: the record and the cell of its field, all value maps, the field's ECS type."""

    record: Record
    cell: Cell
    maps: Mapping[str, Mapping[str, str]]
    type: str


@dataclass(frozen=True, slots=True)
class Approximation:
    """A predicate that is not quite the leaf: it takes more events (wider) or fewer (narrower), or `both`."""

    predicate: Predicate
    direction: Fidelity
    code: str
    message: str
    both: bool = False


class Lost(Exception):
    """The leaf cannot be said over the target's field; `code` and `message` become the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


Conversion: TypeAlias = Callable[[Predicate, Context], Predicate | Approximation]
"""Takes a leaf over an ECS field and the context; raises Lost."""
