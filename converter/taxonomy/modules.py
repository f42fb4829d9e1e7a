"""Fields that an integration of Elastic's writes under its own name, which no other log's events have.

o365.audit.UserType   ->   in the records of data streams `o365.*`, and in none of a firewall
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from converter.taxonomy.model import Record

_ADDED = frozenset({"kubernetes"})
"""What Beats' processors may add to the events of any log (Filebeat reference, `add_kubernetes_metadata`)."""


def elsewhere(record: Record, names: Iterable[str], records: tuple[Record, ...]) -> frozenset[str]:
    """Those of the fields that lie under the name of an integration, of which the record is none.

    `records`: all of the taxonomy's.
    """
    owners = _owners(records)
    heads = ((name, owners.get(name.partition(".")[0])) for name in names)
    return frozenset(name for name, owned in heads if owned is not None and record.name not in owned)


@lru_cache(maxsize=8)
def _owners(records: tuple[Record, ...]) -> Mapping[str, frozenset[str]]:
    """Integration -> its records, where these alone have fields under its name."""
    own, holders = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for record in records:
        for dataset in record.when.get("data_stream.dataset", ()):
            own[str(dataset).partition(".")[0]].add(record.name)
        for name in record.cells:
            holders[name.partition(".")[0]].add(record.name)
    return {
        module: frozenset(names)
        for module, names in own.items()
        if module not in _ADDED and holders[module] and holders[module] <= names
    }
