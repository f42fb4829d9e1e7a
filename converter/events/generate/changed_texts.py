"""Texts one step from one that a leaf takes: in another case, with more around it, elsewhere in a path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from converter.events.generate.goals import Goal
from converter.events.generate.groups import WHOLES, group_of
from converter.ir import Equals, Like, Phrase, Predicate, Regex, Wild
from converter.lowering.conversions.registry_values import named as hive_named

_LOOKALIKES = str.maketrans({"a": "\u0430", "e": "\u0435", "o": "\u043e", "c": "\u0441", "p": "\u0440"})
"""Cyrillic letters that look like Latin ones."""
_ALTERNATIVES = 12
"""Texts of an expression of which one is changed."""
_GAPS = 2
"""Gaps of a pattern that are filled with what parts it."""
HEXADECIMAL = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)
"""Numbers, which logs write in one case."""
IN_ANOTHER_CASE = "in another case"
FLAGS = ("true", "false")
"""Which JSON spells in one way."""
_DRIVE = re.compile(r"[A-Za-z]:\\")
Pin: TypeAlias = tuple[str, Sequence[list[Goal]]]
"""What is done to a value, and what is asked for that: the first of several that there is an event for."""


def equal(name: str, values: Iterable[tuple[str, Any]]) -> Iterator[Pin]:
    """That the field has each of the values, which are named."""
    for how, value in values:
        yield how, [[(Equals(name, value), True)]]


def changed_text(
    name: str, leaf: Predicate, good: Sequence[str], holds: Callable[[str], bool]
) -> Iterator[Pin]:
    """A value in another case, below another folder, with more around it: one that the leaf then refuses, if
    one of its values is such."""
    plain, odd = good[0], "#" if isinstance(leaf, Regex) else "x"

    def turned(change: Callable[[str], str]) -> str:
        changed = list(map(change, good[:_ALTERNATIVES] if isinstance(leaf, Regex) else good[:1]))
        return next((one for one in changed if not holds(one)), changed[0])

    if plain not in FLAGS and not HEXADECIMAL.fullmatch(plain):
        cases = [turned(str.swapcase), *_own_case(leaf, plain)]
        ways: list[list[Goal]] = [[(Equals(name, one), True)] for one in cases if one not in good]
        if ways:
            yield IN_ANOTHER_CASE, ways
    first, last = _open_ends(leaf)
    before: list[Goal] = [(Like(name, (Wild.ANY, plain)), True), (leaf, False)]
    if _DRIVE.match(plain):
        yield from equal(name, [("as a device path", f"\\\\?\\{plain}")])
        before = []  # what it is below does as well
    elif plain.startswith("/"):
        yield from equal(name, [("below another folder", turned(lambda one: f"/opt/x{odd}7{one}"))])
        before = []
    elif name == "registry.path":
        yield from equal(name, [("below another hive", turned(partial(_below_a_hive, "long")))])
        yield from equal(
            name, [("below another hive, its own in short", turned(partial(_below_a_hive, "short")))]
        )
    if not first:
        yield "with more before", [[(Equals(name, turned(lambda one: f"{odd}{one}")), True)], before]
    if not last:
        after: list[Goal] = [(Like(name, (plain, Wild.ANY)), True), (leaf, False)]
        yield "with more after", [[(Equals(name, turned(lambda one: f"{one}{odd}")), True)], after]
    if isinstance(leaf, Phrase):
        yield from equal(name, _phrases(plain))


def _phrases(plain: str) -> Iterator[tuple[str, str]]:
    """The words of a phrase with others between them, or joined; each gap by itself, all in one text. And
    with signs around them and between, which part words unless letters are on both sides."""
    words = plain.split()
    gaps = [(" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))]
    if gaps:
        yield "with a word between", " ; ".join(f"{head} x7 {tail}" for head, tail in gaps)
        yield "with a dot between, in one word", " ; ".join(f"{head}.{tail}" for head, tail in gaps)
    yield "behind a dot in one word", f"x.{plain}"
    yield "before a dot in one word", f"{plain}.x"
    yield "in signs", f"'{'. '.join(words)}."
    yield "in signs, among others", f"- '{': '.join(words)}' -"


def _below_a_hive(style: str, path: str) -> str:
    return rf"HKEY_USERS\x7\{hive_named(path, style)}"


def _own_case(leaf: Predicate, plain: str) -> Iterator[str]:
    """The value with only what the leaf asks of it in another case, or its last letter: the rest may be asked
    by others."""
    for part in leaf.pattern if isinstance(leaf, Like) else ():
        if isinstance(part, str) and part.swapcase() != part:
            start = plain.lower().find(part.lower())
            if start >= 0:
                end = start + len(part)
                yield plain[:start] + plain[start:end].swapcase() + plain[end:]
    lettered = [place for place, char in enumerate(plain) if char.swapcase() != char]
    if lettered:
        last = lettered[-1]
        yield plain[:last] + plain[last].swapcase() + plain[last + 1 :]


def _open_ends(leaf: Predicate) -> tuple[bool, bool]:
    """Whether anything may stand before what the leaf asks, and behind it."""
    pattern = leaf.pattern if isinstance(leaf, Like) else ("",)
    return pattern[0] is Wild.ANY, pattern[-1] is Wild.ANY


def in_paths(name: str, leaf: Predicate, plain: str, system: str) -> Iterator[Pin]:
    """The name of a program or file elsewhere in its path."""
    path = _path_of(name)
    if path is None:
        return
    separator = "\\" if system == "windows" else "/"
    inside = Like(path, (Wild.ANY, f"{separator}{plain}{separator}", Wild.ANY))
    yield "as the name of a folder", [[(leaf, False), (inside, True)]]
    for pattern in parted(leaf, f"x{separator}y"):
        folder = Like(path, (Wild.ANY, separator, *pattern))
        yield "with a folder inside", [[(leaf, False), (folder, True)]]


def _path_of(name: str) -> str | None:
    """The field of the whole path, for the name at its end."""
    group = group_of(name)
    if not name.endswith(".name") or group.kind not in WHOLES:
        return None
    return f"{group.name}.{WHOLES[group.kind]}"


def parted(leaf: Predicate, text: str) -> Iterator[tuple[str | Wild, ...]]:
    """The pattern with the text where a `*` stands between two others, for the last of these."""
    pattern = leaf.pattern if isinstance(leaf, Like) else ()
    gaps = [place for place, part in enumerate(pattern) if part is Wild.ANY and 0 < place < len(pattern) - 1]
    for gap in gaps[-_GAPS:]:
        yield (*pattern[:gap], text, *pattern[gap + 1 :])


def lookalikes(plain: str) -> Iterator[tuple[str, str]]:
    """Texts that look like this one, each with how."""
    for how, one in (
        ("cut short", plain[:-1]),
        ("without its first letter", plain[1:]),
        ("in other letters that look alike", plain.translate(_LOOKALIKES)),
        ("with the other separator", plain.replace("\\", "/")),
    ):
        if one and one != plain:
            yield how, one
