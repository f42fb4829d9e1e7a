"""Which atoms are alike: they stand in one place of a query but for their texts, so that few of them tell
nearly all that near misses can tell (docs/mutation.md).

process.name : ("cmd.exe", "net.exe", "sc.exe")   ->   the places 0, 1, 2 of one likeness
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from converter.events.generate.atoms import Atom, is_excluded
from converter.events.generate.changed_texts import FLAGS, HEXADECIMAL
from converter.events.generate.groups import field_of
from converter.events.generate.near_values import is_text
from converter.events.generate.shape import Shape
from converter.ir import Cidr, Equals, Like, Predicate, Wild

ALIKE = 2
"""Atoms of one likeness with all near misses of their ends, in the kind of event in which they decide; in
each other kind one."""


def likeness(atom: Atom, where: str = "") -> Hashable:
    """What atoms have in common that are alike: of many such, few tell what a query makes of a text that is
    cut, or spelled with other letters. `where`: the kind of event, if it is not that in which they decide."""
    leaf = atom.leaf
    form: Hashable = leaf
    if isinstance(leaf, Equals):
        form = type(leaf.value).__name__
    elif isinstance(leaf, Like):
        form = tuple(part if isinstance(part, Wild) else "" for part in leaf.pattern)
    elif isinstance(leaf, Cidr) and where:
        form = ":" in leaf.network  # the ends of each are tried in the kind in which it decides
    return field_likeness(atom, where), form


def field_likeness(atom: Atom, where: str = "") -> Hashable:
    """The same, whatever the places of the wildcards: what a query makes of nothing, or of a text that is
    cut, they do not change."""
    return where, field_of(atom.leaf) or "", type(atom.leaf), is_excluded(atom)


class Places:
    """How many atoms came before that are alike; each is asked once."""

    def __init__(self) -> None:
        self._seen: Counter[Hashable] = Counter()

    def of(self, like: Hashable) -> int:
        """The place of the next atom of this likeness."""
        self._seen[like] += 1
        return self._seen[like] - 1


def in_another_case(leaf: Predicate, shape: Shape) -> Predicate | None:
    """That the field has the leaf's text with other letters' case, where the leaf takes that and sources may
    write it; None where not."""
    name = field_of(leaf) or ""
    if not isinstance(leaf, Equals | Like) or not leaf.ignore_case or not is_text(name, leaf):
        return None
    if name in shape.derived or name in shape.selecting:
        return None
    if isinstance(leaf, Like):
        turned = tuple(part if isinstance(part, Wild) else part.swapcase() for part in leaf.pattern)
        return None if turned == leaf.pattern else Like(name, turned)
    text = str(leaf.value)
    is_one_way = text in FLAGS or HEXADECIMAL.fullmatch(text) or text == text.swapcase()
    return None if is_one_way else Equals(name, text.swapcase())
