"""Events in which what an atom asks is written otherwise: as other arguments, longer, a number as a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from converter.elastic.types import NUMBER_TYPES, field_type
from converter.evaluate.result import Event
from converter.events.generate.atoms import Atom, deciding
from converter.events.generate.changed_texts import parted
from converter.events.generate.cut_arguments import instead, placed
from converter.events.generate.drafts import Named
from converter.events.generate.groups import base_field, field_of, group_of
from converter.events.generate.scripts import lengths, replaced
from converter.events.generate.world import World
from converter.ir import Equals, Exists, Script, Wild
from converter.ir.rewrite import leaf_fields, leaves, value_fields
from converter.regex import RegexNotSupported, examples, parse_regex

_PATTERNS = 8
"""Texts of a pattern that is replaced."""


def of_arguments(event: Mapping[str, Any], atom: Atom, world: World) -> Iterator[Named]:
    """The event, which has the argument that is asked for, with it elsewhere in the line, or in two parts."""
    yield from placed(event, atom, world.tests, world.shape.system)
    for pattern in parted(atom.leaf, "a b"):
        text = "".join("x" if isinstance(part, Wild) else part for part in pattern)
        cut = instead(event, atom, world.tests, world.shape.system, text.split())
        if cut is not None:
            yield "in two arguments", cut


def of_lengths(world: World, atom: Atom, script: Script) -> Iterator[Named]:
    """Events with texts as long as a script's number says, and a character more or fewer."""
    goals, value = deciding(atom)
    found = (world.solve([*goals, (script, wanted)]) for wanted in (not value, value))
    events = [event for event in found if event is not None]
    settled = world.settle(goals)
    if settled is None:
        return
    for name, bound, _ in lengths(script.expression):
        texts = [
            text for event in events if isinstance(text := event.get(name), str) and len(text) < bound - 2
        ]
        for text in texts[:1] or ["x"]:
            for length in (bound, bound + 1, bound - 1):
                made = f"{text} {'x' * (length - len(text) - 1)}"
                event = world.solve_beside(settled, [(Equals(name, made), True)])
                if event is not None:
                    yield f"{name} of {length} characters", event


def of_patterns(event: Event, world: World, atom: Atom, script: Script) -> Iterator[Named]:
    """The event in which the script decides, with other texts instead of one that it replaces: those of each
    alternative, one in another case, and what is put in its place."""
    settled = world.settle(deciding(atom)[0])
    texts = {
        name: text for name in value_fields(script.expression) if isinstance(text := event.get(name), str)
    }
    if settled is None or not texts:
        return
    for pattern, by in replaced(script.expression):
        try:
            found = examples(parse_regex(pattern, "pcre"), _PATTERNS)
        except RegexNotSupported:
            continue
        for name, text in texts.items():
            own = next((one for one in found if one and one in text), None)
            others = () if own is None else (*found, own.swapcase(), by, f"{own[1:]}{by}")
            for other in others:
                made = text.replace(str(own), other)
                pinned = None if made == text else world.solve_beside(settled, [(Equals(name, made), True)])
                if pinned is not None:
                    yield f"{name} with another text that is replaced", pinned


def written_otherwise(event: Mapping[str, Any], atom: Atom, world: World) -> Iterator[Named]:
    """The event in which the atom decides, with what JSON may hold instead: a number as a text, no text.

    Whether a field is there is not asked of an empty one: sources leave such out.
    """
    name = str(field_of(atom.leaf))
    value = event.get(name)
    if isinstance(value, int) and field_type(name) in NUMBER_TYPES:
        yield "as a text", {**event, name: str(value)}
    is_text = isinstance(value, str) and field_type(name) not in ("ip", "date", "date_nanos")
    told = {*world.shape.selecting, *world.shape.derived}  # a source always writes these
    told.update(ecs for _, _, tellers in world.shape.told_beside for _, ecs in tellers)
    told.update(ecs for one in world.shape.read_out for ecs in (one.words, one.item))
    beside = {other for parts in map(dict, world.shape.parts) if name in parts for other in parts} - {name}
    alone = group_of(name).kind == "field" and name not in told and beside.isdisjoint(event)
    if is_text and alone and name not in _must_be_there(atom, world):
        yield "empty", {**event, name: ""}


def _must_be_there(atom: Atom, world: World) -> set[str | None]:
    """The fields of which the rule asks whether they are there, or something that only a script can say."""
    asked = [leaf for leaf in leaves(atom.path[0]) if isinstance(leaf, Exists | Script)]
    return {base_field(name) for leaf in (*asked, *world.present) for name in leaf_fields(leaf)}
