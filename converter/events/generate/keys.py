"""ES|QL: events of several kinds in one group of the first `stats`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import Event, Matches
from converter.events.generate.moments import moment
from converter.ir import Pipeline
from converter.ir.detection import Stats
from converter.ir.rewrite import value_fields
from converter.ir.value import FieldValue
from converter.lowering.esql import Normal

_NOW = {"@timestamp": moment(0)}


class Keys:
    """The groups of the first `stats`, as the original's own evaluator computes them of an event."""

    def __init__(
        self, pipeline: Pipeline, form: Normal, written: Callable[[Sequence[Event]], tuple[Event, ...]]
    ) -> None:
        self._written = written
        place, stats = next(
            (place, stage) for place, stage in enumerate(pipeline.stages) if isinstance(stage, Stats)
        )
        groups = Pipeline(
            pipeline.sources, pipeline.metadata, (*pipeline.stages[:place], Stats((), stats.by))
        )
        self._query = compile_detection(groups)
        first = form.stages[0]
        assert isinstance(first, Stats)
        columns = dict(form.columns)
        self._fields = [
            tuple(
                name
                for name in value_fields(columns[value.name] if isinstance(value, FieldValue) else value)
                if name != "@timestamp"
            )
            for _, value in first.by
        ]

    def of(self, event: Event) -> tuple[Any, ...] | None:
        """The event's group; None where the filter does not take it."""
        found = self._query.run(self._written(({**_NOW, **event},)))
        return None if isinstance(found, Matches) or not found.rows else found.rows[0]

    def together(self, events: Sequence[Event]) -> list[Event]:
        """The events, as many as can be in one group: that of the first with which most are."""
        best: list[Event] = list(events)
        most = -1
        for reference in events:
            key = self.of(reference)
            if key is None or most == len(events):
                continue
            joined = [self._joined(event, reference, key) for event in events]
            alike = sum(self.of(event) == key for event in joined) - sum(part is None for part in key)
            if alike > most:
                best, most = joined, alike
        return best

    def _joined(self, event: Event, reference: Event, key: tuple[Any, ...]) -> Event:
        """The event in the other's group, as far as its fields can bring it there."""
        own = self.of(event)
        for place, names in enumerate(self._fields):
            if own is None or own[place] == key[place]:
                continue
            for changed in _changed(event, reference, names, key[place]):
                other = self.of(changed)
                if other is not None and other[place] == key[place]:
                    event, own = changed, other
                    break
        return event


def _changed(event: Event, reference: Event, names: Sequence[str], value: Any) -> Iterator[Event]:
    """The event with the group's value itself in one field, with one of the other's fields, with all."""
    names = [name for name in names if name in event]  # a log has no fields of another
    for name in names:
        if isinstance(value, str | int):
            yield {**event, name: value}
        if name in reference:
            yield {**event, name: reference[name]}
    yield {**event, **{name: reference[name] for name in names if name in reference}}
