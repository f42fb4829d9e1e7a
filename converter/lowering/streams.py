"""Which data streams a rule speaks of that no table has: those it names, else those of its index patterns.

data_stream.dataset : ("zeek.dns", "zeek.conn")            ->  zeek.dns, zeek.conn
event.module : corelight and event.dataset : dns           ->  corelight.dns
network.protocol : dns   in logs-zeek.*, logs-panw.panos*  ->  zeek, panw.panos
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from converter.ir.predicate import FALSE, Constant, Equals, Predicate
from converter.ir.rewrite import fields_of, leaves, map_leaves
from converter.lowering.recognise import in_record
from converter.taxonomy.generic import ALERT_FIELDS, DATASETS, datasets_of_index, logsource
from converter.taxonomy.model import Taxonomy

_OF_ALL = frozenset({*DATASETS, "event.kind", "cloud.provider"})
"""Selecting fields that all events of a stream have alike."""
Stream = Mapping[str, str]
"""The fields that name a data stream, with its name as its events have it."""


def streams(predicate: Predicate, index: Sequence[str]) -> tuple[Stream, ...]:
    """The data streams, in the order of the rule; those that are named only where it takes no others."""
    named = _taken(predicate, _named(predicate))
    if named and _is_impossible(predicate, lambda leaf: False if _names(leaf) else None):
        return named
    from_index = _taken(predicate, tuple(map(stream_of, datasets_of_index(index))))
    inside = tuple(one for one in named if any(_within(one, other) for other in from_index))
    return tuple({one["data_stream.dataset"]: one for one in (*from_index, *inside)}.values()) or named


def _taken(predicate: Predicate, found: Sequence[Stream]) -> tuple[Stream, ...]:
    """Those whose events the predicate does not exclude by the stream's very name."""

    def excludes(stream: Stream) -> bool:
        return _is_impossible(predicate, lambda leaf: True if _is_of(leaf, stream) else None)

    return tuple(one for one in found if not excludes(one))


def _is_impossible(predicate: Predicate, known: Callable[[Predicate], bool | None]) -> bool:
    """Whether nothing is left of the predicate where `known` says what some leaves do.

    More than `decided` sees: what is left may contradict itself, as `p` does beside `not (dataset and p)`.
    """

    def told(leaf: Predicate) -> Predicate:
        found = known(leaf)
        return leaf if found is None else Constant(found)

    return map_leaves(predicate, told) == FALSE


def _is_of(leaf: Predicate, stream: Stream) -> bool:
    """Whether the leaf asks for the stream, by a name that its events have."""
    return isinstance(leaf, Equals) and leaf.field in DATASETS and stream[leaf.field] == leaf.value


def widest(found: Sequence[Stream]) -> tuple[str, ...]:
    """The names of the data streams, without those that another one's name takes in."""
    return tuple(
        one["data_stream.dataset"]
        for one in found
        if not any(_within(one, other) for other in found if other is not one)
    )


def describes(taxonomy: Taxonomy, dataset: str, predicate: Predicate) -> bool:
    """Whether the tables say what is recorded of the stream's events that the predicate takes: the stream has
    a log source of theirs, or one of their records is the whole stream (all audit logs of Okta). An alert has
    the stream's name too, and is in none of its records."""
    if any(name.startswith(ALERT_FIELDS) for name in fields_of(predicate)):
        return logsource(dataset) in taxonomy.logsources
    return logsource(dataset) in taxonomy.logsources or any(
        not record.named_by
        and _OF_ALL.issuperset(record.when)
        and any(dataset in record.when.get(name, ()) for name in DATASETS)
        and in_record(predicate, record) != FALSE
        for record in taxonomy.records
    )


def _within(one: Stream, other: Stream) -> bool:
    return one["data_stream.dataset"].startswith(f"{other['data_stream.dataset']}.")


def _names(leaf: Predicate) -> bool:
    return isinstance(leaf, Equals) and leaf.field in DATASETS and isinstance(leaf.value, str)


def _named(predicate: Predicate) -> tuple[Stream, ...]:
    """The streams by their whole names first, then those of a module and a name inside it, then modules."""
    values: dict[str, dict[str, None]] = {}
    for leaf in leaves(predicate):
        if isinstance(leaf, Equals) and leaf.field in DATASETS and isinstance(leaf.value, str):
            values.setdefault(leaf.field, {})[leaf.value] = None
    whole, sets, modules = (tuple(values.get(name, ())) for name in DATASETS)
    found = [stream_of(value) for value in whole]
    for value in sets:
        inside = modules if "." not in value else ()
        found.extend({**stream_of(f"{module}.{value}"), "event.dataset": value} for module in inside)
        if not inside:
            found.append(stream_of(value))
    if not found:
        found.extend(map(stream_of, modules))
    return tuple({one["data_stream.dataset"]: one for one in found}.values())


def stream_of(dataset: str) -> Stream:
    """The fields that name the data stream, by its whole name."""
    return {
        "data_stream.dataset": dataset,
        "event.dataset": dataset,
        "event.module": dataset.partition(".")[0],
    }
