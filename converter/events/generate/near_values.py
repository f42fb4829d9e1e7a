"""Values one step from one that a leaf takes, by the type of its field; each is pinned (`Pin`)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from converter.elastic.eql.functions import address
from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.generate.changed_texts import (
    HEXADECIMAL,
    Pin,
    changed_text,
    equal,
    in_paths,
    lookalikes,
)
from converter.events.generate.literals import bounds
from converter.events.generate.patterns import Fills
from converter.events.generate.solve import addresses, alternatives, leaf_values
from converter.events.generate.usual_paths import fills
from converter.events.generate.world import World
from converter.ir import Cidr, Compare, Equals, Exists, Nested, Predicate, Regex
from converter.ir.predicate import Between

_FORMS = 3
_MORE_FORMS = 6
"""Texts of a pattern: so many early, so many in the end. These are all that a `*` is filled with (nothing, a
word, a separator, a blank, a letter), at one of its places: the same at others told nothing more
(docs/mutation.md)."""
_EXAMPLES = 24
"""The same of an expression."""
_OTHERS = 2
"""Other fields that are given an atom's value, at most."""
_NAMED = frozenset({"user", "group", "host"})
_DIGEST = re.compile(r"\.hash\.\w+$|hash$")
"""Hashes, which logs write in full and in one case."""
_IMAGE_PARTS = (".args", ".command_line")


def ends(name: str, leaf: Predicate, good: Sequence[str], world: World) -> Iterator[Pin]:
    """Values that tell case, anchors and gaps. `good`: as `good_texts` finds them."""
    kind = field_type(name)
    if kind in NUMBER_TYPES or kind == "date":
        yield from equal(name, _numbers(leaf))
    elif kind == "ip":
        yield from equal(name, _addresses(leaf))
    elif good:
        yield from changed_text(name, leaf, good, lambda value: world.tests.holds(leaf, {name: value}))


def elsewhere(name: str, leaf: Predicate, good: Sequence[str], world: World) -> Iterator[Pin]:
    """The value at another place of what holds it: of a path, of a line."""
    if good:
        yield from in_paths(name, leaf, good[0], world.shape.system)
        if name.endswith(_IMAGE_PARTS):
            yield from equal(name, [("inside a longer argument", f"say {good[0]} now")])


def lookalikes_of(name: str, good: Sequence[str]) -> Iterator[Pin]:
    """Nothing in its place, and texts that look like the value."""
    yield "missing", [[(Exists(name), False)]]
    if good:
        yield from equal(name, lookalikes(good[0]))


def words_alike(name: str, leaf: Predicate, world: World) -> Iterator[Pin]:
    """Other values, of which a log has a text like the word that it has for the leaf's."""
    for other, words in world.shape.spelled.get(name, ()):
        taken = dict.fromkeys(word for value, word in words.items() if world.tests.holds(leaf, {name: value}))
        for word in taken:
            texts = [f"{word}1"] if HEXADECIMAL.fullmatch(word) else [f"x{word}", f"{word}x"]
            if world.shape.system != "windows":
                texts.append(word.swapcase())
            for text in texts:
                goals = [(leaf, False), (Exists(name), True), (Equals(other, text), True)]
                yield f"not so, {other} like its word", [goals]


def other_values(name: str, leaf: Predicate, good: Sequence[str], asked: Sequence[str]) -> Iterator[Pin]:
    """Values that tell other texts of a pattern, and those of other fields."""
    if _DIGEST.search(name):
        yield from equal(name, [("with another digest", "0" * 64)])
    forms = "another text of the expression" if isinstance(leaf, Regex) else "another text of the pattern"
    yield from equal(name, ((forms, one) for one in good[1:_FORMS]))
    if not good:
        return
    alike = [other for other in asked if other != name and field_type(other) == field_type(name)]
    for other in alike[:_OTHERS]:
        yield f"only in {other}", [[(leaf, False), (Equals(other, good[0]), True)]]
    most = _EXAMPLES if isinstance(leaf, Regex) else _MORE_FORMS
    yield from equal(name, ((forms, one) for one in good[_FORMS:most]))
    if isinstance(leaf, Regex):
        others = (one for one in alternatives(leaf.pattern, leaf.dialect) if one not in good[:_EXAMPLES])
        yield from equal(name, (("another alternative of the expression", one) for one in others))


def is_text(name: str, leaf: Predicate) -> bool:
    """Whether the leaf asks a text of the field, and not a number, a moment, an address or a hash."""
    kind = field_type(name)
    if kind in NUMBER_TYPES or kind in ("date", "ip", "boolean") or _DIGEST.search(name):
        return False
    return not (_is_flag(leaf) or isinstance(leaf, Exists | Compare | Between | Nested))


def _is_flag(leaf: Predicate) -> bool:
    return isinstance(leaf, Equals) and isinstance(leaf.value, bool)


def good_texts(name: str, leaf: Predicate, held: object, world: World) -> list[str]:
    """Texts that the leaf takes, none where it asks no text. `held`, a value for which the leaf and all else
    that is asked of its field hold, comes first."""
    if not is_text(name, leaf):
        return []
    filling = _filling(name, world.shape.system)
    found = chain(held if isinstance(held, list) else (held,), islice(leaf_values(leaf, filling), 40))
    return list(dict.fromkeys(str(one) for one in found if world.tests.holds(leaf, {name: one})))


def _filling(name: str, system: str) -> Fills:
    """What stands for a `*`: in the name of an account, a group or a machine no separator of paths, which
    logs put between a domain and a name."""
    if name.endswith(".args"):
        return Fills(" ")
    return Fills() if _NAMED.intersection(name.split(".")) else fills(system)


def _numbers(leaf: Predicate) -> Iterator[tuple[str, Any]]:
    for bound in bounds(leaf):
        if isinstance(bound, int) and not isinstance(bound, bool):
            for value in (bound, bound - 1, bound + 1):
                yield "at a boundary", value


def _addresses(leaf: Predicate) -> Iterator[tuple[str, Any]]:
    if isinstance(leaf, Equals):
        for value in (f"{leaf.value}0", f"1{leaf.value}", f"fe80{leaf.value}"):
            if address(value) not in (None, address(str(leaf.value))):
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
