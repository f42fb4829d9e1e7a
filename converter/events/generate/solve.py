"""Values of one field that satisfy literals: candidates from what must hold, tried against everything."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, product
from typing import Any, TypeAlias
from typing import Literal as Literal_

from converter.events.generate.asked import Asked
from converter.events.generate.blend import blended
from converter.events.generate.forbidden import Holds
from converter.events.generate.literals import Tests
from converter.events.generate.patterns import Fills, Pattern, intersect, texts, units
from converter.events.generate.usual_values import NUMBERS, USUAL, generic
from converter.ir import (
    And,
    AnyField,
    Cidr,
    Compare,
    Equals,
    Exists,
    Like,
    Nested,
    Not,
    Or,
    Phrase,
    Predicate,
    Regex,
    Wild,
)
from converter.ir.predicate import Between, Scalar
from converter.ir.rewrite import fields_of
from converter.regex import examples, parse_regex
from converter.regex.ast import Alternation, Flags, Group, Node
from converter.regex.ast import Sequence as RegexSequence
from converter.source import SourceError

Value: TypeAlias = Any
_MAX_CANDIDATES = 120
_REGEX_EXAMPLES = 16
_OBJECTS = 16
_SIDE_BY_SIDE = 2
"""Texts of each expression that are tried beside those of others."""


def candidates(
    field: str, asked: Asked, tests: Tests, fills: Fills, defaults: Sequence[Value] = ()
) -> Iterator[Value]:
    """Values worth trying for a field that has one value, from what must hold, else the usual ones."""
    wanted = [leaf for leaf in asked.must if not isinstance(leaf, Exists)]
    if tests.numbered.asks_boolean(asked):
        defaults = (True, False, *defaults)  # also where the rule asks only which of the two it is not
    if tests.numbered.asks_number(asked):
        defaults = (*NUMBERS, *defaults)  # what is compared with a number is one, known or not
    spared = tests.sparing(asked)
    seen: set[tuple[type, Value]] = set()
    for value in islice(_wanted_values(field, wanted, fills, defaults, spared), _MAX_CANDIDATES):
        key = type(value), repr(value) if isinstance(value, list) else value
        if key not in seen:
            seen.add(key)
            yield value


def solve_field(
    field: str, asked: Asked, tests: Tests, fills: Fills, defaults: Sequence[Value] = ()
) -> Value | None:
    """A value for one field by itself; None where none was found."""
    fit = tests.fitting(asked)
    rooted = field.endswith("url.path")
    if rooted:
        fills = Fills("/", "/x7", "/x7", fills.middle, fills.trail)
    for value in candidates(field, asked, tests, fills, defaults):
        if rooted and not str(value).startswith("/"):
            continue
        if fit({field: value}):
            return value
    return None


def _wanted_values(
    field: str, wanted: Sequence[Predicate], fills: Fills, defaults: Sequence[Value], spared: Holds
) -> Iterator[Value]:
    if not wanted:
        yield from defaults
        yield from generic(field)
        return
    patterns = [leaf for leaf in wanted if isinstance(leaf, Equals | Like)]
    merged = merged_pattern(wanted)
    if len(patterns) > 1 and merged is not None:
        yield from texts(merged, fills)
    if patterns and merged is not None:
        yield from blended(merged, regex_examples(wanted), fills)
    phrases = [leaf for leaf in wanted if isinstance(leaf, Phrase)]
    if len(phrases) > 1:  # a text may hold them all
        yield " ; ".join(next(filter(None, leaf_values(leaf, fills)), "") for leaf in phrases)
    yield from side_by_side(field, wanted, fills, spared)
    nested = [leaf for leaf in wanted if isinstance(leaf, Nested)]
    if len(nested) > 1:  # an object for each
        yield [made for leaf in nested for made in islice(_objects(leaf.item, leaf.path), 1)]
    for leaf in sorted(wanted, key=_looseness):
        yield from leaf_values(leaf, fills)
    yield from defaults
    yield from generic(field)


def side_by_side(field: str, wanted: Iterable[Predicate], fills: Fills, spared: Holds) -> Iterator[str]:
    """Texts with a part for each of several expressions and patterns, which they all match where each takes
    what is around its own part. `spared`: no part is one that must not be there."""
    parts = [leaf for leaf in wanted if isinstance(leaf, Regex | Like)]
    if len(parts) < 2 or not any(isinstance(leaf, Regex) for leaf in parts):
        return
    for values in zip(*(_spared(field, leaf, fills, spared) for leaf in parts), strict=False):
        for joint in ("", " "):
            for ordered in (values, values[::-1]):
                yield joint.join(ordered)


def _spared(field: str, leaf: Predicate, fills: Fills, spared: Holds) -> Iterator[str]:
    """Some texts that the leaf takes."""
    texts = map(str, filter(None, leaf_values(leaf, fills)))
    return islice((text for text in texts if spared({field: text})), _SIDE_BY_SIDE)


def regex_examples(wanted: Iterable[Predicate]) -> Iterator[str]:
    """Texts that the expressions among the leaves match."""
    for leaf in wanted:
        if isinstance(leaf, Regex):
            yield from _matching(leaf.pattern, leaf.dialect)


def merged_pattern(wanted: Sequence[Predicate]) -> Pattern | None:
    """One pattern for all wildcard and equality leaves that must hold together; None if there is none."""
    merged: Pattern | None = None
    for leaf in wanted:
        pattern = pattern_of(leaf)
        if pattern is None:
            continue
        merged = (
            pattern if merged is None else intersect(merged, pattern, getattr(leaf, "ignore_case", False))
        )
        if merged is None:
            return None
    return merged


def pattern_of(leaf: Predicate) -> Pattern | None:
    """The leaf as a wildcard pattern, if it is one."""
    if isinstance(leaf, Like):
        return units(leaf.pattern)
    if isinstance(leaf, Equals) and isinstance(leaf.value, str):
        return tuple(leaf.value)
    return None


def _looseness(leaf: Predicate) -> int:
    """What says most comes first."""
    order = (Equals, Regex, Like, Phrase, Cidr, Between, Compare)
    return next((place for place, kind in enumerate(order) if isinstance(leaf, kind)), len(order))


def leaf_values(leaf: Predicate, fills: Fills) -> Iterator[Value]:
    """Values that the leaf, by itself, is likely to take; the plainest first."""
    match leaf:
        case Equals(value=value):
            yield value
        case Like(pattern=pattern):
            yield from texts(units(pattern), fills)
        case Regex(pattern=expression, dialect=dialect, ignore_case=ignore_case):
            del ignore_case  # an example in the pattern's own case serves both
            yield from _matching(expression, dialect)
        case Compare(op=op, value=value):
            yield from _beyond(value, op)
        case Between(low=low, high=high):
            yield from _inside(low, high)
        case Cidr(network=network):
            yield from addresses(network)
        case Phrase(tokens=tokens):
            words = " ".join(_word(token) for token in tokens)
            yield words
            yield f"Set-Location x; {words} | Out-Null"
        case AnyField(pattern=pattern):
            yield from texts(units(pattern), fills)
        case Nested(path=path, item=item):
            yield from ([made] for made in _objects(item, path))


def _objects(item: Predicate, path: str) -> Iterator[dict[str, Value]]:
    """Objects of which the item may hold."""
    match item:
        case And(items=items):
            for few in islice(product(*(list(_objects(one, path)) for one in items)), _OBJECTS):
                yield {name: value for made in few for name, value in made.items()}
        case Or(items=items):
            for one in items:
                yield from _objects(one, path)
        case Exists(field=name):
            yield {name.removeprefix(f"{path}."): "x7"}
        case Equals(field=name) | Like(field=name) | Regex(field=name) | Compare(field=name):
            values = islice(leaf_values(item, Fills()), 2)
            yield from ({name.removeprefix(f"{path}."): value} for value in values)
        case Not(item=inner):
            yield {name.removeprefix(f"{path}."): "x7" for name in fields_of(inner)}
        case _:
            yield {}


@lru_cache(maxsize=256)
def alternatives(expression: str, dialect: Literal_["lucene", "pcre", "re2"]) -> tuple[str, ...]:
    """A text for each alternative of an expression that has many of them."""
    try:
        trees = _alone(parse_regex(expression, dialect))
        return tuple(text for tree in trees for text in examples(tree, 1))
    except SourceError:
        return ()


def _alone(node: Node) -> Iterator[Node]:
    """The expression with each of many alternatives by itself."""
    match node:
        case Alternation(branches) if len(branches) > _REGEX_EXAMPLES:
            yield from branches
        case RegexSequence(items):
            for place, item in enumerate(items):
                for one in _alone(item):
                    yield RegexSequence((*items[:place], one, *items[place + 1 :]))
        case Group(item=item) | Flags(item=item):
            yield from (replace(node, item=one) for one in _alone(item))


@lru_cache(maxsize=4096)
def _matching(expression: str, dialect: Literal_["lucene", "pcre", "re2"]) -> tuple[str, ...]:
    """Texts that the expression matches; none where there is no telling."""
    try:
        return tuple(examples(parse_regex(expression, dialect), _REGEX_EXAMPLES))
    except SourceError:
        return ()


def _word(token: str | tuple[str | Wild, ...]) -> str:
    if isinstance(token, str):
        return token
    return "".join(part if isinstance(part, str) else "x" for part in token)


def addresses(network: str) -> Iterator[str]:
    """Addresses inside: one in the middle, the first and the last."""
    try:
        net = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return
    for number in dict.fromkeys((min(57, net.num_addresses - 1), 0, net.num_addresses - 1)):
        yield str(net[number])


def _beyond(value: Scalar, op: str) -> Iterator[Value]:
    """The boundary (or just past it) first, then further on."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        text = str(value)
        if op in (">=", "<="):
            yield text
        yield from USUAL["date"]
        yield from (text + "0", text[:-1], "~", " ", "0", "255.255.255.255", "0.0.0.1")
        return
    step = 1 if op.startswith(">") else -1
    if op in (">=", "<="):
        yield value
    yield from (value + step, value + 10 * step, value + 1000 * step, float(value) + step / 4)


def _inside(low: Scalar, high: Scalar) -> Iterator[Value]:
    if isinstance(low, int | float) and isinstance(high, int | float):
        middle = (low + high) / 2
        yield from (int(middle), low, high, low + 1, high - 1, middle)
    else:
        yield from (low, high, f"{low}0", *USUAL["date"])
