"""Values of one field that satisfy constraints: candidates from what must hold, tried against everything.

A constraint is a literal: a leaf of the rule, and whether it must hold. Whether a value satisfies it is
asked of the original's own evaluator, never decided here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias
from typing import Literal as Literal_

from converter.elastic.types import NUMBER_TYPES, field_type, parent_field
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.predicates import compile_predicate
from converter.events.generate.blend import blended
from converter.events.generate.patterns import Fills, Pattern, intersect, texts, units
from converter.events.generate.scripts import script_holds
from converter.ir import (
    And,
    AnyField,
    Cidr,
    Compare,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Phrase,
    Predicate,
    Regex,
    Script,
    Wild,
)
from converter.ir.predicate import Between, Scalar
from converter.ir.rewrite import leaves
from converter.regex import examples, parse_regex
from converter.source import SourceError

Literal: TypeAlias = tuple[Predicate, bool]
Value: TypeAlias = Any
Holds: TypeAlias = Callable[[Mapping[str, Any]], bool]
Part: TypeAlias = tuple[frozenset[int], Sequence[Predicate], Holds]
"""Some items of an OR: their identities, themselves, and whether one of them holds."""
START = datetime(2025, 3, 4, 10, 15, 30, 250_000, tzinfo=UTC)
"""The moment of a case's first event."""
PATIENCE = 25_000
_MAX_CANDIDATES = 120
_AT_ONCE = 64
"""Items of an OR that are tested as one: about as many as there are such parts of the longest lists."""
_REGEX_EXAMPLES = 16
_GENERIC: Mapping[str, tuple[Value, ...]] = {
    "ip": ("10.20.4.57", "203.0.113.9", "198.51.100.23", "192.168.7.12", "127.0.0.1", "2001:db8::57", "::1"),
    "boolean": (True, False),
    "date": ("2025-03-04T10:15:30.250Z", "2025-03-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"),
}
_NUMBERS = (7, 4711, 0, 1, 2, 22, 443, 50123, 100000, 10_000_000)
_TEXTS = ("alpha", "beta-7", "gamma", "other value", "")


class Tests:
    """The leaves of one rule, each compiled once; `now` in them is the moment of a case's first event.

    `tried`: events tried so far in the search for those of all the rule's cases; at most `PATIENCE`.
    """

    def __init__(self) -> None:
        self.tried = 0
        self._context = Context(field_type, now=int(START.timestamp() * 1000))
        self._compiled: dict[int, tuple[Predicate, Holds]] = {}
        self._joined: dict[frozenset[int], tuple[tuple[Predicate, ...], Holds]] = {}
        self._parts: dict[int, tuple[Or, Sequence[Part]]] = {}

    def holds(self, leaf: Predicate, event: Mapping[str, Any]) -> bool:
        """Whether the leaf holds for the event. Raises NotSupportedError for what can't be evaluated."""
        return self._test(leaf)(event)

    def _test(self, leaf: Predicate) -> Holds:
        found = self._compiled.get(id(leaf))
        if found is None:
            found = self._compiled[id(leaf)] = (leaf, self._compile(leaf))
        return found[1]

    def _compile(self, leaf: Predicate) -> Holds:
        """Scripts of ES|QL have an evaluator of their own, wherever in a predicate they stand."""
        if isinstance(leaf, And | Or) and any(isinstance(one, Script) for one in leaves(leaf)):
            tests = tuple(map(self._compile, leaf.items))
            join = all if isinstance(leaf, And) else any
            return lambda event: join(test(event) for test in tests)
        if isinstance(leaf, Not) and isinstance(leaf.item, And | Or | Script):
            inner = self._compile(leaf.item)
            return lambda event: not inner(event)
        test = script_holds(leaf) if isinstance(leaf, Script) else None
        return test or compile_predicate(leaf, self._context)

    def another_holds(self, node: Or, item: Predicate, event: Mapping[str, Any]) -> bool:
        """Whether one of the other items of an OR holds: asked of some at once, one by one near the item."""
        for ids, some, test in self._parts_of(node):
            if id(item) not in ids:
                if test(event):
                    return True
            elif any(self.holds(one, event) for one in some if one is not item):
                return True
        return False

    def _parts_of(self, node: Or) -> Sequence[Part]:
        """The items of an OR, some at a time, each with one test."""
        if id(node) not in self._parts:
            starts = range(0, len(node.items), _AT_ONCE)
            some = [node.items[start : start + _AT_ONCE] for start in starts]
            parts = [(frozenset(map(id, one)), one, self._compile(Or(one))) for one in some]
            self._parts[id(node)] = node, parts
        return self._parts[id(node)][1]

    def asks(self, leaf: Predicate, field: str) -> bool:
        """Whether the leaf asks the field (or a multi-field of it)."""
        return field_of(leaf) == field

    def fit(self, event: Mapping[str, Any], literals: Iterable[Literal]) -> bool:
        """Whether each literal is as it must be."""
        return all(self.holds(leaf, event) is wanted for leaf, wanted in literals)

    def fitting(self, literals: Iterable[Literal]) -> Holds:
        """As :meth:`fit`, for many events: what must not hold is asked at once, the last to fail first."""
        literals = tuple(literals)
        must = [self._test(leaf) for leaf, wanted in literals if wanted]
        never = self._some_of(tuple(leaf for leaf, wanted in literals if not wanted))

        def fit(event: Mapping[str, Any]) -> bool:
            for place, test in enumerate(must):
                if not test(event):
                    if place:
                        must.insert(0, must.pop(place))
                    return False
            return not never(event)

        return fit

    def _some_of(self, leaves_: tuple[Predicate, ...]) -> Holds:
        """Whether one of the leaves holds: one test for those of a field."""
        key = frozenset(map(id, leaves_))
        if key not in self._joined:
            self._joined[key] = leaves_, self._compile(Or(leaves_)) if leaves_ else lambda event: False
        return self._joined[key][1]


