"""ES|QL's `stats`: rows in groups, and what is computed of each group.

What a row adds to its groups is told by the row alone: it can be kept, where the same row comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from itertools import chain, product

from converter.evaluate.elastic.esql_aggregates import Rows
from converter.evaluate.elastic.esql_expressions import Expression, Row
from converter.evaluate.elastic.esql_types import V, each
from converter.evaluate.remembered import PerEvent, PerReading
from converter.evaluate.result import Event
from converter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One column of `stats`. `argument`: None where rows are counted; `order`: that of `first` and `last`."""

    name: str
    function: Callable[[Rows], V]
    condition: Expression | None
    argument: Expression | None
    order: Expression | None

    def value(self, row: Row) -> tuple[V, V] | None:
        """What the row adds, and what it is ordered by; None where it does not count."""
        if self.condition is not None and self.condition(row) is not True:
            return None
        argument, order = self.argument, self.order
        return 1 if argument is None else argument(row), None if order is None else order(row)


@dataclass(frozen=True, slots=True)
class Share:
    """What a row adds: the keys of its groups, and to each aggregation."""

    keys: Sequence[tuple[V, ...]]
    values: Sequence[tuple[V, V] | None]


class Grouping:
    """Makes a row of each group."""

    def __init__(self, groups: Sequence[tuple[str, Expression]], aggregations: Sequence[Aggregation]) -> None:
        self._names = tuple(name for name, _ in groups)
        self._readers = tuple(read for _, read in groups)
        self._aggregations = aggregations

    def share(self, row: Row) -> Share:
        """What the row adds: of several values of a group's field, to the group of each."""
        values = [dict.fromkeys(each(read(row)) or [None]) for read in self._readers]
        return Share(tuple(product(*values)), tuple([one.value(row) for one in self._aggregations]))

    def rows(self, shares: Iterable[Share]) -> list[Row]:
        """The groups' rows, in the order in which they begin. Without groups there is one, whatever comes."""
        buckets: dict[tuple[V, ...], list[Sequence[tuple[V, V] | None]]] = {}
        if not self._readers:
            buckets[()] = []
        for share in shares:
            for key in share.keys:
                members = buckets.get(key)
                if members is None:
                    buckets[key] = [share.values]
                else:
                    members.append(share.values)
        return [Row({}, 0, self._columns(key, members)) for key, members in buckets.items()]

    def _columns(self, key: tuple[V, ...], members: Sequence[Sequence[tuple[V, V] | None]]) -> dict[str, V]:
        columns: dict[str, V] = {}
        for place, aggregation in enumerate(self._aggregations):
            counted = [value for values in members if (value := values[place]) is not None]
            columns[aggregation.name] = aggregation.function(counted)
        columns.update(zip(self._names, key, strict=True))
        return columns


class Counted:
    """The groups' rows over events that do not change. `front`: the rows that are grouped, of some events,
    each of which gives its own; `reading`: what all this reads of an event. The last answer is kept too:
    several queries ask it, one after the other."""

    def __init__(
        self,
        front: Callable[[Sequence[Event]], list[Row]],
        grouping: Grouping,
        reading: Callable[[Event], Hashable] | None,
    ) -> None:
        self._grouping = grouping
        shares = partial(_shares, front, grouping)
        self._shares = PerEvent(shares if reading is None else PerReading(shares, reading).of)
        self._last: tuple[Sequence[Event], list[Row]] = (), grouping.rows(())

    def rows(self, events: Sequence[Event]) -> list[Row]:
        """As :meth:`Grouping.rows`."""
        if self._last[0] is not events or not isinstance(events, tuple):
            self._last = events, self._grouping.rows(chain.from_iterable(self._shares.of_each(events)))
        return [Row({}, 0, dict(row.columns)) for row in self._last[1]]


def _shares(
    front: Callable[[Sequence[Event]], list[Row]], grouping: Grouping, event: Event
) -> Sequence[Share]:
    return tuple(map(grouping.share, front((event,))))
