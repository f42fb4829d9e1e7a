"""Near misses: values one step from one that an atom takes, pinned while the rest of the rule holds."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, pairwise
from typing import Any, TypeAlias

from converter.elastic.eql.functions import address
from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.foreign import SPELLING
from converter.events.generate.dependent import fills, group_of
from converter.events.generate.patterns import Fills
from converter.events.generate.scripts import lengths
from converter.events.generate.solve import addresses, base_field, field_of, leaf_values
from converter.events.generate.truth import Atom, Goal, Settled, World, deciding
from converter.events.generate.witnesses import ARGS, instead, placed
from converter.ir import And, Cidr, Compare, Equals, Exists, Like, Or, Phrase, Predicate, Regex, Script, Wild
from converter.ir.predicate import Between
from converter.ir.rewrite import fields_of, leaf_fields, leaves

_LOOKALIKES = str.maketrans({"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441", "p": "\u0440"})
"""Cyrillic letters that look like Latin ones."""
_FORMS = 3
_MORE_FORMS = 24
"""Texts of a pattern: so many early, so many in the end, where there is room."""
_ALTERNATIVES = 12
"""Texts of an expression of which one is changed."""
_BESIDE = 2
"""Conditions on either side of alternatives that are turned."""
_GAPS = 2
"""Gaps of a pattern that are filled with what parts it."""
_OTHERS = 2
"""Other fields that are given an atom's value, at most."""
_WORDS = 6
"""Words at the end of a phrase between which another is put."""
_MOST_WORDS = 6
"""Other words of a derived field."""
_NOTHING = "null"
"""What `tstats` is told to fill in."""
_NAMED = frozenset({"user", "group", "host"})
_HEXADECIMAL = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)
"""Numbers, which logs write in one case."""
_DIGEST = re.compile(r"\.hash\.\w+$|hash$")
"""Hashes, which logs write in full and in one case."""
_DRIVE = re.compile(r"[A-Za-z]:\\")
_IMAGE_PARTS = (".args", ".command_line")


Named: TypeAlias = tuple[str, Mapping[str, Any]]
Pin: TypeAlias = tuple[str, Sequence[list[Goal]]]
"""What is done to a value, and what is asked for that: the first of several that there is an event for."""


