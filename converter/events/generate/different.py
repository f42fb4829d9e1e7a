"""ES|QL: different values of a field that leave an event in what a pipeline's filter takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice, product
from typing import Any, TypeAlias

from converter.evaluate.elastic import compile_deciding
from converter.evaluate.remembered import PerEvent
from converter.evaluate.result import Event
from converter.events.generate.inverse import texts
from converter.events.generate.moments import moment
from converter.frozen import dataclass
from converter.ir import Equals, Like, Pipeline, Predicate
from converter.ir.detection import Stage, Stats
from converter.ir.predicate import Wild
from converter.ir.rewrite import leaves, value_fields
from converter.ir.value import Value
from converter.late import late

Change: TypeAlias = Callable[[dict[str, Any], str, int], dict[str, Any]]
Written: TypeAlias = Callable[[Sequence[Event]], tuple[Event, ...]]
_MOST = 1300
_MANY = 50
"""Others in a row of which the filter takes none: then it takes none of the rest."""
_NOW = {"@timestamp": moment(0)}
_TIMES = 3
_COMPUTED = 4
"""The last of the pools."""
_SURELY = 4
"""How many times the number that is asked: an average over other values too is more than that."""
_WORD = late(r"[A-Za-z]+")
_DIGITS = late(r"\d+")


@dataclass
class _Found:
    """The changes that the filter takes, and those that are still to be tried."""

    changes: list[dict[str, Any]]
    rest: Iterator[dict[str, Any]]


class Values:
    """Ways to make other values: numbered, the filter's own constants, other digits in the text,
    and these in a longer text; of a number, more than each of the `measures` asks, the most first, or
    last; and of which something else is computed."""

    pools = 5

    def __init__(
        self,
        pipeline: Pipeline,
        filtered: Predicate,
        change: Change,
        written: Written,
        measures: Sequence[int] = (),
        computed: Sequence[Value] = (),
        is_fixed: Callable[[Event, str], bool] = lambda *_: False,
    ) -> None:
        """`change`: the event with another value of a field, by its number; `written`: a timeline as the
        rule's fields are written; `measures`: the numbers with which conditions compare what is computed of
        the rows; `computed`: what is computed of the events and counted; `is_fixed`: whether an event
        has no other values of a field."""
        self._filter = _Filter(pipeline, written)
        self._ways = _Ways(filtered, change, measures, computed)
        self._is_fixed = is_fixed
        self._known: dict[tuple[str, str, int], _Found] = {}
        self._keys: PerEvent[str] = PerEvent(repr)

    def passes(self, event: Event) -> bool:
        """Whether the filter in front of the first `stats` takes the event."""
        return self._filter.takes(event)

    def other(self, event: Event, name: str, pool: int, place: int) -> dict[str, Any]:
        """What changes in the event for another value of the field; nothing where the pool has no more values
        that the filter takes, wherever the event is said to lie."""
        known = (self._keys.of(event), name, pool)
        found = self._known.get(known)
        if found is None:
            event = {field: value for field, value in event.items() if not field.startswith("$")}
            made = iter(()) if self._is_fixed(event, name) else self._ways.made(event, name, pool)
            taken = self._filter.taken(event, made)
            found = self._known[known] = _Found([], taken)
        if len(found.changes) < place:
            found.changes.extend(islice(found.rest, place - len(found.changes)))
        return found.changes[place - 1] if place <= len(found.changes) else {}


class _Filter:
    """The filter in front of the first `stats`. It knows nothing of what is kept of its answers, so that
    nothing refers to itself."""

    def __init__(self, pipeline: Pipeline, written: Written) -> None:
        self._query = compile_deciding(Pipeline(pipeline.sources, pipeline.metadata, filter_of(pipeline)))
        self._written = written

    def takes(self, event: Event) -> bool:
        return bool(self._query.run(self._written(({**_NOW, **event},))))

    def taken(self, event: Event, others: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """In what those differ from the event that the filter takes, up to where it takes none of many."""
        some = True
        while some:
            some = False
            for other in islice(others, _MANY):
                if self.takes(other):
                    some = True
                    yield {field: value for field, value in other.items() if event.get(field) != value}


class _Ways:
    """How other values are made."""

    def __init__(
        self, filtered: Predicate, change: Change, measures: Sequence[int], computed: Sequence[Value]
    ) -> None:
        self._change = change
        self._computed = computed
        self._measures = sorted(set(measures), reverse=True)
        self._constants: dict[str, list[Any]] = {}
        for leaf in leaves(filtered):
            if isinstance(leaf, Equals):
                self._constants.setdefault(leaf.field, []).append(leaf.value)
            elif isinstance(leaf, Like):
                self._constants.setdefault(leaf.field, []).append("".join(map(_sample, leaf.pattern)))

    def made(self, event: dict[str, Any], name: str, pool: int) -> Iterator[dict[str, Any]]:
        value = event.get(name)
        if pool == 0:
            yield from (self._change(event, name, number) for number in range(1, _MOST))
        elif pool == 1:
            for constant in dict.fromkeys(self._constants.get(name, ())):
                if constant not in (value, [value]):
                    yield {**event, name: [constant] if isinstance(value, list) else constant}
        elif pool == _COMPUTED:
            computed = [one for one in self._computed if name in value_fields(one)]
            for number, one in product(range(1, _MOST), computed):
                for text in (f"x{number}", str(number)):
                    found = next((own for field, own in texts(one, text, event) if field == name), value)
                    if found != value:
                        yield {**event, name: found}
        elif isinstance(value, str):
            text = value if pool == 2 else _longer(value)
            for number in range(1, _MOST):
                yield {**event, name: _DIGITS.sub(partial(_as_wide, number), text, count=1)}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            for number in self._measures if pool == 2 else self._measures[::-1]:
                yield {**event, name: _SURELY * number}


def _longer(text: str) -> str:
    """The text with its longest word several times."""
    word = max(_WORD.findall(text), key=len, default="")
    return text.replace(word, word * _TIMES, 1) if word else text


def filter_of(pipeline: Pipeline) -> tuple[Stage, ...]:
    """The stages in front of the first `stats`."""
    stages = pipeline.stages
    first = next((place for place, stage in enumerate(stages) if isinstance(stage, Stats)), len(stages))
    return stages[:first]


def _sample(piece: str | Wild) -> str:
    if isinstance(piece, str):
        return piece
    return "" if piece is Wild.ANY else "a"


def _as_wide(number: int, digits: re.Match[str]) -> str:
    """The number, of as many digits as it replaces, if it has no more."""
    return str(number).zfill(len(digits[0]))
