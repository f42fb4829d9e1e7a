"""What the tables say of a profile's fields, by which a change of a query is known to change nothing.

ActionType == "ProcessCreated"  ->  =~      the log writes its own words in one case
sourcetype="a:b"                ->  "a:b*"  and there is no other word that begins so
path startswith "/"             ->  contains    no path of the other system has the separator anywhere
Computer|exists: true           ->  (none)  each event names its machine
category="AdvancedHunting-DeviceInfo" OSPlatform="Linux"  ->  OSPlatform="Linux"   no other table has it
LogonId="0x3e7"         ->  "*0x3e7"   a number has nothing before its 0x, and its digits one case
Path="/*" [search OSPlatform="Linux"]  ->  [search OSPlatform="Linux"]  the system is told twice
Name=* Name="a*"        ->  Name="a*"  what is compared is there
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from functools import lru_cache

from converter.elastic.types import field_type
from converter.events.generate.groups import HOST
from converter.frozen import dataclass
from converter.harness.mutation.edit import PRESENT, Edit
from converter.lowering.conversions.told import alternatives
from converter.taxonomy.model import Profile, Taxonomy

METADATA = frozenset({"source", "sourcetype", "index"})
"""Splunk's own fields: each event has one value of them."""
_WORDS = frozenset({"always", "enum", "fallback", "told", "values"})
"""Conversions to one of few words of the log."""
_ECS_WORDS = frozenset(
    {
        "data_stream.dataset",
        "event.category",
        "event.dataset",
        "event.kind",
        "event.module",
        "event.outcome",
        "event.type",
    }
)
"""Fields in which Elastic writes words of its own, where a Sigma rule asks them under their ECS names."""
_MARKUP = re.compile(r' ?Name="')
"""How a pattern begins that reads an element of Windows' own XML."""
_ONE_SPELLING = r"0x[0-9a-f]+|S-1-\d+(?:-\d+)+|[DQ]WORD \(0x[0-9a-f]+\)|(?:SHA256|SHA1|MD5|IMPHASH)="
_SPELLED = re.compile(rf"(?:\(\?\w+\))?\^?(?P<text>{_ONE_SPELLING})\$?", re.IGNORECASE)
"""What logs write in one way: numbers of logons, SIDs, values of the registry, the names of digests. Nothing
stands before them in the same value; a digest may."""
_CHOICE = re.compile(r"(?P<before>.*)\(\?:(?P<branches>[^()]*)\)(?P<behind>.*)")
"""An expression of alternatives: `^S-1-5-(?:18|19)$`."""
_ROOT = re.compile(r"(?:\(\?\w+\))?\^?/\*?")
"""What marks a path of Linux or macOS by its first character."""


@dataclass(frozen=True)
class Known:
    """`words`: fields that hold words of the log itself -> those that the tables give, in lower case;
    `there`: fields that each event has; `tells`: fields that
    only one table has -> the fields by which that table is told, and how old its rows may be."""

    words: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: dict.fromkeys(METADATA, frozenset[str]())
    )
    there: frozenset[str] = frozenset()
    tells: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def telling(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """The edits that may change what a query finds."""
        return (edit for edit in edits if not self.is_equal(edit))

    def is_equal(self, edit: Edit) -> bool:
        """Whether the edit changes nothing that a query finds."""
        own = edit.field in self.words
        match edit.kind, edit.after:
            case "case", _:
                return own or _MARKUP.match(edit.value) is not None or _all_spelled(edit.value)
            case "predicate", "":
                there = edit.value == PRESENT and (edit.field in self.there or edit.field in edit.beside)
                told = any(edit.field in self.tells.get(name, ()) for name in edit.beside)
                return there or told or self._is_second_root(edit)
            case "logic", _:
                asked = edit.field.split()
                return any(
                    self.tells.get(name, frozenset()).issuperset(asked or ("",)) for name in edit.beside
                )
            case "wildcard", "*" if edit.made.startswith("*") and _all_spelled(edit.value):
                return not edit.value.upper().startswith(("SHA", "MD5", "IMPHASH"))
            case "wildcard", "*" if own:
                return not self._takes_another(edit)
            case ("wildcard", "*") | ("anchor", "" | "contains" | "contains_cs"):
                return _ROOT.fullmatch(edit.value) is not None
        return False

    def _is_second_root(self, edit: Edit) -> bool:
        """Whether a path need not begin with `/` any more, in rows of machines whose system is told."""
        return _ROOT.fullmatch(edit.value) is not None and any(name in self.tells for name in edit.told)

    def _takes_another(self, edit: Edit) -> bool:
        """Whether there is a word of the field that the value takes now."""
        before, now = edit.value.lower(), edit.made.lower()
        return any(
            fnmatchcase(word, now) and not fnmatchcase(word, before) for word in self.words[edit.field]
        )


def _all_spelled(value: str) -> bool:
    """Whether the value, or each of a list of them, is one that logs write in one way."""
    texts = (text for part in value.split(", ") for text in _written_out(part))
    return all(map(_SPELLED.fullmatch, texts)) if value else False


def _written_out(expression: str) -> Iterator[str]:
    """The expression with each of its alternatives alone."""
    found = _CHOICE.fullmatch(expression)
    if found is None:
        yield expression
    else:
        yield from (found["before"] + one + found["behind"] for one in found["branches"].split("|"))


NOTHING = Known()


@lru_cache(maxsize=64)
def known_of(profile: Profile, taxonomy: Taxonomy) -> Known:
    """What is known of the profile's fields.

    >>> from converter.taxonomy import load_taxonomy
    >>> found = known_of(load_taxonomy().profiles["windows"], load_taxonomy())
    >>> "4688" in found.words["EventCode"], "Computer" in found.there
    (True, True)
    """
    words: dict[str, set[str]] = {name: set() for name in METADATA | _ECS_WORDS}
    cells: dict[str, list[tuple[str, str]]] = {}
    tells: dict[str, frozenset[str]] = {}
    for record in taxonomy.records:
        if profile.name not in record.shapes:
            continue
        shape = record.shapes[profile.name]
        for name, value in shape.where.items():
            words.setdefault(name, set()).update(str(one).lower() for one in _several(value))
        if shape.hosts is not None:
            words.setdefault(shape.hosts.column, set()).update(map(str.lower, shape.hosts.values))
            tells[shape.hosts.column] = frozenset({*METADATA, "earliest", *dict(shape.hosts.where)})
        for ecs, cell in record.cells_of(profile.name):
            cells.setdefault(cell.field, []).append((ecs, cell.conversion))
    for name, found in cells.items():
        if all(kind in _WORDS or field_type(ecs) == "boolean" for ecs, kind in found):
            words.setdefault(name, set())
    for name, word in _results(taxonomy, profile):
        words.setdefault(name, set()).add(word.lower())
    there = {name for name, found in cells.items() if any(ecs in HOST for ecs, _ in found)}
    return Known({name: frozenset(found) for name, found in words.items()}, frozenset(there), tells)


def _results(taxonomy: Taxonomy, profile: Profile) -> Iterator[tuple[str, str]]:
    """The fields in which the log says how it went, with the words that the tables give."""
    for record in taxonomy.records:
        cell = record.cell("event.outcome", profile.name)
        if cell is None or cell.conversion != "told":
            continue
        texts = (text for text in taxonomy.maps[cell.argument].values() if text != "?")
        told = [atom for text in texts for branch in alternatives(text) for atom in branch]
        if all(atom.value and not atom.within for atom in told if atom.field == cell.field):
            yield from ((atom.field, atom.value) for atom in told if atom.field == cell.field and atom.value)


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else (value,)
