"""Fields that an integration of Elastic's writes under its own name, which no other log's events have.

o365.audit.UserType          ->   in the records of data streams `o365.*`, and in none of a firewall
azure.signinlogs.properties  ->   in those of the data stream `azure.signinlogs`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from converter.taxonomy.model import Record

_ADDED = frozenset({"kubernetes"})
"""What Beats' processors may add to the events of any log (Filebeat reference, `add_kubernetes_metadata`)."""


class Modules:
    """The integrations whose records a taxonomy has."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._own: dict[str, set[str]] = defaultdict(set)
        """Integration or data stream -> its records."""
        for record in records:
            for dataset in map(str, record.when.get("data_stream.dataset", ())):
                for head in {dataset.partition(".")[0], dataset} - _ADDED:
                    self._own[head].add(record.name)

    def under(self, names: Iterable[str]) -> Mapping[str, set[str]]:
        """Those of the fields that lie under the name of an integration, or of its data stream, each with the
        records that may have it: few rules ask one."""
        heads = [(name, head) for name in names for head in _heads(name) if head in self._own]
        return {name: self._owners[head] for name, head in heads if head in self._owners}

    @cached_property
    def _owners(self) -> Mapping[str, set[str]]:
        """Those of which no other record has a field under the name, and some of their own have."""
        names = frozenset().union(*(record.fields for record in self._records))
        under = {name: own for name in names if (own := [head for head in _heads(name) if head in self._own])}
        holders = defaultdict[str, set[str]](set)
        for record in self._records:
            for name in under.keys() & record.fields:
                for head in under[name]:
                    holders[head].add(record.name)
        return {head: self._own[head] for head, found in holders.items() if found <= self._own[head]}


def elsewhere(record: Record, owned: Mapping[str, set[str]]) -> frozenset[str]:
    """Those of the fields (`Modules.under`) that the record's events have not."""
    return frozenset(name for name, owners in owned.items() if record.name not in owners)


def _heads(name: str) -> Iterator[str]:
    """The integration and the data stream that a name may begin with: `azure`, `azure.signinlogs`; the more
    special one last."""
    first, _, rest = name.partition(".")
    yield first
    yield f"{first}.{rest.partition('.')[0]}"
