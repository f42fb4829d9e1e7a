"""Near misses: values one step from one that an atom takes, pinned while the rest of the rule holds."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.generate.dependent import fills
from converter.events.generate.patterns import Fills
from converter.events.generate.solve import addresses, field_of, leaf_values
from converter.events.generate.truth import Atom, World, deciding
from converter.ir import Cidr, Compare, Equals, Exists, Predicate, Regex
from converter.ir.predicate import Between

_LOOKALIKES = str.maketrans({"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441", "p": "\u0440"})
"""Cyrillic letters that look like Latin ones."""
_FORMS = 6
_NAMED = frozenset({"user", "group", "host"})
_HEXADECIMAL = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)
"""Numbers, which logs write in one case."""


def near_misses(world: World, atom: Atom, number: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Events that differ from one in which the atom decides by one value; named by what was done."""
    name = field_of(atom.leaf)
    if name is None:
        return
    selecting = world.shape.record is not None and name in world.shape.record.when
    goals, _ = deciding(atom)
    for how, pin in _pins(name, atom.leaf, world, selecting):
        event = world.solve([*goals, pin])
        if event is not None:
            yield f"{number}: {name} {how}", event


def _pins(
    name: str, leaf: Predicate, world: World, selecting: bool
) -> Iterator[tuple[str, tuple[Predicate, bool]]]:
    if selecting:  # a real source always writes these
        return
    for how, value in _values(name, leaf, world):
        if isinstance(value, str) and not value:
            continue
        yield how, (Equals(name, value), True)
    yield "missing", (Exists(name), False)


def _values(name: str, leaf: Predicate, world: World) -> Iterator[tuple[str, Any]]:
    kind = field_type(name)
    if kind in NUMBER_TYPES or kind == "date":
        yield from _numbers(leaf)
        return
    if kind == "ip":
        yield from _addresses(leaf)
        return
    if kind == "boolean" or isinstance(leaf, Exists | Compare | Between):
        return
    if isinstance(leaf, Equals) and isinstance(leaf.value, bool):  # a boolean that no table lists
        return
    filling = _filling(name, world.shape.system)
    good = [
        str(value)
        for value in islice(leaf_values(leaf, filling), 40)
        if world.tests.holds(leaf, {name: value})
    ]
    if not good:
        return
    plain = good[0]
    if not _HEXADECIMAL.fullmatch(plain):
        yield "in another case", plain.swapcase()
    yield "with more before", f"x{plain}"
    yield "with more after", f"{plain}x"
    forms = "another text of the expression" if isinstance(leaf, Regex) else "another text of the pattern"
    for value in good[1:_FORMS]:
        yield forms, value
    yield "cut short", plain[:-1]
    yield "without its first letter", plain[1:]
    yield "in other letters that look alike", plain.translate(_LOOKALIKES)
    if "\\" in plain:
        yield "with the other separator", plain.replace("\\", "/")
    if name.endswith((".args", "command_line")):
        yield "inside a longer argument", f"say {plain} now"


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
