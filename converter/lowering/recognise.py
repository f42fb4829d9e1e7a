"""Which records a detection speaks of: predicates that pick the log source are absorbed by it.

A record's `when` lists the values that its events have in the fields that tell log sources apart. With
these put into a predicate it becomes true, false or a smaller one:

    process where event.type == "start" and process.name : "cmd.exe"
    in `windows_process_creation`:  process.name : "cmd.exe"
    in `windows_process_end`:       false

The values of one field are synonyms there (each product names the action in its own way), so that a
leaf holds if any of them satisfies it. An exclusion of some of the synonyms falls away: the record does not
tell by which product it was written (`excluded` names it).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from converter.frozen import dataclass
from converter.ir.predicate import (
    FALSE,
    TRUE,
    And,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Regex,
    Scalar,
    Wild,
)
from converter.ir.rewrite import conjunction, disjunction, fields_of, leaves, map_leaves, negation
from converter.lowering.conversions.pieces import as_text
from converter.regex import compile_regex
from converter.taxonomy.generic import ALERT_FIELDS
from converter.taxonomy.model import Record, Taxonomy
from converter.taxonomy.modules import Modules, elsewhere

T = TypeVar("T")

ONE_OF = frozenset({"data_stream.dataset", "event.action", "event.dataset", "event.module", "event.provider"})
"""Fields of which an event has one of the record's values; of the others it may have several."""
_KINDS = frozenset({"event.category", "event.dataset", "data_stream.dataset", "event.module"})


def in_record(predicate: Predicate, record: Record, selectors: frozenset[str] = frozenset()) -> Predicate:
    """What is left of the predicate for the record's events; FALSE where it takes none of them.

    `selectors` are the fields by which any record is known: an event of a record that neither is known by
    one of them nor holds it has no such field. None has those of alerts.
    """
    return _inside(predicate, record, selectors, False)


def excluded(predicate: Predicate, record: Record, negated: bool = False) -> Iterator[Predicate]:
    """The conditions under a `not` that take some of the record's synonyms, and not all of them."""
    match predicate:
        case And(items=items) | Or(items=items):
            for item in items:
                yield from excluded(item, record, negated)
        case Not(item=item):
            yield from excluded(item, record, not negated)
        case _:
            if negated and _takes_some(predicate, record):
                yield predicate


def _inside(predicate: Predicate, record: Record, selectors: frozenset[str], negated: bool) -> Predicate:
    match predicate:
        case And(items=items):
            return conjunction(_until(FALSE, items, record, selectors, negated), predicate)
        case Or(items=items):
            return disjunction(_until(TRUE, items, record, selectors, negated), predicate)
        case Not(item=item):
            return negation(_inside(item, record, selectors, not negated), predicate)
    if negated and _takes_some(predicate, record):
        return FALSE
    return _absorb(predicate, record, selectors)


def _until(
    end: Constant, items: Iterable[Predicate], record: Record, selectors: frozenset[str], negated: bool
) -> Iterator[Predicate]:
    """What is left of each item, up to the first that decides: most records are out after a word."""
    for item in items:
        found = _inside(item, record, selectors, negated)
        yield found
        if isinstance(found, Constant) and found.value is end.value:
            return


def _takes_some(leaf: Predicate, record: Record) -> bool:
    """Whether the leaf takes some values of a field that each product fills with one of its own."""
    name = getattr(leaf, "field", None)
    if name not in ONE_OF:
        return False
    verdicts = [holds(leaf, value) for value in record.when.get(str(name), ())]
    return None not in verdicts and any(verdicts) and not all(verdicts)


