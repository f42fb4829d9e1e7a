"""What makes values an event: what a log holds as one is one, and what Elastic writes beside is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from converter.events.generate.goals import Constraints
from converter.events.generate.groups import Group, Values, fields_of_group, group_of
from converter.events.generate.literals import Tests
from converter.events.generate.parted import agree, as_one, with_one
from converter.events.generate.shape import Shape
from converter.lowering.conversions.by_value import UNKNOWN, words_of


def whole(shape: Shape, tests: Tests, values: Values, constraints: Constraints) -> Values | None:
    """The values with what a log holds as one, and what Elastic writes beside; None where these contradict
    what is asked."""
    made = _as_one(shape, tests, shape.on_its_system(values), constraints)
    if made is None or not all(agree(made, fields) for fields in shape.worded):
        return None
    if not shape.is_told(made) or not shape.in_words(made):
        return None
    made = _read_out(shape, tests, made, constraints)
    if made is None:
        return None
    beside = _looked_up(shape, tests, made, constraints)
    return None if beside is None else made | beside


def _as_one(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """The event whose fields are parts of one value where a log holds them so."""
    made: Values | None = event
    for twins in shape.twins:
        if made is not None:
            made = with_one(made, twins, _meeting(tests, twins, constraints))
    for parts in shape.parts:
        if made is not None:
            made = as_one(made, parts, _fitting(tests, made, map(group_of, dict(parts)), constraints))
    return made


def _meeting(
    tests: Tests, groups: Iterable[Group], constraints: Constraints
) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an event satisfies what is asked of the groups."""
    asked = [literal for group in groups for literal in constraints.get(group, ())]
    return lambda event: tests.fit(event, asked)


def _fitting(
    tests: Tests, event: Values, groups: Iterable[Group], constraints: Constraints
) -> Callable[[Mapping[str, Any]], bool]:
    """Whether values, beside the event's others of these groups, satisfy what is asked of the groups."""
    groups = tuple(groups)
    asked = [literal for group in groups for literal in constraints.get(group, ())]
    names = [name for group in groups for name in fields_of_group(group) if name in event]
    return lambda found: tests.fit({**{name: event[name] for name in names}, **found}, asked)


def _read_out(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """The event with the items that its words are read out of, and the words of its items; None where these
    contradict what is asked."""
    made: Values = dict(event)
    for one in shape.read_out:
        if one.item not in made and one.words not in made:
            continue
        fit = _fitting(tests, made, (group_of(one.item), group_of(one.words)), constraints)
        found = next((pair for pair in one.together(made) if fit(pair)), None)
        if found is None:
            return None
        made = {name: value for name, value in (made | found).items() if value is not None}
    return made


def _looked_up(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """What Elastic writes beside the event's fields; None where the rule asks for something else here."""
    found: Values = {}
    for name, (source, table) in shape.looked_up.items():
        words = words_of(event.get(source), table)
        asked = constraints.get(group_of(name), ())
        if asked and (UNKNOWN in words or source not in event):
            continue
        if words := words - {UNKNOWN}:
            found[name] = sorted(words)
        if asked and not tests.fit({name: found[name]} if words else {}, asked):
            return None
    return found
