"""A case: a timeline of events and what a rule is expected to say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from converter.evaluate.result import Event
from converter.frozen import dataclass

Expectation: TypeAlias = Literal["match", "no_match"]
Timeline: TypeAlias = tuple[Event, ...]
"""ECS documents in time order."""
MOST_CASES = 400
"""Generated cases of a rule, at most, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of one rule.

    `name` is a sentence that says what the case tells apart, unique within its rule. `origin` is where the
    case comes from: "file:line" for one on disk.
    `targets`, where given, are the only targets that the case is meant for; `tags` group cases. `group`:
    the name of the case of which this is a part, where one has several timelines, each judged by itself.
    """

    rule_id: str
    name: str
    expect: Expectation
    timeline: Timeline
    origin: str
    targets: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    group: str = ""

    @property
    def generated(self) -> bool:
        """Made from the rule, and on no disk."""
        return not self.origin


def count_cases(cases: Iterable[Case]) -> int:
    """How many cases of one rule these are, where several timelines may be parts of one."""
    return len({case.group or case.name for case in cases})
