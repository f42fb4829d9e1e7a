"""What a translation is worth: exact, or in which direction it differs and why."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from converter.frozen import dataclass
from converter.source import Position


class Fidelity(Enum):
    """Exact: alerts on the same events. Wider: may alert on more. Narrower: may miss some. None: refused.

    A translation that differs in both directions is called `narrower` (a missed attack is worse than
    noise); its reasons carry the direction of each.
    """

    EXACT = "exact"
    WIDER = "wider"
    NARROWER = "narrower"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a translation is not exact: a stable code, a sentence, and the place in the source.

    `apart`: fields of which the events that make the difference have no value that an event of the original
    has: by each of them, they are in groups of their own.
    """

    code: str
    message: str
    direction: Fidelity
    field: str | None = None
    position: Position | None = None
    apart: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form of `report.json` (docs/report.md)."""
        data: dict[str, Any] = {"code": self.code, "message": self.message, "direction": self.direction.value}
        if self.field is not None:
            data["field"] = self.field
        if self.position is not None:
            data["line"], data["column"] = self.position.line, self.position.column
        return data


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a translation takes for granted of the log or of the target: where it does not hold, the
    translation differs, and no generated case is so."""

    code: str
    message: str
    field: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The form of `report.json` (docs/report.md)."""
        data = {"code": self.code, "message": self.message}
        return data if self.field is None else {**data, "field": self.field}


def flip(direction: Fidelity) -> Fidelity:
    """What a difference becomes under a `not`."""
    return {Fidelity.WIDER: Fidelity.NARROWER, Fidelity.NARROWER: Fidelity.WIDER}.get(direction, direction)


def overall(reasons: Iterable[Reason]) -> Fidelity:
    """The fidelity that follows from the reasons; none at all is exact."""
    directions = {reason.direction for reason in reasons}
    for worst in (Fidelity.NONE, Fidelity.NARROWER, Fidelity.WIDER):
        if worst in directions:
            return worst
    return Fidelity.EXACT


def directions(reasons: Iterable[Reason]) -> frozenset[Fidelity]:
    """The directions in which a translation with these reasons may differ."""
    return frozenset(reason.direction for reason in reasons)


class Refused(Exception):
    """No translation for this target and profile; `reasons` say why (at least one, direction none)."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(reason.message for reason in self.reasons))

    @classmethod
    def because(
        cls, code: str, message: str, field: str | None = None, position: Position | None = None
    ) -> Refused:
        """A refusal for one reason."""
        return cls([Reason(code, message, Fidelity.NONE, field, position)])
