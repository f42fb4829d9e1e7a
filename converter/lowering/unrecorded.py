"""Alternatives of a rule whose events no table of the taxonomy has: a translation misses them.

    (data_stream.dataset == "aws.cloudtrail" and a) or (data_stream.dataset == "unknown.log" and b)

The first alternative is of a known record; of the second nothing is left in any record, so that it would be
dropped in silence.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence

from converter.ir.predicate import FALSE, And, Equals, Or, Predicate
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.recognise import in_record
from converter.taxonomy.model import Record

_STREAMS = ("data_stream.dataset", "event.dataset")


def unrecorded(
    predicate: Predicate, records: Sequence[Record], selectors: frozenset[str], index: Sequence[str]
) -> list[Reason]:
    """A reason for each alternative of a data stream, one in the rule's indices, that no record has."""
    return [
        Reason(
            "log-source-unknown",
            f"no log source in the taxonomy has the rule's events of {leaf.value}",
            Fidelity.NARROWER,
            leaf.field,
            leaf.pos,
        )
        for leaf in lost_streams(predicate, records, selectors, index)
    ]


def lost_streams(
    predicate: Predicate, records: Sequence[Record], selectors: frozenset[str], index: Sequence[str]
) -> tuple[Equals, ...]:
    """Where the predicate names those data streams."""
    return tuple(
        leaf
        for leaf in dict.fromkeys(_lost(predicate, records, selectors))
        if not index or any(fnmatch.fnmatchcase(f"logs-{leaf.value}-default", one) for one in index)
    )


def _lost(predicate: Predicate, records: Sequence[Record], selectors: frozenset[str]) -> Iterator[Equals]:
    """The names of data streams in alternatives of which nothing is left in any record."""
    if isinstance(predicate, And):
        for item in predicate.items:
            yield from _lost(item, records, selectors)
    elif isinstance(predicate, Or):
        for item in predicate.items:
            if all(in_record(item, record, selectors) == FALSE for record in records):
                yield from _named(item)
            else:
                yield from _lost(item, records, selectors)


def _named(predicate: Predicate) -> Iterator[Equals]:
    """The data streams that the predicate asks, exclusions aside."""
    if isinstance(predicate, And | Or):
        for item in predicate.items:
            yield from _named(item)
    elif isinstance(predicate, Equals) and predicate.field in _STREAMS:
        yield predicate
