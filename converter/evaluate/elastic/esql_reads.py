"""What a pipeline reads of an event: two events of which it reads the same are the same to it.

where user.name != "x" | stats n = count(*) by date_trunc(1 minute, @timestamp)
    the name, and the minute: not the rest of the event, nor the moment in that minute
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from typing import Any

from converter.evaluate.elastic.esql_expressions import Expression, Row
from converter.evaluate.elastic.fields import field_getter
from converter.evaluate.elastic.timeline import is_event
from converter.evaluate.remembered import MOST_KEPT, hashable
from converter.evaluate.result import Event
from converter.ir.rewrite import value_fields
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Logic, Value
from converter.source import SourceError

_INTERVALS = ("bucket", "date_trunc")


class Reads:
    """What the stages of a pipeline read, gathered as they are compiled. `time`: the field of an event's
    time; `whole`: one of them looks at all that an event has."""

    def __init__(self, time: str) -> None:
        self._time = time
        self._readers: dict[Value | str, Callable[[Event], Any]] = {}
        self.whole = False

    def field(self, name: str) -> None:
        """The field is read."""
        self._readers.setdefault(name, field_getter(name))

    def interval(self, value: Value, read: Expression) -> None:
        """The interval in which an event's time lies is read, by that expression."""
        time = self._time
        get = field_getter(time)

        @lru_cache(maxsize=MOST_KEPT)
        def interval(text: str) -> str:
            try:
                return repr(read(Row({time: text}, 0)))
            except SourceError:  # whoever asks for it will see
                return text

        def of(event: Event) -> Any:
            found = get(event)
            return interval(found) if found.__class__ is str else found

        self._readers.setdefault(value, of)

    def parts(self, value: Value) -> Iterator[Value]:
        """The fields in an expression; instead of the time the interval, where that is what it asks."""
        match value:
            case FieldValue():
                yield value
            case Call(function=name) if name in _INTERVALS and {*value_fields(value)} == {self._time}:
                yield value
            case Call(arguments=items) | Logic(items=items):
                for item in items:
                    yield from self.parts(item)
            case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
                yield from self.parts(left)
                yield from self.parts(right)
            case IsNull(item=item):
                yield from self.parts(item)

    @property
    def asks_time(self) -> bool:
        """Whether it matters when an event is."""
        return self.whole or any(name == self._time or not isinstance(name, str) for name in self._readers)

    def of(self, event: Event) -> Hashable:
        """What is read of the event; nothing of one that no detection sees."""
        return hashable([read(event) for read in self._readers.values()]) if is_event(event) else None