@dataclass(frozen=True)
class Misses:
    """Events that differ from one in which the atom decides by one value; named by what was done.

    `asked`: the fields that the rule asks, of which another may hold the value instead; `where`: what the
    name says of the kind of event.
    """

    world: World
    atom: Atom
    number: int
    asked: Sequence[str]
    where: str = ""

    def telling(self) -> Iterator[Named]:
        """Those that tell most: case, anchors, gaps, the place among others; and lengths."""
        name = self._name
        if not self._is_of_its_kind:
            return
        if isinstance(self.atom.leaf, Script):
            yield from self._named("", _of_lengths(self.world, self.atom, self.atom.leaf))
        if not name:
            return
        if name.endswith(ARGS) and self._holding is not None:
            yield from self._named(name, _of_arguments(self._holding, self.atom, self.world))
        yield from self._named(name, self._told_otherwise())
        yield from self._named(name, self._as_other_words())
        yield from self._pinned(_ends(name, self.atom.leaf, self._held, self.world))
        yield from self._pinned(_words_alike(name, self.atom.leaf, self.world))

    def further(self) -> Iterator[Named]:
        """Other spellings, nothing in its place, other texts of a pattern."""
        name = self._name
        if not name or not self._is_of_its_kind:
            return
        if self._decides is not None:
            yield from self._named(name, _written_otherwise(self._decides, self.atom, self.world))
        yield from self._pinned(_others(name, self.atom.leaf, self._held, self.world, self.asked))

    @property
    def _is_of_its_kind(self) -> bool:
        """Not where the atom decides only in an event that no log of the kind writes."""
        return self._decides is None or self.world.shape.has(self._decides)

    @cached_property
    def _name(self) -> str:
        return field_of(self.atom.leaf) or ""

    @cached_property
    def _found(self) -> tuple[list[Goal], bool, Mapping[str, Any] | None]:
        """What must hold beside the atom, of the fields that each log holds if it can be; with which value
        of the atom the rule holds, and an event of that."""
        goals, value = deciding(self.atom)
        held = self.world.held(goals)
        event = self.world.solve([*held, (self.atom.leaf, value)])
        if event is None and held is not goals:
            held, event = goals, self.world.solve([*goals, (self.atom.leaf, value)])
        return held, value, event

    def _solved(self, wanted: bool) -> Mapping[str, Any] | None:
        return self.world.solve([*self._found[0], (self.atom.leaf, wanted)])

    @property
    def _decides(self) -> Mapping[str, Any] | None:
        return self._found[2]

    @cached_property
    def _holding(self) -> Mapping[str, Any] | None:
        """An event in which the atom holds, and all else that is asked of its field is as it must be."""
        return self._decides if self._found[1] else self._solved(True)

    @property
    def _held(self) -> object:
        return (self._holding or {}).get(self._name)

    @cached_property
    def _settled(self) -> Settled | None:
        return self.world.settle(self._found[0])

    def _named(self, name: str, found: Iterable[Named]) -> Iterator[Named]:
        for how, event in found:
            yield f"{self.number}: {' '.join(filter(None, (name, how)))}{self.where}", event

    def _told_otherwise(self) -> Iterator[Named]:
        value = self._found[1]
        for otherwise in range(1, self.world.shape.tellings.get(self._name, 0) + 1):
            for wanted, how in ((value, "told otherwise"), (not value, "not so, told otherwise")):
                if (event := self._solved(wanted)) is not None:
                    yield f"{how} ({otherwise})", {**event, SPELLING: otherwise}

    def _as_other_words(self) -> Iterator[Named]:
        """Where the field is derived, events with its other words, with which the rule fails: each is told in
        its way."""
        words, leaf = self.world.shape.derived.get(self._name, ()), self.atom.leaf
        wanted = not self._found[1]
        others = [one for one in words if self.world.tests.holds(leaf, {self._name: one}) is wanted]
        if self._settled is None or len(others) < 2:
            return
        for word in others[:_MOST_WORDS]:
            listed = word if isinstance(word, list) else [word]
            goals = [(Equals(self._name, one), True) for one in listed]
            event = self.world.solve_beside(self._settled, [(leaf, wanted), *goals])
            if event is not None:
                yield f"not so, but {' and '.join(map(str, listed))}", event

    def _pinned(self, pins: Iterable[Pin]) -> Iterator[Named]:
        """An event for each pin; where a field may be missing, also with a null."""
        name, record = self._name, self.world.shape.record
        if self._settled is None or (record is not None and name in record.when):
            return  # a real source always writes these
        for how, ways in pins:
            found = (self.world.solve_beside(self._settled, goals) for goals in ways if goals)
            event = next((one for one in found if one is not None), None)
            if event is not None:
                yield from self._named(name, [(how, event)])
                if how == "missing":
                    yield from self._named(name, [("null", {**event, name: None})])


def _of_arguments(event: Mapping[str, Any], atom: Atom, world: World) -> Iterator[Named]:
    """The event, which has the argument that is asked for, with it elsewhere in the line, or in two parts."""
    yield from placed(event, atom, world.tests, world.shape.system)
    for pattern in _parted(atom.leaf, "a b"):
        text = "".join("x" if isinstance(part, Wild) else part for part in pattern)
        cut = instead(event, atom, world.tests, world.shape.system, text.split())
        if cut is not None:
            yield "in two arguments", cut


def _of_lengths(world: World, atom: Atom, script: Script) -> Iterator[Named]:
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
                    yield f"{name} of {length} characters", event


def _written_otherwise(event: Mapping[str, Any], atom: Atom, world: World) -> Iterator[Named]:
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


def like_nothing(
    kinds: Sequence[tuple[World, Mapping[str, Any]]], predicate: Predicate, asked: Sequence[str]
) -> Iterator[Named]:
    """Events that the predicate takes, with texts like the one that a log of summaries has for nothing.

    The first kind of event that such a log holds, each field in turn.
    """
    held = (world for world, _ in kinds if _is_summarised(world))
    world = next(held, None)
    settled = None if world is None else world.settle([(predicate, True)])
    if world is None or settled is None:
        return
    for name in dict.fromkeys(map(_line_of, asked)):
        if name.endswith(".id") or not _is_text(name, predicate) or name in world.shape.selecting:
            continue
        nothing = Equals(name, _NOTHING.upper())
        for leaf in (Like(name, (Wild.ANY, _NOTHING)), Like(name, (_NOTHING, Wild.ANY)), nothing):
            event = world.solve_beside(settled, [(leaf, True), (Equals(name, _NOTHING), False)])
            if event is not None:
                yield f"{name} like nothing", event


def _line_of(name: str) -> str:
    """The field of the line, for the number of its arguments."""
    count = ".args_count"
    return f"{name.removesuffix(count)}.command_line" if name.endswith(count) else name


