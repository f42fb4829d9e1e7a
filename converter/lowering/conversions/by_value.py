"""`eventName|by(cloudtrail_category)`: Elastic looks the value up by another field's value.

    cloudtrail_category:
      AddUserToGroup: iam
      AssumeRole: authentication
    cloudtrail_type:
      AddUserToGroup: group change
      otherwise: info

    event.category : "iam"   ->   eventName : "AddUserToGroup"  or  ...
    event.type : "info"      ->   not (eventName : "AddUserToGroup"  or  ...)

A map's entry is a value of the target's field, or a pattern with `*`, and the words that Elastic writes then;
all entries that fit give theirs. `otherwise` is what it writes where none fits; `?` there: not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from converter.ir.predicate import TRUE, Equals, Exists, Like, Not, Predicate, Regex, Wild
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.fidelity import Fidelity
from converter.lowering.recognise import holds, like_regex

OTHERWISE = "otherwise"
UNKNOWN = "?"


def by_value(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The values of the target's field by which the leaf holds; those that are known, where some are not.

    Raises Lost for other kinds of leaves.
    """
    if not isinstance(leaf, Equals | Like | Regex | Exists):
        raise Lost("derived-field", f"{type(leaf).__name__.lower()} on a value that is looked up")
    table = context.maps[context.cell.argument]
    entries = {key: _wanted(leaf, words) for key, words in table.items() if key != OTHERWISE}
    fitting = [key for key, wanted in entries.items() if wanted]
    if table.get(OTHERWISE) == UNKNOWN:
        message = f"what Elastic writes for other values of {context.cell.field} than the known is not known"
        return Approximation(_any(context.cell.field, fitting), Fidelity.NARROWER, "looked-up-value", message)
    if not _wanted(leaf, table.get(OTHERWISE, "")):
        return _any(context.cell.field, fitting)
    if any("*" in key for key in entries):
        none_fits: Predicate = Not(_any(context.cell.field, entries))
        return disjunction((_any(context.cell.field, fitting), none_fits))
    others = [key for key, wanted in entries.items() if not wanted]
    return Not(_any(context.cell.field, others)) if others else TRUE


def words_of(value: str | None, table: Mapping[str, str]) -> frozenset[str]:
    """What Elastic writes where the target's field has the value (None: where it has none).

    >>> sorted(words_of("team.add_member", {"*": "web", "team.*": "iam"}))
    ['iam', 'web']
    """
    fitting = [words for key, words in table.items() if key != OTHERWISE and _fits(key, value)]
    return frozenset(" ".join(fitting or [table.get(OTHERWISE, "")]).split())


def example_of(words: Iterable[str], table: Mapping[str, str]) -> str | None:
    """A value of the target's field for which Elastic writes these words, and perhaps others; of words that
    none is known to have, one for which it is not known what Elastic writes.

    >>> example_of(["odd"], {"login": "start", "otherwise": "?"})
    'x'
    """
    wanted = set(words)
    values = [key.replace("*", "x") for key in table if key != OTHERWISE]
    found = next((value for value in (*values, "x") if wanted <= words_of(value, table)), None)
    return "x" if found is None and words_of("x", table) == {UNKNOWN} else found


def _wanted(leaf: Predicate, words: str) -> bool:
    return any(holds(leaf, word) for word in words.split())


def _fits(key: str, value: str | None) -> bool:
    if "*" not in key:
        return key == value
    return key == "*" or (value is not None and _pattern(key).fullmatch(value) is not None)


@cache
def _pattern(key: str) -> re.Pattern[str]:
    """A map's key with wildcards; maps are tables, which are few."""
    return like_regex(_pieces(key), False)


def _any(name: str, keys: Iterable[str]) -> Predicate:
    return disjunction(
        TRUE if key == "*" else Like(name, _pieces(key)) if "*" in key else Equals(name, key) for key in keys
    )


def _pieces(key: str) -> tuple[str | Wild, ...]:
    return tuple(Wild.ANY if piece == "*" else piece for piece in re.split(r"(\*)", key) if piece)