@lru_cache(maxsize=4096)
def base_field(name: str) -> str:
    """The field that holds the values: the parent of a multi-field."""
    return parent_field(name) or name


def field_of(leaf: Predicate) -> str | None:
    """The one field that a leaf asks, if it asks one."""
    name = getattr(leaf, "field", None)
    return base_field(name) if isinstance(name, str) else None


def wants_value(literals: Iterable[Literal]) -> bool:
    """Whether some literal holds only where the field is present."""
    return any(wanted for _, wanted in literals)


def forbids_value(literals: Iterable[Literal]) -> bool:
    """Whether the field must be missing."""
    return any(isinstance(leaf, Exists) and not wanted for leaf, wanted in literals)


def candidates(
    field: str, literals: Sequence[Literal], fills: Fills, defaults: Sequence[Value] = ()
) -> Iterator[Value]:
    """Values worth trying for a field that has one value, from what must hold, else the usual ones."""
    wanted = [leaf for leaf, holds in literals if holds and not isinstance(leaf, Exists)]
    if any(isinstance(leaf, Equals) and isinstance(leaf.value, bool) for leaf, _ in literals):
        defaults = (True, False, *defaults)  # also where the rule asks only which of the two it is not
    if any(isinstance(leaf, Compare) and _is_number(leaf.value) for leaf, _ in literals):
        defaults = (*_NUMBERS, *defaults)  # what is compared with a number is one, known or not
    seen: set[tuple[type, Value]] = set()
    for value in islice(_wanted_values(field, wanted, fills, defaults), _MAX_CANDIDATES):
        if (type(value), value) not in seen:
            seen.add((type(value), value))
            yield value


def solve_field(
    field: str, literals: Sequence[Literal], tests: Tests, fills: Fills, defaults: Sequence[Value] = ()
) -> Value | None:
    """A value for one field by itself; None where none was found."""
    fit = tests.fitting(literals)
    rooted = field.endswith("url.path")
    if rooted:
        fills = Fills("/", "/x7", "/x7", fills.middle, fills.trail)
    for value in candidates(field, literals, fills, defaults):
        if rooted and not str(value).startswith("/"):
            continue
        if fit({field: value}):
            return value
    return None


def _wanted_values(
    field: str, wanted: Sequence[Predicate], fills: Fills, defaults: Sequence[Value]
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
    parts = [leaf for leaf in wanted if isinstance(leaf, Regex | Like)]
    if len(parts) > 1 and any(isinstance(leaf, Regex) for leaf in parts):
        for joint in ("", " "):  # a text may hold them all, where each takes what is around it
            for ordered in (parts, parts[::-1]):
                yield joint.join(str(next(filter(None, leaf_values(leaf, fills)), "")) for leaf in ordered)
    for leaf in sorted(wanted, key=_looseness):
        yield from leaf_values(leaf, fills)
    yield from defaults
    yield from generic(field)


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


def bounds(leaf: Predicate) -> tuple[Scalar, ...]:
    """What the leaf compares its field with, if it compares."""
    match leaf:
        case Between(low=low, high=high):
            return low, high
        case Compare(value=value) | Equals(value=value):
            return (value,)
    return ()


def addresses(network: str) -> Iterator[str]:
    """Addresses inside: one in the middle, the first and the last."""
    try:
        net = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return
    for number in dict.fromkeys((min(57, net.num_addresses - 1), 0, net.num_addresses - 1)):
        yield str(net[number])


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _beyond(value: Scalar, op: str) -> Iterator[Value]:
    """The boundary (or just past it) first, then further on."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        text = str(value)
        if op in (">=", "<="):
            yield text
        yield from _GENERIC["date"]
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
        yield from (low, high, f"{low}0", *_GENERIC["date"])


def generic(field: str) -> tuple[Value, ...]:
    """Usual values by the field's type."""
    if field.endswith("url.path"):
        return ("/index.html", "/")
    kind = field_type(field)
    if kind in NUMBER_TYPES:
        return _NUMBERS
    return _GENERIC.get(kind, _TEXTS)
