"""What a rule's cases are made from: its prepared predicates, and the timeline around an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from converter.elastic.rule import Rule
from converter.evaluate.result import CompiledQuery, Event
from converter.events.case import Timeline
from converter.events.generate.frame import Frame
from converter.events.generate.literals import Tests
from converter.events.generate.parted import Parts
from converter.events.generate.prepared import Prepared
from converter.events.generate.same_fields import Same
from converter.events.generate.timelines import frame_of
from converter.frozen import dataclass
from converter.ir import Detection, Pipeline
from converter.ir.detection import Stats
from converter.taxonomy.model import Taxonomy

if TYPE_CHECKING:
    from converter.events.generate.pipelines import Piped


@dataclass
class Basis:
    """What the cases are made from: the rule's predicates, each with its ways to be satisfied, one event of
    each, and the timeline around an event in which everything holds."""

    rule: Rule
    detection: Detection
    original: CompiledQuery
    taxonomy: Taxonomy
    tests: Tests
    sames: Sequence[Same]
    steps: list[Prepared]
    events: list[Event]
    other_frames: list[tuple[str, Piped]] | None = None
    """Those of a pipeline around other kinds of events, where they have been found."""

    def __post_init__(self) -> None:
        self.piped = piped_around(self)
        """The frame, where it is that of a pipeline that counts."""
        self.frame = self.framed(self.events) if self.piped is None else self.piped

    @cached_property
    def parts(self) -> Sequence[Parts]:
        """The fields that a log of the rule's events holds as parts of one value."""
        shapes = (world.shape for step in self.steps for world, _ in step.positives)
        return tuple(dict.fromkeys(parts for shape in shapes for parts in shape.parts))

    def framed(self, events: Sequence[Event]) -> Frame:
        """The timeline around other events: one of each predicate."""
        return frame_of(self.detection, events, self.parts)

    @cached_property
    def written(self) -> Callable[[Sequence[Event]], Timeline]:
        """A timeline with each event's fields as the rule's sources write them. It does not refer to the
        basis, whose timelines use it."""
        return partial(written_as, self.sames)

    def alerts(self, timeline: Timeline) -> bool:
        """What the original says of the timeline."""
        return bool(self.original.run(self.written(timeline)))


def written_as(sames: Sequence[Same], timeline: Sequence[Event]) -> Timeline:
    """The timeline with all of the fields that have one value."""
    found = tuple(timeline)
    for same in sames:
        if same.stands_for:  # else the timeline is itself, and what was said of it is known
            found = tuple(map(same.written, found))
    return found


def piped_around(basis: Basis) -> Piped | None:
    """The timeline of a pipeline that counts, around an event in which everything holds."""
    detection = basis.detection
    if not isinstance(detection, Pipeline) or not any(isinstance(one, Stats) for one in detection.stages):
        return None
    from converter.events.generate.pipelines import Piped  # with all that counts

    shapes = [step.positives[0][0].shape for step in basis.steps]
    selecting = frozenset(name for shape in shapes for name in (*shape.selecting, *shape.derived))
    kinds = tuple(world.shape for world, _ in basis.steps[0].positives)
    return Piped(
        detection,
        basis.events,
        basis.parts,
        detection,
        basis.rule.look_back,
        basis.taxonomy,
        selecting,
        kinds,
        basis.written,
        basis.original,
    )
