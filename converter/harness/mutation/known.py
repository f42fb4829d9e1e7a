"""What the tables say of a profile's fields, by which a change of a query is known to change nothing.

ActionType == "ProcessCreated"  ->  =~      the log writes its own words in one case
sourcetype="a:b"                ->  "a:b*"  and there is no other word that begins so
mvfind(Image, "x")              ->  match   the log holds one value
path startswith "/"             ->  contains    no path of the other system has the separator anywhere
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from converter.events.generate.dependent import ARRAYS
from converter.harness.mutation.edit import Edit
from converter.taxonomy.model import Profile, Taxonomy

METADATA = frozenset({"source", "sourcetype", "index"})
"""Splunk's own fields: each event has one value of them."""
_WORDS = frozenset({"always", "enum", "fallback", "told", "values"})
"""Conversions to one of few words of the log."""
_SINGLE = _WORDS | {"same", "key", "argument", "file_name", "hexadecimal", "device_path", "hash"}
"""Conversions that give one value."""
_ROOT = re.compile(r"(?:\(\?\w+\))?\^?/\*?")
"""What marks a path of Linux or macOS by its first character."""


@dataclass(frozen=True)
class Known:
    """`words`: fields that hold words of the log itself -> those that the tables give, in lower case;
    `single`: fields that never have several values."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    single: frozenset[str] = METADATA

    def telling(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """The edits that may change what a query finds."""
        return (edit for edit in edits if not self._is_equal(edit))

    def _is_equal(self, edit: Edit) -> bool:
        own = edit.field in self.words
        match edit.kind, edit.after:
            case "case", _:
                return own
            case "aggregate", "match":
                return own or edit.field in self.single
            case "wildcard", "*" if own:
                return not self._takes_another(edit)
            case ("wildcard", "*") | ("anchor", "" | "contains" | "contains_cs"):
                return _ROOT.fullmatch(edit.value) is not None
        return False

    def _takes_another(self, edit: Edit) -> bool:
        """Whether there is a word of the field that the value takes now."""
        before, now = edit.value.lower(), edit.made.lower()
        return any(
            fnmatchcase(word, now) and not fnmatchcase(word, before) for word in self.words[edit.field]
        )


NOTHING = Known()


@lru_cache(maxsize=64)
def known_of(profile: Profile, taxonomy: Taxonomy) -> Known:
    """What is known of the profile's fields.

    >>> from converter.taxonomy import load_taxonomy
    >>> found = known_of(load_taxonomy().profiles["windows"], load_taxonomy())
    >>> "4688" in found.words["EventCode"], "EventCode" in found.single
    (True, False)
    """
    words: dict[str, set[str]] = {name: set() for name in METADATA}
    asked: set[str] = set()
    conversions: dict[str, set[str]] = {}
    several: set[str] = set()
    for record in taxonomy.records:
        if profile.name not in record.shapes:
            continue
        shape = record.shapes[profile.name]
        for name, value in shape.where.items():
            words.setdefault(name, set()).update(str(one).lower() for one in _several(value))
        if shape.hosts is not None:
            words.setdefault(shape.hosts.column, set()).update(map(str.lower, shape.hosts.values))
        for ecs, cell in record.cells_of(profile.name):
            conversions.setdefault(cell.field, set()).add(cell.conversion)
            if ecs in ARRAYS or "*" in ecs:
                several.add(cell.field)
            if cell.conversion in _WORDS:
                asked.add(cell.field)
    for name in asked:
        if conversions[name] <= _WORDS:
            words.setdefault(name, set())
    single = {name for name, kinds in conversions.items() if kinds <= _SINGLE and "{}" not in name}
    return Known(
        {name: frozenset(found) for name, found in words.items()},
        frozenset(single - several | METADATA),
    )


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else (value,)
