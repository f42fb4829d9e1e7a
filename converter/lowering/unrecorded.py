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

from converter.ir.predicate import FALSE, And, Equals, Or, Predicate
from converter.ir.rewrite import fields_of
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.recognise import Itself, in_record
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


def _lost(predicate: Predicate, records: Sequence[Record], selectors: frozenset[str]) -> Iterator[Predicate]:
    """The alternatives of which nothing is left in any record, further values of a field aside."""
    if isinstance(predicate, And):
        for item in predicate.items:
            yield from _lost(item, records, selectors)
    elif isinstance(predicate, Or):
        gone = [all(in_record(item, one, selectors) == FALSE for one in records) for item in predicate.items]
        left = (item for item, lost in zip(predicate.items, gone, strict=True) if not lost)
        told = {names for item in left if len(names := fields_of(item)) == 1}
        for item, lost in zip(predicate.items, gone, strict=True):
            if not lost:
                yield from _lost(item, records, selectors)
            elif fields_of(item) not in told:
                yield item


def _named(predicate: Predicate) -> Iterator[Equals]:
    """The data streams that the predicate asks, exclusions aside."""
    if isinstance(predicate, And | Or):
        for item in predicate.items:
            yield from _named(item)
    elif isinstance(predicate, Equals) and predicate.field in _STREAMS:
        yield predicate
