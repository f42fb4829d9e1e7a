"""Near misses: values one step from one that an atom takes, pinned while the rest of the rule holds."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

from converter.elastic.eql.functions import address
from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.foreign import SPELLING
from converter.events.generate.dependent import fills, group_of
from converter.events.generate.patterns import Fills
from converter.events.generate.scripts import lengths
from converter.events.generate.solve import addresses, base_field, field_of, leaf_values
from converter.events.generate.truth import Atom, Goal, World, deciding
from converter.events.generate.witnesses import ARGS, instead, placed
from converter.ir import And, Cidr, Compare, Equals, Exists, Like, Or, Phrase, Predicate, Regex, Script, Wild
from converter.ir.predicate import Between
from converter.ir.rewrite import fields_of, leaf_fields, leaves

_LOOKALIKES = str.maketrans({"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441", "p": "\u0440"})
"""Cyrillic letters that look like Latin ones."""
_FORMS = 3
_MORE_FORMS = 24
"""Texts of a pattern: so many early, so many in the end, where there is room."""
_BESIDE = 2
"""Conditions on either side of alternatives that are turned."""
_GAPS = 2
"""Gaps of a pattern that are filled with what parts it."""
_OTHERS = 2
"""Other fields that are given an atom's value, at most."""
_NAMED = frozenset({"user", "group", "host"})
_HEXADECIMAL = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)
"""Numbers, which logs write in one case."""
_DIGEST = re.compile(r"\.hash\.\w+$|hash$")
"""Hashes, which logs write in full and in one case."""
_DRIVE = re.compile(r"[A-Za-z]:\\")
_IMAGE_PARTS = (".args", ".command_line")


