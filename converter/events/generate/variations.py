"""What there is beside the pairs: near misses in turn, and the pairs in other kinds of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from converter.events.generate.branches import end_branches
from converter.events.generate.drafts import in_turn
from converter.events.generate.groups import field_of
from converter.events.generate.like_nothing import like_nothing
from converter.events.generate.likeness import ALIKE, Places, field_likeness, likeness
from converter.events.generate.misses import Misses
from converter.events.generate.other_ends import at_other_ends
from converter.events.generate.other_kinds import kind_of, pairs_elsewhere
from converter.events.generate.pairs import Pairs
from converter.events.generate.prepared import Prepared
from converter.ir import Equals, Like, Predicate, Regex, Script
from converter.ir.rewrite import leaf_fields, leaves


def variations(step: Prepared, pairs: Pairs) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each kind of event that the predicate takes, then in turn: the pairs in other kinds of events, near
    misses, and what tells how alternatives are held together; one of each atom, then another."""
    asked = _texts_of(step.predicate)
    for world, event in step.positives:
        yield f"as {kind_of(world)}", event
    decided = [(world.loosely, atom, number) for number, (world, atom, _) in pairs.positives.items()]
    misses = _placed(Misses(world, atom, number, asked) for world, atom, number in decided)
    branches = [end_branches(world, atom, number) for world, atom, number in decided]
    elsewhere = _placed(
        Misses(world.loosely, atom, number, asked, f", as {kind_of(world)}")
        for number, (first, atom, _) in pairs.positives.items()
        for world, _ in step.positives
        if world is not first
    )
    telling = [one.telling() for one in misses]
    telling.append(like_nothing(step.positives, step.predicate, asked, _compared(step.predicate)))
    telling.append(at_other_ends((world for world, _ in step.positives), pairs.positives))
    others = in_turn([one.telling() for one in elsewhere if one.place < ALIKE])
    told = in_turn([*telling, *branches])
    yield from in_turn([told, pairs_elsewhere(step, pairs), others, _further_kinds(step)])
    yield from in_turn([one.further() for one in (*misses, *elsewhere) if one.place == 0])


def _placed(misses: Iterable[Misses]) -> list[Misses]:
    """Each with how many are alike before it: few of these tell nearly all that their near misses can tell
    (docs/mutation.md)."""
    alike, of_field = Places(), Places()
    return [
        replace(
            one,
            place=alike.of(likeness(one.atom, one.where)),
            field_place=of_field.of(field_likeness(one.atom, one.where)),
        )
        for one in misses
    ]


def _compared(predicate: Predicate) -> list[str]:
    """The fields that the first script looks at."""
    return list(next((leaf_fields(leaf) for leaf in leaves(predicate) if isinstance(leaf, Script)), ()))


def _further_kinds(step: Prepared) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of each kind that is not tried with all the rest one event that the predicate takes, and one that it
    does not."""
    for world, event in step.further:
        yield f"as {kind_of(world)}", event
        if (missed := world.solve([(step.predicate, False)])) is not None:
            yield f"not so, as {kind_of(world)}", missed


def _texts_of(predicate: Predicate) -> list[str]:
    """The fields of which the predicate asks texts."""
    texts = (leaf for leaf in leaves(predicate) if isinstance(leaf, Equals | Like | Regex))
    return list(dict.fromkeys(name for leaf in texts if (name := field_of(leaf)) is not None))
