"""One record's fields in one profile, and what is noted while a rule is lowered to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import field

from converter.frozen import dataclass
from converter.ir.predicate import Predicate
from converter.ir.rewrite import leaf_fields
from converter.lowering.conversions.base import Lost
from converter.lowering.fidelity import Assumption, Fidelity, Reason, flip
from converter.taxonomy.model import Cell, Profile, Record, Taxonomy

FieldType = Callable[[str], str]
"""The type that Elasticsearch has a field in."""


@dataclass
class RecordFields:
    """What the profile has of the record's fields; `reasons` collect what was given up, `lost` are those of
    leaves that could not be said at all, `assumed` what is taken for granted.

    `elsewhere`: fields that other records of the same detection have; an event of this record never
    has them, so that a leaf on one is false without loss. `by_name`: accounts are keys by their names.
    """

    record: Record
    profile: Profile
    taxonomy: Taxonomy
    field_type: FieldType
    elsewhere: frozenset[str] = frozenset()
    reasons: list[Reason] = field(default_factory=list)
    lost: list[Reason] = field(default_factory=list)
    assumed: list[Assumption] = field(default_factory=list)
    by_name: bool = False

    def apart(self, reasons: Iterable[Reason] = ()) -> RecordFields:
        """The same fields, with these reasons alone: what is given up next may count in another way."""
        return dataclasses.replace(self, reasons=list(reasons), lost=[])

    def cell(self, ecs: str) -> Cell | None:
        """Where the profile has the field; in Sigma, one that it has no name for keeps its ECS name."""
        cell = self.record.cell(ecs, self.profile.name)
        if cell is None and self.profile.target == "sigma" and "*" not in ecs and not self.lacks(ecs):
            return None if self._is_taken(ecs) else Cell(ecs)
        return cell

    def _is_taken(self, ecs: str) -> bool:
        """Whether the log calls another field so."""
        return any(cell.field == ecs for _, cell in self.record.cells_of(self.profile.name))

    def lacks(self, ecs: str) -> bool:
        """Whether no event of the record has the field."""
        return ecs in self.elsewhere and ecs not in self.record.cells

    def unmapped(self, ecs: str) -> Lost:
        """That the profile has no such field."""
        message = f"{ecs} has no counterpart in {self.profile.title}, {self.record.title}"
        return Lost("unmapped-field", message)

    def note(
        self,
        code: str,
        message: str,
        *directions: Fidelity,
        leaf: Predicate | None = None,
        negated: bool = False,
    ) -> None:
        """A reason for each of the directions, turned around under a `not`; the leaf says at which field and
        where."""
        name = next(iter(leaf_fields(leaf)), None) if leaf is not None else None
        position = leaf.pos if leaf is not None else None
        for direction in directions:
            turned = flip(direction) if negated else direction
            self.reasons.append(Reason(code, message, turned, name, position))
