"""Which events a rule reads: those of its index patterns, as far as an event says in which data stream it is.

    {..., "$index": "logs-zeek.http-default"}   no event of a rule over `logs-nginx.access-*`
    {...}                                       of every rule

Patterns as Elasticsearch takes them (its documentation, "Multi-target syntax"): `*` in a name, a remote
cluster before a colon, and behind a `-` what those before it take and the rule does not.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from converter.evaluate.elastic.timeline import FOREIGN
from converter.evaluate.result import CompiledQuery, Event, Matches, Table
from converter.frozen import dataclass

_STREAM = re.compile(r"(?:logs|metrics|traces)-(?P<dataset>[^-]+)")
INDEX = "$index"
"""The key that names an event's data stream."""


def reads(patterns: Sequence[str], name: str) -> bool:
    """Whether the patterns take a data stream of that name; without patterns all are.

    >>> reads(["logs-*", "-logs-zeek.*"], "logs-zeek.http-default")
    False
    """
    taken = not patterns
    for pattern in patterns:
        excludes = pattern.startswith("-")
        own = pattern.removeprefix("-").rpartition(":")[2]
        if fnmatch.fnmatchcase(name, own):
            taken = not excludes
    return taken


def may_hold(patterns: Sequence[str], dataset: str) -> bool:
    """Whether the patterns take some data stream of the dataset, or of the module of that name; what is no
    data stream's name may hold any.

    >>> may_hold(["logs-zeek.*"], "nginx.access"), may_hold(["logs-zeek.*", "filebeat-*"], "nginx.access")
    (False, True)
    """
    taken = [pattern.rpartition(":")[2] for pattern in patterns if not pattern.startswith("-")]
    named = [_STREAM.match(pattern) for pattern in taken]
    return not named or any(
        one is None
        or fnmatch.fnmatchcase(dataset, one["dataset"])
        or one["dataset"].startswith(f"{dataset}.")
        for one in named
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A query over the data streams of some patterns: it sees no event that says to be of another. `rows`: it
    is a pipeline, which gives rows, whether they are events or not."""

    query: CompiledQuery
    patterns: Sequence[str]
    rows: bool = False

    def run(self, events: Sequence[Event]) -> Matches | Table:
        """As the query; the events keep their numbers."""
        for event in events:
            if INDEX in event:
                events = [one if self._reads(one) else {**one, FOREIGN: 0} for one in events]
                break
        return self.query.run(events)

    def _reads(self, event: Event) -> bool:
        return INDEX not in event or reads(self.patterns, str(event[INDEX]))