def _is_summarised(world: World) -> bool:
    """Whether a log of summaries holds such events."""
    record = world.shape.record
    return record is not None and any(shape.datamodel for shape in record.shapes.values())


def _must_be_there(atom: Atom, world: World) -> set[str | None]:
    """The fields of which the rule asks whether they are there, or something that only a script can say."""
    asked = [leaf for leaf in leaves(atom.path[0]) if isinstance(leaf, Exists | Script)]
    return {base_field(name) for leaf in (*asked, *world.present) for name in leaf_fields(leaf)}


def end_branches(world: World, atom: Atom, number: int) -> Iterator[Named]:
    """Events in which one of some alternatives holds, and what stands next to them does not.

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
        if below is atom.leaf and below not in (node.items[0], node.items[-1]):
            continue  # of single conditions, which targets write as lists, the ends do
        at = next(index for index, item in enumerate(above.items) if item is node)
        # Both neighbours, whichever end: a target may write what is asked in another order.
        for item in (*above.items[:at][-_BESIDE:], *above.items[at + 1 :][:_BESIDE]):
            if not told.isdisjoint(fields_of(item)):
                continue
            others = [goal for goal in goals if goal[0] is not item]
            event = world.solve([*others, (item, False), (atom.leaf, True)])
            if event is not None:
                yield f"{number}: holds, what stands beside its alternatives does not", event


def _ends(name: str, leaf: Predicate, held: object, world: World) -> Iterator[Pin]:
    """Values that tell case, anchors and gaps. `held`: a value for which the leaf and all else that is asked
    of its field hold."""
    kind = field_type(name)
    if kind in NUMBER_TYPES or kind == "date":
        yield from _equal(name, _numbers(leaf))
    elif kind == "ip":
        yield from _equal(name, _addresses(leaf))
    elif _is_text(name, leaf) and (good := _good(name, leaf, held, world)):
        yield from _changed(name, leaf, good, lambda value: world.tests.holds(leaf, {name: value}))
        yield from _in_paths(name, leaf, good[0], world.shape.system)


def _words_alike(name: str, leaf: Predicate, world: World) -> Iterator[Pin]:
    """Other values, of which a log has a text like the word that it has for the leaf's."""
    for other, words in world.shape.spelled.get(name, ()):
        taken = dict.fromkeys(word for value, word in words.items() if world.tests.holds(leaf, {name: value}))
        for word in taken:
            for text in [f"{word}1"] if _HEXADECIMAL.fullmatch(word) else [f"x{word}", f"{word}x"]:
                goals = [(leaf, False), (Exists(name), True), (Equals(other, text), True)]
                yield f"not so, {other} like its word", [goals]


def _others(name: str, leaf: Predicate, held: object, world: World, asked: Sequence[str]) -> Iterator[Pin]:
    """Values that tell other spellings, other texts of a pattern, nothing at all."""
    if _DIGEST.search(name):
        yield from _equal(name, [("with another digest", "0" * 64)])
    good = _good(name, leaf, held, world) if _is_text(name, leaf) else []
    forms = "another text of the expression" if isinstance(leaf, Regex) else "another text of the pattern"
    yield from _equal(name, ((forms, one) for one in good[1:_FORMS]))
    yield "missing", [[(Exists(name), False)]]
    if not good:
        return
    others = [other for other in asked if other != name and field_type(other) == field_type(name)]
    for other in others[:_OTHERS]:
        yield f"only in {other}", [[(leaf, False), (Equals(other, good[0]), True)]]
    if name.endswith(_IMAGE_PARTS):
        yield from _equal(name, [("inside a longer argument", f"say {good[0]} now")])
    yield from _equal(name, ((forms, one) for one in good[_FORMS:_MORE_FORMS]))
    yield from _equal(name, _lookalikes(good[0]))


def _equal(name: str, values: Iterable[tuple[str, Any]]) -> Iterator[Pin]:
    for how, value in values:
        yield how, [[(Equals(name, value), True)]]


def _is_text(name: str, leaf: Predicate) -> bool:
    kind = field_type(name)
    if kind in NUMBER_TYPES or kind in ("date", "ip", "boolean") or _DIGEST.search(name):
        return False
    return not (_is_flag(leaf) or isinstance(leaf, Exists | Compare | Between))


def _good(name: str, leaf: Predicate, held: object, world: World) -> list[str]:
    """Texts that the leaf takes: the one that is held first."""
    filling = _filling(name, world.shape.system)
    found = chain(held if isinstance(held, list) else (held,), islice(leaf_values(leaf, filling), 40))
    return list(dict.fromkeys(str(one) for one in found if world.tests.holds(leaf, {name: one})))


