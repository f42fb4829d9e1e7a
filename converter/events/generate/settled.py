"""What a search finds: an event with its values by groups, and what is asked of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from converter.events.generate.asked import NOTHING, Asked
from converter.events.generate.blocks import Constraints
from converter.events.generate.goals import Goal, Wanted
from converter.events.generate.groups import Group, Values, fields_of_group
from converter.frozen import dataclass

Parts: TypeAlias = Mapping[Group, tuple[Asked, Values]]
"""What an event has of each group, and what was asked of that. Searches from one choice to the next ask the
same of all groups but one: what is asked is the same object then, and the group is not solved again."""


@dataclass(frozen=True, slots=True)
class Found:
    """An event, its values by themselves and by their groups, what is asked of each group of its fields, and
    the choices they meet."""

    event: Values
    values: Values
    parts: Parts
    constraints: Constraints
    choices: Sequence[Goal]


@dataclass(frozen=True, slots=True)
class Settled:
    """Goals, what they ask of each group of fields, the choices they leave, and what was found for them."""

    goals: tuple[Wanted, ...]
    constraints: Constraints
    pending: Sequence[Goal]
    found: Found | None


def joined(parts: Parts, others: Mapping[str, Any]) -> Values:
    """The other values with those of the groups: of a group of which something is asked, nothing stays."""
    event: Values = dict(others)
    for group, (asked, found) in parts.items():
        if asked is not NOTHING:
            for name in fields_of_group(group):
                event.pop(name, None)
        event.update(found)
    return event
