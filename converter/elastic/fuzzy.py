"""A fuzzy `match` of ES|QL's on a keyword, as patterns.

match(f, "ab", {"fuzziness": 1})    ->   f is "ab" or "b", "a", "ba", or like "?b", "a?", "?ab", "a?b", "ab?"

An edit changes a character, removes one, adds one or swaps two neighbours (Elasticsearch's reference, "Fuzzy
query"). A query expands to those spellings that the index has, `max_expansions` of them at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.elastic.queries import Pattern, any_of
from converter.ir import Equals, Like, Predicate, Wild
from converter.ir.value import Call, Literal_, Value
from converter.source import Position

_DEFAULT_EXPANSIONS = 50
_KINDS = ("keyword", "wildcard", "constant_keyword")
_LONGEST = 40
"""Characters of a text of which the spellings are written out."""


def is_fuzzy(call: Call) -> bool:
    """Whether it is a `match` with options that are understood: one edit, on a field and a short text."""
    options = _options(call)
    text = call.arguments[1] if len(call.arguments) == 3 else None
    return (
        options is not None
        and isinstance(text, Literal_)
        and isinstance(text.value, str)
        and 1 < len(text.value) <= _LONGEST
        and options.keys() <= {"fuzziness", "max_expansions"}
        and str(options.get("fuzziness")) == "1"
        and isinstance(options.get("max_expansions", 1), int)
    )


def expansions(call: Call) -> int:
    """How many of the spellings of an index the query finds at most."""
    return int(str((_options(call) or {}).get("max_expansions", _DEFAULT_EXPANSIONS)))


def fuzzy_match(field: str, kind: str, call: Call, pos: Position | None) -> Predicate | None:
    """The text of the call, or one that an edit makes of it; None for other kinds of fields."""
    text = call.arguments[1]
    if kind not in _KINDS or not isinstance(text, Literal_):
        return None
    return any_of((_leaf(field, one, pos) for one in dict.fromkeys(_spellings(str(text.value)))), pos)


def _options(call: Call) -> dict[str, object] | None:
    last = call.arguments[-1] if call.arguments else None
    if call.function != "match" or not isinstance(last, Call) or last.function != "map":
        return None
    names, values = map(_constants, (last.arguments[::2], last.arguments[1::2]))
    return {str(name): value for name, value in zip(names, values, strict=True)}


def _constants(values: Sequence[Value]) -> list[object]:
    return [value.value if isinstance(value, Literal_) else None for value in values]


def _spellings(text: str) -> Iterator[Pattern]:
    """The text, and each text or pattern that an edit makes of it."""
    yield (text,)
    for place in range(len(text) + 1):
        start, rest = text[:place], text[place:]
        yield (start, Wild.ONE, rest)
        if rest:
            yield (start + rest[1:],)
            yield (start, Wild.ONE, rest[1:])
        if len(rest) > 1:
            yield (start + rest[1] + rest[0] + rest[2:],)


def _leaf(field: str, spelling: Pattern, pos: Position | None) -> Predicate:
    pieces = tuple(piece for piece in spelling if piece != "")
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return Equals(field, pieces[0], pos=pos)
    return Like(field, pieces, pos=pos)