def _path_of(name: str) -> str | None:
    """The field of the whole path, for the name at its end."""
    group = group_of(name)
    if not name.endswith(".name") or group.kind not in ("image", "path"):
        return None
    return f"{group.name}.{'executable' if group.kind == 'image' else 'path'}"


def _is_flag(leaf: Predicate) -> bool:
    return isinstance(leaf, Equals) and isinstance(leaf.value, bool)


def _in_paths(name: str, leaf: Predicate, plain: str, system: str) -> Iterator[Pin]:
    """The name of a program or file elsewhere in its path."""
    path = _path_of(name)
    if path is None:
        return
    separator = "\\" if system == "windows" else "/"
    inside = Like(path, (Wild.ANY, f"{separator}{plain}{separator}", Wild.ANY))
    yield "as the name of a folder", [[(leaf, False), (inside, True)]]
    for pattern in _parted(leaf, f"x{separator}y"):
        parted = Like(path, (Wild.ANY, separator, *pattern))
        yield "with a folder inside", [[(leaf, False), (parted, True)]]


def _parted(leaf: Predicate, text: str) -> Iterator[tuple[str | Wild, ...]]:
    """The pattern with the text where a `*` stands between two others, for the last of these."""
    pattern = leaf.pattern if isinstance(leaf, Like) else ()
    gaps = [place for place, part in enumerate(pattern) if part is Wild.ANY and 0 < place < len(pattern) - 1]
    for gap in gaps[-_GAPS:]:
        yield (*pattern[:gap], text, *pattern[gap + 1 :])


def _changed(name: str, leaf: Predicate, good: Sequence[str], holds: Callable[[str], bool]) -> Iterator[Pin]:
    """A value in another case, below another folder, with more around it: one that the leaf then refuses, if
    one of its values is such."""
    plain, odd = good[0], "#" if isinstance(leaf, Regex) else "x"

    def turned(change: Callable[[str], str]) -> str:
        changed = list(map(change, good[:_ALTERNATIVES] if isinstance(leaf, Regex) else good[:1]))
        return next((one for one in changed if not holds(one)), changed[0])

    if not _HEXADECIMAL.fullmatch(plain):
        cases = [turned(str.swapcase), *_own_case(leaf, plain)]
        ways: list[list[Goal]] = [[(Equals(name, one), True)] for one in cases if one not in good]
        if ways:
            yield "in another case", ways
    first, last = _open_ends(leaf)
    before: list[Goal] = [(Like(name, (Wild.ANY, plain)), True), (leaf, False)]
    if _DRIVE.match(plain):
        yield from _equal(name, [("as a device path", f"\\\\?\\{plain}")])
        before = []  # what it is below does as well
    elif plain.startswith("/"):
        yield from _equal(name, [("below another folder", turned(lambda one: f"/opt/x{odd}7{one}"))])
        before = []
    if not first:
        yield "with more before", [[(Equals(name, turned(lambda one: f"{odd}{one}")), True)], before]
    if not last:
        after: list[Goal] = [(Like(name, (plain, Wild.ANY)), True), (leaf, False)]
        yield "with more after", [[(Equals(name, turned(lambda one: f"{one}{odd}")), True)], after]
    more: list[tuple[str, str]] = []
    if isinstance(leaf, Phrase):
        words = plain.split()
        for place in dict.fromkeys((1, *range(len(words) - 1, len(words) - _WORDS, -1))):
            if 0 < place < len(words):
                more.append(("with a word between", " ".join((*words[:place], "x7", *words[place:]))))
        more.append(("behind a dot in one word", f"x.{plain}"))
        more.append(("before a dot in one word", f"{plain}.x"))
    yield from _equal(name, more)


def _own_case(leaf: Predicate, plain: str) -> Iterator[str]:
    """The value with only what the leaf asks of it in another case: the rest may be asked by others."""
    for part in leaf.pattern if isinstance(leaf, Like) else ():
        if isinstance(part, str) and part.swapcase() != part:
            start = plain.lower().find(part.lower())
            if start >= 0:
                end = start + len(part)
                yield plain[:start] + plain[start:end].swapcase() + plain[end:]


def _open_ends(leaf: Predicate) -> tuple[bool, bool]:
    """Whether anything may stand before what the leaf asks, and behind it."""
    pattern = leaf.pattern if isinstance(leaf, Like) else ("",)
    return pattern[0] is Wild.ANY, pattern[-1] is Wild.ANY


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
