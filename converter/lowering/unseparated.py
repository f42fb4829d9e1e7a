"""Records that a profile holds in one table, or log, without what tells them apart: what a translation that
asks for the one takes of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from converter.ir import Predicate
from converter.ir.cover import implies
from converter.ir.predicate import FALSE, TRUE, Equals, Script
from converter.ir.rewrite import leaf_fields, map_leaves
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.given import Given
from converter.lowering.lacking import elsewhere, possible
from converter.lowering.plan import Part
from converter.lowering.recognise import covers, excluded, in_record
from converter.taxonomy.model import Record, Taxonomy
from converter.taxonomy.open_names import OPEN, stands_for

HOST = ("host.id", "agent.id")
"""What one system's events have of their own; a host's name another host can have, too."""


def not_told_apart(
    predicate: Predicate,
    parts: Sequence[Part],
    given: Given,
    uncounted: Mapping[str, Predicate],
    needed: Mapping[str, frozenset[str]],
    absent: Mapping[str, frozenset[str]],
) -> list[Reason]:
    """Records that stand in the same table unseparated: their events match as well, unless the rule asks
    the same of them, or less, or a field that they have not. Those that are guests in the record's own
    log match only where the rule asks otherwise of them: its indices alone keep no host from recording
    them. What is `uncounted` of a record that has no part is counted with the part's own events, as the
    original counts it. `needed` are the fields of each record without which an event is in no group, `absent`
    for each that the rule speaks of the ECS fields that its part takes to be in none of its events.

        [Url has "x" or Query has "x"]  and a log without Url   ->   there, [Query has "x"]
    """
    said = {**uncounted, **{part.record.name: part.predicate for part in parts}}
    systems = {record.os for record, _ in given.spoken(predicate)}
    return [
        _not_told(part, other, alike, given, bool(other.os) and systems.isdisjoint(("", other.os)))
        for part in parts
        for other in given.taxonomy.sharing(part.record, given.profile.name)
        for alone in (_alone(part.record, other, given),)
        for words in (_words(other, given.profile.name, given.taxonomy),)
        if not implies(
            _in_any_case(_without(part.predicate, alone), words),
            _in_any_case(said.get(other.name, FALSE), words),
        )
        for lacking in (absent[part.record.name] if other.name in absent else frozenset[str](),)
        for alike in (_alike(predicate, part.record, other, lacking, given),)
        if other.name in part.shape.shared or not alike
        if alone.isdisjoint(needed[part.record.name]) and possible(part.predicate, alone)
    ]


@lru_cache(maxsize=2048)
def _words(record: Record, profile: str, taxonomy: Taxonomy) -> frozenset[tuple[str, str]]:
    """The profile's fields that hold words of the log's own in the record's events, with each of these."""
    return frozenset(
        (cell.field, word)
        for _, cell in record.cells_of(profile, "values", "enum")
        for word in taxonomy.maps[cell.argument].values()
    )


def _in_any_case(predicate: Predicate, words: frozenset[tuple[str, str]]) -> Predicate:
    """The predicate; whatever the case, where the log writes what it asks in one alone."""
    return map_leaves(predicate, partial(_spelled, words)) if words else predicate


def _spelled(words: frozenset[tuple[str, str]], leaf: Predicate) -> Predicate:
    """The leaf; whatever the case, where the log writes what it asks in this one alone."""
    if isinstance(leaf, Equals) and (leaf.field, leaf.value) in words:
        return replace(leaf, ignore_case=True)
    return leaf


def _without(predicate: Predicate, names: frozenset[str]) -> Predicate:
    """What is left of the predicate for events that have none of these fields."""
    if not names:
        return predicate
    return map_leaves(
        predicate,
        lambda leaf: leaf if isinstance(leaf, Script) or names.isdisjoint(leaf_fields(leaf)) else FALSE,
    )


def not_excluded(
    predicate: Predicate, parts: Sequence[Part], is_alike: Callable[[Part, Predicate], bool]
) -> list[Reason]:
    """Exclusions of one product's events, which the log does not tell from others'. `is_alike`: whether a
    part is the same of another predicate. Where it is of one in which the exclusion leaves out everything,
    what stands beside it is left out anyway."""
    return [
        Reason(
            "log-source-excluded",
            f"events that the rule excludes by their {'/'.join(leaf_fields(leaf))} are not told from others",
            Fidelity.WIDER,
            next(iter(leaf_fields(leaf)), None),
            leaf.pos,
        )
        for part in parts
        for leaf in excluded(predicate, part.record)
        if not is_alike(part, map_leaves(predicate, partial(_true, leaf)))
    ]


def _true(leaf: Predicate, one: Predicate) -> Predicate:
    """TRUE for just this leaf."""
    return TRUE if one is leaf else one


def _not_told(part: Part, other: Record, alike: bool, given: Given, other_hosts: bool) -> Reason:
    """That the log does not tell the part's record from the other; of which the rule asks the same, where
    its index patterns alone keep the other's events out (`alike`). `other_hosts`: these are of a system of
    which the rule takes no events; a host has one system."""
    message = f"{given.profile.title} does not tell {part.record.title} from {other.title}"
    apart = HOST if other_hosts else ()
    if not alike or covers(other, given.index):
        return Reason("log-source-shared", message, Fidelity.WIDER, apart=apart)
    message += ", which only the rule's index patterns leave out"
    return Reason("log-source-index", message, Fidelity.WIDER, apart=apart)


def _alike(
    predicate: Predicate, record: Record, other: Record, lacking: frozenset[str], given: Given
) -> bool:
    """Whether the rule asks the same of both records' events, wherever these are kept, of the other's nothing
    that they have not, and excludes none of these by what the record's own are `lacking`."""
    selectors = given.taxonomy.selectors
    rest = in_record(predicate, other, selectors)
    alone = elsewhere(other, (record, other))
    if rest != in_record(predicate, record, selectors) or not possible(rest, alone):
        return False
    theirs = _without(rest, alone)
    taken = _without(theirs, lacking)
    return taken == theirs or implies(taken, theirs)


def _alone(record: Record, other: Record, given: Given) -> frozenset[str]:
    """The profile's fields that the record's events have there, and those of the other have not. In Sigma
    a field without a cell has its ECS name."""
    name = given.profile.name
    theirs = {other.source(cell.field, name) for _, cell in other.cells_of(name)}
    if given.is_sigma:
        theirs |= {ecs for ecs in other.cells if other.cell(ecs, name) is None}
    open_names = [name for name in theirs if OPEN in name]
    own = {cell.field: record.source(cell.field, name) for _, cell in record.cells_of(name)}
    return frozenset(
        field
        for field, source in own.items()
        if source not in theirs and not any(stands_for(one, source) for one in open_names)
    )
