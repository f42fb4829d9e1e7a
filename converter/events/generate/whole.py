"""What makes values an event: what a log holds as one is one, and what Elastic writes beside is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from converter.events.generate.asked import NOTHING, Asked
from converter.events.generate.blocks import Constraints
from converter.events.generate.groups import Group, Values, fields_of_group, group_of
from converter.events.generate.literals import Tests
from converter.events.generate.parted import agree, as_one, completed, with_one
from converter.events.generate.shape import UNTOLD, Shape
from converter.events.row_values import listed
from converter.lowering.conversions.by_value import OTHERWISE, UNKNOWN, example_of, words_of

_NUMBER = 7316
"""A process's."""


def whole(shape: Shape, tests: Tests, values: Values, constraints: Constraints) -> Values | None:
    """The values with what a log holds as one, and what Elastic writes beside; None where these contradict
    what is asked."""
    if shape.is_plain:
        return dict(shape.on_its_system(values))
    made = _as_one(shape, tests, shape.on_its_system(values), constraints)
    if made is None or not all(agree(made, fields) for fields in shape.worded):
        return None
    made = _told_beside(shape, tests, made, constraints)
    if made is None or not shape.in_words(made):
        return None
    made = _read_out(shape, tests, made, constraints)
    if made is None:
        return None
    beside = _looked_up(shape, tests, made, constraints)
    return None if beside is None else made | beside | _numbers(shape, made, constraints)


def _told_beside(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """The event with no derived field that says otherwise, or less, than the fields that a log derives it
    from."""
    made = _agreeing(shape, tests, event, constraints)
    more = {} if made is None else shape.further(made)
    if made is None or not more:
        return made
    made = {**made, **more}
    return made if tests.fit(made, _asked(map(group_of, more), constraints)) else None


def _agreeing(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """The event with what tells its derived fields; or where nothing asks for what one says, with one of the
    words that no log tells, if Elastic writes such."""
    if shape.is_told(event):
        return event
    found = shape.telling(event)
    made = {**event, **found}
    if found and tests.fit(made, _asked(map(group_of, found), constraints)) and shape.is_told(made):
        return made
    names = [name for name in shape.untold if name in event]
    made = {**event, **dict.fromkeys(names, UNTOLD)}
    asked = _asked(map(group_of, names), constraints)
    return made if tests.fit(made, asked) and shape.is_told(made) else None


def _as_one(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """The event whose fields are parts of one value where a log holds them so."""
    made = _on_a_machine(shape, tests, event, constraints)
    for twins in shape.twins:
        if made is not None:
            made = with_one(made, twins, shape.asked, _meeting(tests, twins, constraints))
    for worded in shape.worded:
        if made is not None:
            made = completed(made, worded, _meeting(tests, map(group_of, dict(worded)), constraints))
    for parts in shape.parts:
        if made is not None:
            made = as_one(made, parts, _fitting(tests, made, map(group_of, dict(parts)), constraints))
    return made


def _told_by(
    source: str, name: str, table: Mapping[str, str], value: Any, tests: Tests, constraints: Constraints
) -> Values | None:
    """A value of the field by which Elastic looks another up, and what it writes then: if it can be, this
    value."""
    first = example_of(map(str, listed(value)), table)
    keys = [first] if first is not None else [key for key in table if "*" not in key and key != OTHERWISE]
    for key in keys:
        words = sorted(words_of(key, table) - {UNKNOWN})
        made = {source: key, name: words[0] if len(words) == 1 else words}
        asked = _asked(map(group_of, made), constraints)
        if words and tests.fit(made, asked):
            return made
    return None


def _on_a_machine(shape: Shape, tests: Tests, event: Values, constraints: Constraints) -> Values | None:
    """The event with all the names of its machine that the rule asks, or with none: a log always says which
    machine it was, in one field for several of them."""
    names = shape.machine
    held = [name for name in names if name in event]
    if len(held) in (0, len(names)):
        return event
    fit = _meeting(tests, map(group_of, names), constraints)
    filled = {name: shape.usual.get(name, event[held[0]]) for name in names} | event
    bare = {name: value for name, value in event.items() if name not in names}
    return next((one for one in (filled, bare) if fit(one)), None)


def _numbers(shape: Shape, event: Values, constraints: Constraints) -> Values:
    """The numbers of the event's processes, by which a log tells them that has no ids for them: a source that
    writes the one writes the other."""
    return {
        number: _NUMBER
        for name, number in shape.numbered
        if name in event and number not in event and group_of(number) not in constraints
    }


def _asked(groups: Iterable[Group], constraints: Constraints) -> Asked:
    """What is asked of all these groups."""
    asked = NOTHING
    for group in groups:
        asked = asked.beside(constraints.get(group, NOTHING))
    return asked


def _meeting(
    tests: Tests, groups: Iterable[Group], constraints: Constraints
) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an event satisfies what is asked of the groups."""
    asked = _asked(groups, constraints)
    return lambda event: tests.fit(event, asked)


def _fitting(
    tests: Tests, event: Values, groups: Iterable[Group], constraints: Constraints
) -> Callable[[Mapping[str, Any]], bool]:
    """Whether values, beside the event's others of these groups, satisfy what is asked of the groups."""
    groups = tuple(groups)
    asked = _asked(groups, constraints)
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
        asked = constraints.get(group_of(name), NOTHING)
        if asked and source not in event and name in event and source in shape.asked:
            told = _told_by(source, name, table, event[name], tests, constraints)
            if told is None:
                return None
            found |= told
            continue
        if asked and (UNKNOWN in words or source not in event):
            continue
        if words := words - {UNKNOWN}:
            found[name] = sorted(words)
        if asked and not tests.fit({name: found[name]} if words else {}, asked):
            return None
    return found