def near_misses(
    world: World, atom: Atom, number: int, asked: Sequence[str], where: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Events that differ from one in which the atom decides by one value; named by what was done.

    `asked`: the fields that the rule asks, of which another may hold the value instead; `where`: what the
    name says of the kind of event.
    """
    name = field_of(atom.leaf)
    if isinstance(atom.leaf, Script):
        yield from _of_lengths(world, atom, atom.leaf, number, where)
    if name is None:
        return
    goals, value = deciding(atom)
    if name.endswith(ARGS) and (event := world.solve([*goals, (atom.leaf, value)])) is not None:
        for how, made in placed(event, atom, world.tests, world.shape.system):
            yield f"{number}: {name} {how}{where}", made
        for pattern in _parted(atom.leaf, "a b"):
            text = "".join("x" if isinstance(part, Wild) else part for part in pattern)
            cut = instead(event, atom, world.tests, world.shape.system, text.split())
            if cut is not None:
                yield f"{number}: {name} in two arguments{where}", cut
    for otherwise in range(1, world.shape.tellings.get(name, 0) + 1):
        for wanted, how in ((value, "told otherwise"), (not value, "not so, told otherwise")):
            if (event := world.solve([*goals, (atom.leaf, wanted)])) is not None:
                yield f"{number}: {name} {how} ({otherwise}){where}", {**event, SPELLING: otherwise}
    if (event := world.solve([*goals, (atom.leaf, value)])) is not None:
        for how, made in _written_otherwise(event, atom, world):
            yield f"{number}: {name} {how}{where}", made
    settled = world.settle(goals)
    if settled is None:
        return
    for how, pins in _pins(name, atom.leaf, value, world, asked):
        event = world.solve_beside(settled, pins)
        if event is not None:
            yield f"{number}: {name} {how}{where}", event
            if how == "missing":
                yield f"{number}: {name} null{where}", {**event, name: None}


def _of_lengths(
    world: World, atom: Atom, script: Script, number: int, where: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
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
        for text in texts[:1]:
            for length in (bound, bound + 1, bound - 1):
                made = f"{text} {'x' * (length - len(text) - 1)}"
                event = world.solve_beside(settled, [(Equals(name, made), True)])
                if event is not None:
                    yield f"{number}: {name} of {length} characters{where}", event


def _written_otherwise(
    event: Mapping[str, Any], atom: Atom, world: World
) -> Iterator[tuple[str, Mapping[str, Any]]]:
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
    beside = {other for parts in map(dict, world.shape.parts) if name in parts for other in parts} - {name}
    alone = group_of(name).kind == "field" and name not in told and beside.isdisjoint(event)
    if is_text and alone and name not in _must_be_there(atom, world):
        yield "empty", {**event, name: ""}


def _must_be_there(atom: Atom, world: World) -> set[str | None]:
    """The fields of which the rule asks whether they are there, or something that only a script can say."""
    asked = [leaf for leaf in leaves(atom.path[0]) if isinstance(leaf, Exists | Script)]
    return {base_field(name) for leaf in (*asked, *world.present) for name in leaf_fields(leaf)}


def end_branches(world: World, atom: Atom, number: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Events in which an end of some alternatives holds, and what stands next to them does not.

    They tell `a and (b or c) and d` from `a and b or c and d`.
    """
    goals, _ = deciding(atom)
    told = {*world.shape.selecting, *world.shape.derived}  # a source always writes these
    for place, (above, node) in enumerate(pairwise(atom.path), 1):
        if not isinstance(above, And) or not isinstance(node, Or):
            continue
        below = atom.path[place + 1]
        if next(iter(leaves(below))) is not atom.leaf:
            continue
        at = next(index for index, item in enumerate(above.items) if item is node)
        beside = above.items[:at][-_BESIDE:] if below is node.items[-1] else ()
        beside += above.items[at + 1 :][:_BESIDE] if below is node.items[0] else ()
        for item in beside:
            if not told.isdisjoint(fields_of(item)):
                continue
            others = [goal for goal in goals if goal[0] is not item]
            event = world.solve([*others, (item, False), (atom.leaf, True)])
            if event is not None:
                yield f"{number}: holds, what stands beside its alternatives does not", event


def _pins(
    name: str, leaf: Predicate, value: bool, world: World, asked: Sequence[str]
) -> Iterator[tuple[str, list[Goal]]]:
    if world.shape.record is not None and name in world.shape.record.when:
        return  # a real source always writes these
    kind = field_type(name)
    if kind in NUMBER_TYPES or kind == "date":
        made = _numbers(leaf)
    elif kind == "ip":
        made = _addresses(leaf)
    elif kind == "boolean" or _is_flag(leaf) or isinstance(leaf, Exists | Compare | Between):
        made = iter(())
    elif _DIGEST.search(name):
        made = iter([("with another digest", "0" * 64)])
    else:
        yield from _texts(name, leaf, value, world, asked)
        return
    for how, one in made:
        yield how, [(Equals(name, one), True)]
    yield "missing", [(Exists(name), False)]


def _path_of(name: str) -> str | None:
    """The field of the whole path, for the name at its end."""
    group = group_of(name)
    if not name.endswith(".name") or group.kind not in ("image", "path"):
        return None
    return f"{group.name}.{'executable' if group.kind == 'image' else 'path'}"


def _is_flag(leaf: Predicate) -> bool:
    return isinstance(leaf, Equals) and isinstance(leaf.value, bool)


def _texts(
    name: str, leaf: Predicate, value: bool, world: World, asked: Sequence[str]
) -> Iterator[tuple[str, list[Goal]]]:
    filling = _filling(name, world.shape.system)
    good = [
        str(one) for one in islice(leaf_values(leaf, filling), 40) if world.tests.holds(leaf, {name: one})
    ]
    if not good:
        yield "missing", [(Exists(name), False)]
        return
    plain = good[0]
    forms = "another text of the expression" if isinstance(leaf, Regex) else "another text of the pattern"
    for how, one in _changed(plain, isinstance(leaf, Phrase)):
        yield how, [(Equals(name, one), True)]
    if (path := _path_of(name)) is not None:
        separator = "\\" if world.shape.system == "windows" else "/"
        inside = Like(path, (Wild.ANY, f"{separator}{plain}{separator}x7"))
        yield "as the name of a folder", [(leaf, not value), (inside, True)]
        for pattern in _parted(leaf, f"x{separator}y"):
            yield (
                "with a folder inside",
                [(leaf, not value), (Like(path, (Wild.ANY, separator, *pattern)), True)],
            )
    for one in good[1:_FORMS]:
        yield forms, [(Equals(name, one), True)]
    yield "missing", [(Exists(name), False)]
    others = [other for other in asked if other != name and field_type(other) == field_type(name)]
    for other in others[:_OTHERS]:
        yield f"only in {other}", [(leaf, not value), (Equals(other, plain), True)]
    if name.endswith(_IMAGE_PARTS):
        yield "inside a longer argument", [(Equals(name, f"say {plain} now"), True)]
    for one in good[_FORMS:_MORE_FORMS]:
        yield forms, [(Equals(name, one), True)]
    for how, one in _lookalikes(plain):
        yield how, [(Equals(name, one), True)]


def _parted(leaf: Predicate, text: str) -> Iterator[tuple[str | Wild, ...]]:
    """The pattern with the text where a `*` stands between two others, for the last of these."""
    pattern = leaf.pattern if isinstance(leaf, Like) else ()
    gaps = [place for place, part in enumerate(pattern) if part is Wild.ANY and 0 < place < len(pattern) - 1]
    for gap in gaps[-_GAPS:]:
        yield (*pattern[:gap], text, *pattern[gap + 1 :])


def _changed(plain: str, phrase: bool) -> Iterator[tuple[str, str]]:
    """The value in another case, below another folder, with more around it."""
    if not _HEXADECIMAL.fullmatch(plain) and plain.swapcase() != plain:
        yield "in another case", plain.swapcase()
    if _DRIVE.match(plain):
        yield "as a device path", f"\\\\?\\{plain}"
    elif plain.startswith("/"):
        yield "below another folder", f"/opt/x7{plain}"
    yield "with more before", f"x{plain}"
    yield "with more after", f"{plain}x"
    if phrase:
        words = plain.split()
        if len(words) > 1:
            yield "with a word between", " ".join((words[0], "x7", *words[1:]))
        yield "behind a dot in one word", f"x.{plain}"
        yield "before a dot in one word", f"{plain}.x"


def _lookalikes(plain: str) -> Iterator[tuple[str, str]]:
    for how, one in (
        ("cut short", plain[:-1]),
        ("without its first letter", plain[1:]),
        ("in other letters that look alike", plain.translate(_LOOKALIKES)),
        ("with the other separator", plain.replace("\\", "/")),
    ):
        if one and one != plain:
            yield how, one


def _filling(name: str, system: str) -> Fills:
    """What stands for a `*`: in the name of an account, a group or a machine no separator of paths, which
    logs put between a domain and a name."""
    if name.endswith(".args"):
        return Fills(" ")
    return Fills() if _NAMED.intersection(name.split(".")) else fills(system)


def _numbers(leaf: Predicate) -> Iterator[tuple[str, Any]]:
    bounds = (
        (leaf.low, leaf.high)
        if isinstance(leaf, Between)
        else (leaf.value,)
        if isinstance(leaf, Compare | Equals)
        else ()
    )
    for bound in bounds:
        if isinstance(bound, int) and not isinstance(bound, bool):
            for value in (bound, bound - 1, bound + 1):
                yield "at a boundary", value


def _addresses(leaf: Predicate) -> Iterator[tuple[str, Any]]:
    if isinstance(leaf, Equals):
        for value in (f"{leaf.value}0", f"1{leaf.value}", f"fe80{leaf.value}"):
            if address(value) is not None:
                yield "of another address that is spelled alike", value
    if not isinstance(leaf, Cidr):
        return
    try:
        net = ipaddress.ip_network(leaf.network, strict=False)
    except ValueError:
        return
    for value in addresses(leaf.network):
        yield "inside the network", value
    for number in (int(net.network_address) - 1, int(net.broadcast_address) + 1):
        if 0 <= number < 2**net.max_prefixlen:
            yield "next to the network", str(type(net.network_address)(number))