def spoken(
    predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> tuple[tuple[Record, Predicate], ...]:
    """The records that a rule's predicate speaks of, each with what is left of the predicate.

    Each profile asks this of the same predicate, and so does the generator: it is found once.
    """
    return _spoken(Itself(predicate), tuple(index), Itself(taxonomy))


@dataclass(frozen=True, slots=True)
class Itself(Generic[T]):
    """Equal to the same object alone: an equal predicate of another rule stands in another place."""

    value: T

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


@lru_cache(maxsize=64)
def _spoken(
    predicate: Itself[Predicate], index: tuple[str, ...], taxonomy: Itself[Taxonomy]
) -> tuple[tuple[Record, Predicate], ...]:
    asked, selectors = fields_of(predicate.value), taxonomy.value.selectors
    owned = modules_of(taxonomy.value).under(asked)
    return tuple(
        (record, rest)
        for record in _covered(taxonomy, index)
        if named(record, asked)
        if (found := in_record(predicate.value, record, selectors)) != FALSE
        if (rest := _without(found, elsewhere(record, owned))) != FALSE
    )


def modules_of(taxonomy: Taxonomy) -> Modules:
    """The integrations of its records."""
    return _modules(Itself(taxonomy))


@lru_cache(maxsize=4)
def _modules(taxonomy: Itself[Taxonomy]) -> Modules:
    return Modules(taxonomy.value.records)


def _without(predicate: Predicate, names: frozenset[str]) -> Predicate:
    """What is left of the predicate for events that lack these fields."""
    if not names:
        return predicate
    return map_leaves(predicate, lambda leaf: FALSE if getattr(leaf, "field", None) in names else leaf)


@lru_cache(maxsize=64)
def _covered(taxonomy: Itself[Taxonomy], index: tuple[str, ...]) -> tuple[Record, ...]:
    """The records whose data lies in the index patterns, of which most rules have the same few."""
    return tuple(record for record in taxonomy.value.records if covers(record, index))


def named(record: Record, asked: Iterable[str]) -> bool:
    """Whether a rule that asks these fields can speak of the record."""
    if not record.named_by:
        return True
    return any(
        fnmatch.fnmatchcase(name, pattern)
        for name in asked
        if name in record.when or name in record.cells
        for pattern in record.named_by
    )


def names_it(predicate: Predicate, record: Record) -> bool:
    """Whether a condition on the kind of event, or on its data stream, takes the record."""
    return any(
        leaf.field in _KINDS and any(holds(leaf, value) for value in record.when.get(leaf.field, ()))
        for leaf in leaves(predicate)
        if isinstance(leaf, Equals | Like)
    )


def covers(record: Record, index: Sequence[str]) -> bool:
    """Whether the record's data lies in one of the rule's index patterns; a rule that names none has all."""
    return not index or _covers(record.indices, tuple(index))


@lru_cache(maxsize=4096)
def _covers(indices: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(_overlap(pattern, own) for pattern in patterns for own in indices)


def holds(leaf: Predicate, value: Scalar) -> bool | None:
    """Whether a leaf holds for one constant; None where the leaf is of a kind that selectors don't use."""
    text = as_text(value)
    match leaf:
        case Exists():
            return True
        case Equals(value=wanted, ignore_case=ignore_case):
            other = as_text(wanted)
            return text.lower() == other.lower() if ignore_case else text == other
        case Like(pattern=pattern, ignore_case=ignore_case):
            return like_regex(pattern, ignore_case).fullmatch(text) is not None
        case Regex(pattern=pattern, dialect=dialect, ignore_case=ignore_case):
            matcher = compile_regex(pattern, dialect, ignore_case)
            return matcher.fullmatch(text) if dialect == "lucene" else matcher.search(text)
        case Compare():
            return None
    return None


def like_regex(pattern: Sequence[str | Wild], ignore_case: bool) -> re.Pattern[str]:
    """The pattern as a Python expression for `fullmatch`."""
    parts = {Wild.ANY: ".*", Wild.ONE: "."}
    text = "".join(parts[piece] if isinstance(piece, Wild) else re.escape(piece) for piece in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _absorb(leaf: Predicate, record: Record, selectors: frozenset[str]) -> Predicate:
    name = getattr(leaf, "field", None)
    values = record.when.get(name) if isinstance(name, str) else None
    if values is None and not _can_begin(leaf, record.begins.get(str(name), "")):
        return FALSE
    if values is None:
        if isinstance(leaf, Equals) and str(leaf.value).lower() in record.barred.get(leaf.field, ()):
            return FALSE
        foreign = name in selectors or (record.when and str(name).startswith(ALERT_FIELDS))
        return FALSE if foreign and name not in record.cells else leaf
    verdicts = [holds(leaf, value) for value in values]
    if None in verdicts:
        return leaf
    return TRUE if any(verdicts) else FALSE


def _can_begin(leaf: Predicate, start: str) -> bool:
    """Whether a value that begins with this text can satisfy the leaf.

    >>> _can_begin(Equals("file.path", "C:\\x", ignore_case=True), "\\??\\")
    False
    """
    pieces: Sequence[str | Wild]
    match leaf:
        case Equals(value=str() as value, ignore_case=ignore_case):
            pieces = (value,)
        case Like(pattern=pieces, ignore_case=ignore_case):
            pass
        case _:
            return True
    place = 0
    for piece in pieces:
        if piece is Wild.ANY or place >= len(start):
            return True
        text = start[place : place + 1] if piece is Wild.ONE else piece
        own = start[place : place + len(text)]
        if own.lower() != text[: len(own)].lower() if ignore_case else own != text[: len(own)]:
            return False
        place += len(text)
    return place >= len(start)


def _overlap(pattern: str, own: str) -> bool:
    """Whether an index pattern of a rule and one of a record can name the same index.

    >>> _overlap("logs-endpoint.events.process-*", "logs-endpoint.events.process-*")
    True
    """
    if ":" in pattern:
        pattern = pattern.rpartition(":")[2]
    ours, theirs = own.rstrip("*").rstrip("-"), pattern.rstrip("*").rstrip("-")
    return fnmatch.fnmatchcase(ours, pattern) or ours.startswith(theirs) or theirs.startswith(ours)
