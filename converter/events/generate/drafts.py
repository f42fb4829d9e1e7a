"""Drafts of cases: named timelines, of which each is kept once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from converter.evaluate.remembered import PerEvent
from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.frozen import dataclass

T = TypeVar("T")
_CROWD = 5
"""Events of a timeline from which on most are in others too."""
Named: TypeAlias = tuple[str, Event]
"""An event, and what it is."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A case to be: its name, and the timeline."""

    name: str
    timeline: Timeline


class Drafts:
    """The drafts whose timelines differ, as the rule's fields are written; each has a name of its own. `tell`
    is called with each of the timelines."""

    def __init__(
        self, written: Callable[[Timeline], Timeline], tell: Callable[[Timeline], None] = lambda _: None
    ) -> None:
        self._written = written
        self._tell = tell
        self._found: dict[str, Draft] = {}
        self._names: set[str] = set()
        self._again: Counter[str] = Counter()
        self._texts: PerEvent[str] = PerEvent(repr)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._found.values())

    @property
    def shown(self) -> Iterable[str]:
        """The timelines, each as a text that tells it from all others."""
        return self._found.keys()

    def take(self, drafts: Iterable[Draft], room: int | None = None) -> None:
        """Adds those that are new, `room` at most."""
        most = None if room is None else len(self) + room
        for draft in drafts:
            if most is not None and len(self) >= most:
                return
            timeline = tuple(self._written(draft.timeline))
            shown = self._shown(timeline)
            if shown not in self._found:
                self._found[shown] = Draft(self._named(draft.name), timeline)
                self._tell(timeline)

    def _shown(self, timeline: Timeline) -> str:
        """As `repr` writes the timeline; an event that is in many of them is written once."""
        if len(timeline) < _CROWD:
            return repr(timeline)
        return f"({', '.join(self._texts.of_each(timeline))})"

    def _named(self, name: str) -> str:
        free = name
        while free in self._names:
            free = f"{name} ({self._again[name] + 2})"
            self._again[name] += 1
        self._names.add(free)
        return free


def drafts_of(named: Iterable[Named], wrap: Callable[[Event], Timeline]) -> Iterator[Draft]:
    """Drafts of the named events, each in the timeline around it."""
    return (Draft(name, wrap(event)) for name, event in named)


def in_turn(sources: Sequence[Iterator[T]]) -> Iterator[T]:
    """One of each, then another, as long as there are any."""
    waiting = list(sources)
    while waiting:
        left = []
        for source in waiting:
            found = next(source, None)
            if found is not None:
                yield found
                left.append(source)
        waiting = left
