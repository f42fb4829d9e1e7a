"""New terms: events that the original or a target takes, and after them one of the same terms. A term that
only one of them has seen is new to the other.

    event of a kind that not all logs hold     ->  before one of another kind, and after it
    event that a target takes for another      ->  before one that both take
    signed, where a log has no signatures      ->  before the same without a signature
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from converter.evaluate.result import Event
from converter.events.generate.basis import Basis
from converter.events.generate.changed import changed
from converter.events.generate.drafts import Draft
from converter.events.generate.groups import HOST, WHOLES, base_field, fields_of_group, group_of
from converter.events.generate.moments import at
from converter.events.generate.one_system import SYSTEM, of_one_system
from converter.events.generate.other_kinds import kind_of
from converter.events.generate.pairs import Pairs
from converter.events.generate.prepared import Prepared
from converter.events.generate.timelines import MARGIN
from converter.ir import NewTerms

_COMMAND_LINE = (".command_line", ".args", ".args_count")
"""Beside a program's path, what it was called with."""
_SEEN = 12
"""Events that are seen before a term is, of each sort."""


def seen_before(drawn: Iterator[Draft], pairs: Pairs, terms: NewTerms, basis: Basis) -> Iterator[Draft]:
    """The drafts, and the rule's event after those of them, of the pairs, and of other logs' kinds."""
    step, event = basis.steps[0], basis.frame.around(0, basis.events[0])[0]
    early = -terms.since - MARGIN
    shown = list(islice(drawn, _SEEN))
    kinds = list(_in_other_logs(step))
    for draft in (*pairs.drafts[:_SEEN], *kinds, *shown):
        before = at(draft.timeline[0], early)
        yield Draft(f"seen before, {draft.name}", (before, event))
        alike = _with_terms(before, event, terms)
        if alike != before and not _is_invented(alike, before, step) and not _is_misplaced(alike, terms):
            yield Draft(f"seen before, {draft.name}, with the same terms", (alike, event))
        later = _with_terms(event, before, terms)
        if later != event and event.get(SYSTEM) == before.get(SYSTEM):
            yield Draft(f"seen before, {draft.name}, then with its terms", (before, later))
        for cut in _cut(draft.timeline[0], terms):
            yield Draft(f"seen before, {draft.name}, then cut at its blanks", (before, at(cut, 0)))
    for draft in kinds:
        later = _with_terms(at(draft.timeline[0], 0), event, terms)
        yield Draft(f"{draft.name}, seen before as the first kind", (at(event, early), later))
    for draft in shown:
        bare = _without_unheld(draft.timeline[0], step)
        if bare != draft.timeline[0] and step.tests.holds(step.predicate, bare):
            name = f"seen before, {draft.name}, then without what logs lack"
            yield Draft(name, (at(draft.timeline[0], early), at(bare, 0)))
    yield from shown
    yield from drawn


def _is_invented(made: Event, before: Event, step: Prepared) -> bool:
    """Whether the predicate takes the event for its terms alone, which no log of a kind writes."""
    if any(world.shape.has(made) for world, _ in step.positives):
        return False
    return step.tests.holds(step.predicate, made) and not step.tests.holds(step.predicate, before)


def _is_misplaced(made: Event, terms: NewTerms) -> bool:
    """Whether a term is a path of Windows in an event of another system, or the other way round."""
    names = (one for name in terms.fields if group_of(name).kind in WHOLES for one in _together(name))
    paths = [str(made[name]) for name in names if name in made]
    if made.get(SYSTEM) == "windows":
        return any(path.startswith("/") for path in paths)
    return SYSTEM in made and any("\\" in path for path in paths)


def _in_other_logs(step: Prepared) -> Iterator[Draft]:
    """An event of each kind of which other profiles hold what is asked than of the first one."""
    sets: dict[frozenset[tuple[str, frozenset[str]]], Draft] = {}
    for world, event in step.positives:
        record = world.shape.record
        if record is not None:
            asked = [name for name in world.shape.asked if name not in record.when]
            kept = frozenset(
                (
                    profile,
                    frozenset(name for name in asked if record.cell(base_field(name), profile) is not None),
                )
                for profile in record.shapes
            )
            sets.setdefault(kept, Draft(f"as {kind_of(world)}", (event,)))
    yield from islice(sets.values(), 1, _SEEN)


def _with_terms(made: Event, event: Event, terms: NewTerms) -> Event:
    """The event with the other's terms; of another system, on a host of its own, if that is no term."""
    found = dict(made)
    if not of_one_system((made, event)) and set(HOST).isdisjoint(terms.fields):
        for name in HOST:
            found = changed(found, name, 1) if name in found else found
    for name in terms.fields:
        if name in found and name in event and found[name] != event[name]:
            for one in _together(name):
                found.pop(one, None)
                found |= {one: event[one]} if one in event else {}
    return found


def _cut(event: Event, terms: NewTerms) -> Iterator[Event]:
    """The event with each blank of its line at the end of an argument, where the line is a term. On Windows
    the arguments are what the line is split into: there they are no others."""
    for name in terms.fields if event.get(SYSTEM) != "windows" else ():
        if name.endswith(_COMMAND_LINE[0]) and name in event:
            prefix, arguments = name.removesuffix(_COMMAND_LINE[0]), str(event[name]).split()
            made = {f"{prefix}.args": arguments, f"{prefix}.args_count": len(arguments)}
            yield {**event, **{one: value for one, value in made.items() if one in event}}


def _together(name: str) -> Sequence[str]:
    """The fields that a source writes from one another with this one."""
    fields = fields_of_group(group_of(name))
    if group_of(name).kind != "image":
        return fields
    is_line = name.endswith(_COMMAND_LINE)
    return [one for one in fields if one.endswith(_COMMAND_LINE) is is_line]


def _without_unheld(event: Event, step: Prepared) -> Event:
    """The event without what is asked and some log of its kind lacks; a name goes with its path. What is
    derived a source always writes."""
    lacking = (world.unheld.difference(world.shape.derived) for world, _ in step.positives)
    names = frozenset[str]().union(*lacking)
    paths = (name for name in names if group_of(name).kind in WHOLES)
    gone = names.union(*map(_together, paths))
    return {name: value for name, value in event.items() if name not in gone}
