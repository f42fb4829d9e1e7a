"""One small change of an emitted text, and the text that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias, TypeVar

from converter.frozen import dataclass
from converter.kept import read_yaml
from converter.source import Position

T = TypeVar("T")
Swaps: TypeAlias = dict[str, list[tuple[str, str]]]
"""A text as it stands -> kinds of mutants and what stands there instead."""
PRESENT = "*"
"""The value of a condition that asks whether a field is there."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters from `start` to `end` become `after`. `kind`: the mutation operator. Where the mutators
    say: `field`: of which something else is asked, `value` and `made`: how the value is spelled and then,
    `beside`: the fields that other conditions ask, which must hold as well, `told`: those that they ask where
    a row's machine is looked up."""

    kind: str
    start: int
    end: int
    after: str
    field: str = ""
    value: str = ""
    made: str = ""
    beside: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text one step from an emitted one: what was changed, where, and the whole text."""

    kind: str
    position: Position
    before: str
    after: str
    text: str


@cache
def table(language: str, name: str) -> Swaps:
    """A language's table of changes from `operators.yaml`."""
    tables: dict[str, dict[str, Swaps]] = read_yaml(Path(__file__).parent / "operators.yaml")
    return tables[language][name]


def swaps(found: str, start: int, end: int, changes: Swaps) -> Iterator[Edit]:
    """What the table has for a text that stands from `start` to `end`."""
    for kind, after in changes.get(found, ()):
        yield Edit(kind, start, end, after)


def few(changes: Iterable[T], most: int | None, kind: Callable[[T], str]) -> Iterator[T]:
    """Of each kind so many of the changes, evenly spread over the text; all where `most` is None."""
    kinds: dict[str, list[T]] = {}
    for change in changes:
        kinds.setdefault(kind(change), []).append(change)
    for found in kinds.values():
        count = len(found) if most is None else min(len(found), most)
        yield from (found[place * len(found) // count] for place in range(count))


def mutants(text: str, edits: Iterable[Edit]) -> Iterator[Mutant]:
    """Each edit's text; texts that came before, or are as it was, are left out."""
    seen = {text}
    for edit in edits:
        changed = text[: edit.start] + edit.after + text[edit.end :]
        if changed in seen:
            continue
        seen.add(changed)
        before = text[edit.start : edit.end]
        yield Mutant(edit.kind, place(text, edit.start), before, edit.after, changed)


def place(text: str, offset: int) -> Position:
    """The line and column of an offset."""
    begin = text.rfind("\n", 0, offset) + 1
    return Position(text.count("\n", 0, offset) + 1, offset - begin + 1)
