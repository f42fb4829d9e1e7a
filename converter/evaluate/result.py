"""What an evaluator takes and gives back; the contract that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from converter.frozen import dataclass

Event = Mapping[str, Any]
"""One event: a JSON object, nested or with dotted keys. `$table` names its Kusto table, if any."""


class Kind:
    """What events have in common that differ in a few fields alone; `own`: the names of these. It is equal to
    no other."""

    __slots__ = ("own",)

    def __init__(self, own: frozenset[str]) -> None:
        self.own = own


class Alike(dict[str, Any]):
    """An event of a kind of which a log has many: what reads none of their own fields finds the same in all
    of them."""

    __slots__ = ("kind",)

    kind: Kind


@dataclass(frozen=True, slots=True)
class Matches:
    """Alerts: for each one the numbers of its events (from 0, in input order), several for a sequence."""

    alerts: tuple[tuple[int, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.alerts)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are no longer events: the output of a query that aggregates or computes columns.

    Values are JSON values; `columns` are in output order, each row is as long as `columns`.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """Of which events a query knows by the fields `reads` alone that it looks at them (`takes`): without the
    others it finds the same, but for the numbers of events."""

    takes: Callable[[Event], bool]
    reads: frozenset[str]


def all_of(choices: Sequence[Choice]) -> Choice:
    """The events that each of them takes."""
    if len(choices) == 1:
        return choices[0]
    tests = [one.takes for one in choices]

    def takes(event: Event) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if not test(event):
                return False
        return True

    return Choice(takes, _reads(choices))


def any_of(choices: Sequence[Choice]) -> Choice:
    """The events that one of them takes."""
    if len(choices) == 1:
        return choices[0]
    tests = [one.takes for one in choices]

    def takes(event: Event) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if test(event):
                return True
        return False

    return Choice(takes, _reads(choices))


def _reads(choices: Sequence[Choice]) -> frozenset[str]:
    return frozenset[str]().union(*[one.reads for one in choices])


class CompiledQuery(Protocol):
    """A query compiled once, to be run over any number of event lists."""

    def run(self, events: Sequence[Event]) -> Matches | Table:
        """Evaluate over `events`, in the order given. An evaluator never changes an event."""
        ...


class TargetQuery(CompiledQuery, Protocol):
    """A query of a language that rules are translated into."""

    @property
    def looked_at(self) -> Choice | None:
        """Of which events it knows by few fields that it looks at them; None where it may look at all."""
        ...
