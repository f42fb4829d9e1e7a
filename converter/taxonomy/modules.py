"""Fields that an integration of Elastic's writes under its own name, which no other log's events have.

o365.audit.UserType          ->   in the records of data streams `o365.*`, and in none of a firewall
azure.signinlogs.properties  ->   in those of the data stream `azure.signinlogs`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from converter.taxonomy.model import Record

_ADDED = frozenset({"kubernetes"})
"""What Beats' processors may add to the events of any log (Filebeat reference, `add_kubernetes_metadata`)."""


def elsewhere(record: Record, names: Iterable[str], records: tuple[Record, ...]) -> frozenset[str]:
    """Those of the fields that lie under the name of an integration, or of its data stream, of which the
    record is none. `records`: all of the taxonomy's.
    """
    owners = _owners(records)
    return frozenset(
        name for name in names for head in _heads(name) if head in owners and record.name not in owners[head]
    )


def _heads(name: str) -> Iterator[str]:
    """The integration and the data stream that a name may begin with: `azure`, `azure.signinlogs`."""
    first, _, rest = name.partition(".")
    yield first
    yield f"{first}.{rest.partition('.')[0]}"


@lru_cache(maxsize=8)
def _own(records: tuple[Record, ...]) -> Mapping[str, set[str]]:
    """Integration or data stream -> its records."""
    own = defaultdict[str, set[str]](set)
    for record in records:
        for dataset in map(str, record.when.get("data_stream.dataset", ())):
            for head in (dataset.partition(".")[0], dataset):
                if head not in _ADDED:
                    own[head].add(record.name)
    return dict(own)


@lru_cache(maxsize=8)
def _owners(records: tuple[Record, ...]) -> Mapping[str, set[str]]:
    """Those of which no other record has a field under the name, and some of their own have."""
    own = _own(records)
    names = frozenset().union(*(record.cells for record in records))
    under = {name: heads for name in names if (heads := [head for head in _heads(name) if head in own])}
    holders = defaultdict[str, set[str]](set)
    for record in records:
        for name in under.keys() & record.cells.keys():
            for head in under[name]:
                holders[head].add(record.name)
    return {head: own[head] for head, found in holders.items() if found <= own[head]}
