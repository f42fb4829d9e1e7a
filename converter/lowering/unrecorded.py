"""Alternatives of a rule whose events no table of the taxonomy has: a translation misses them.

    (data_stream.dataset == "aws.cloudtrail" and a) or (data_stream.dataset == "unknown.log" and b)

The first alternative is of a known record; of the second nothing is left in any record, so that it would be
dropped in silence. So it is of an alternative that names no data stream:

    data_stream.dataset == "o365.audit" and (event.category == "email" or event.code == "MailSubmission")

Not so of a further value of a field: `event.action in ("start", "begun")` has two words for one happening.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeGuard

from converter.ir.predicate import FALSE, And, Equals, Or, Predicate
from converter.ir.rewrite import conjuncts, decided, fields_of
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.recognise import Itself, in_record
from converter.taxonomy.generic import takes_in
from converter.taxonomy.model import Record

_STREAMS = ("data_stream.dataset", "event.dataset")


def unrecorded(
    predicate: Predicate, records: Sequence[Record], selectors: frozenset[str], index: Sequence[str]
) -> list[Reason]:
    """A reason for each alternative of a data stream, one in the rule's indices, that no record has.

    Each profile asks this of the same predicate: it is found once.
    """
    return list(_unrecorded(Itself(predicate), tuple(records), selectors, tuple(index)))


@lru_cache(maxsize=64)
def _unrecorded(
    itself: Itself[Predicate], records: tuple[Record, ...], selectors: frozenset[str], index: tuple[str, ...]
) -> tuple[Reason, ...]:
    lost = tuple(dict.fromkeys(_lost(itself.value, records, selectors)))
    streams = [
        Reason(
            "log-source-unknown",
            f"no log source in the taxonomy has the rule's events of {leaf.value}",
            Fidelity.NARROWER,
            leaf.field,
            leaf.pos,
        )
        for leaf in _streams(lost, index)
        if not any(takes_in(record, str(leaf.value)) for record in records)
    ]
    others = (
        Reason(
            "log-source-unknown",
            f"none of the log sources has events that satisfy an alternative of the rule, by {names[0]}",
            Fidelity.NARROWER,
            names[0],
            item.pos,
        )
        for item in lost
        if all(record.when for record in records)
        if not any(_named(item)) and (names := [name for name in fields_of(item) if name in selectors])
    )
    return (*streams, *others)


def lost_streams(
    predicate: Predicate, records: Sequence[Record], selectors: frozenset[str], index: Sequence[str]
) -> tuple[Equals, ...]:
    """Where the predicate names those data streams."""
    return _streams(_lost(predicate, records, selectors), index)


def _streams(lost: Iterable[Predicate], index: Sequence[str]) -> tuple[Equals, ...]:
    """The names of data streams in those alternatives, as far as the rule's indices take them."""
    return tuple(
        leaf
        for leaf in dict.fromkeys(leaf for item in lost for leaf in _named(item))
        if not index or any(fnmatch.fnmatchcase(f"logs-{leaf.value}-default", one) for one in index)
    )


def _lost(
    predicate: Predicate,
    records: Sequence[Record],
    selectors: frozenset[str],
    beside: Sequence[Predicate] = (),
) -> Iterator[Predicate]:
    """The alternatives of which nothing is left in any record, further values of a field aside, and those
    that contradict what is asked `beside` them."""
    if isinstance(predicate, And):
        for item in predicate.items:
            others = (other for other in predicate.items if other is not item)
            yield from _lost(item, records, selectors, (*beside, *others))
    elif isinstance(predicate, Or):
        gone = [all(in_record(item, one, selectors) == FALSE for one in records) for item in predicate.items]
        left = (item for item, lost in zip(predicate.items, gone, strict=True) if not lost)
        told = {names for item in left if len(names := fields_of(item)) == 1}
        for item, lost in zip(predicate.items, gone, strict=True):
            if not lost:
                yield from _lost(item, records, selectors, beside)
            elif fields_of(item) not in told and not _contradicts(item, beside):
                yield item


def _contradicts(predicate: Predicate, beside: Sequence[Predicate]) -> bool:
    """Whether the predicate asks for one data stream, and what stands beside it for another."""
    asked = {item.field: item.value for item in conjuncts(predicate) if _names_stream(item)}

    def known(leaf: Predicate) -> bool | None:
        return asked[leaf.field] == leaf.value if _names_stream(leaf) and leaf.field in asked else None

    return bool(asked) and any(decided(item, known) is False for item in beside)


def _names_stream(predicate: Predicate) -> TypeGuard[Equals]:
    return isinstance(predicate, Equals) and predicate.field in _STREAMS


def _named(predicate: Predicate) -> Iterator[Equals]:
    """The data streams that the predicate asks, exclusions aside."""
    if isinstance(predicate, And | Or):
        for item in predicate.items:
            yield from _named(item)
    elif _names_stream(predicate):
        yield predicate
