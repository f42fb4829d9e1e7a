"""A data stream that no table has: its events under their ECS names, as a Sigma log source of its own.

    data_stream.dataset : "zoom.webhook"   ->   logsource: {product: zoom, service: webhook}

Only Sigma gets these: a native query has no table to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from converter.late import late
from converter.taxonomy.model import Record, Shape

DATASETS = ("data_stream.dataset", "event.dataset", "event.module")
"""The ECS fields that name a data stream, or at least the module that wrote it; the first counts."""
ALERTS = "elastic.alerts"
"""What the alerts of Elastic's own rules are called here: their index has no data stream's name."""
ALERT_FIELDS = "kibana.alert."
"""How the fields begin that an alert alone has: it copies an event's others, and no log holds it."""
_FAMILY = "ecs"
_ALERTS = late(r"^(?:\w+:)?\.(?:internal\.)?alerts-security\.")
_INDEX = late(r"^(?:\w+:)?(?:logs|traces|metrics)-(?P<dataset>[a-z0-9_]+(?:\.[a-z0-9_]+)*)(?P<more>\.\*)?")


def record_of(dataset: str) -> Record:
    """The record of one data stream, in Sigma only."""
    shape = Shape("sigma", logsource=logsource(dataset))
    return Record(
        name=f"ecs_{dataset}",
        family=_FAMILY,
        title=f"Data stream {dataset}",
        when={},
        indices=(),
        shapes={"sigma": shape},
        cells={},
    )


def takes_in(record: Record, dataset: str) -> bool:
    """Whether the record is the data stream, or one of which it is a part."""
    return is_stream(record) and f"ecs_{dataset}.".startswith(f"{record.name}.")


def is_stream(record: Record) -> bool:
    """Whether the record is a data stream as a whole."""
    return record.family == _FAMILY


def may_hold(stream: Record, record: Record) -> bool:
    """Whether events of the record may be of the data stream, as far as they say of which they are."""
    own = f"{stream.name}."
    known = (record.when[name] for name in DATASETS if name in record.when)
    names = ([f"{_FAMILY}_{value}." for value in values] for values in known)
    return all(any(name.startswith(own) or own.startswith(name) for name in each) for each in names)


def logsource(dataset: str) -> Mapping[str, str]:
    """The data stream's product and, behind its dot, its service."""
    product, _, service = dataset.partition(".")
    return {"product": product, "service": service} if service else {"product": product}


def datasets_of_index(index: Sequence[str]) -> tuple[str, ...]:
    """The data streams that the index patterns stand for, in order; patterns without a name have none.

    A pattern for several streams of a module stands for the module: `logs-endpoint.events.*` is `endpoint`.
    """
    return tuple(dict.fromkeys(name for pattern in index if (name := _dataset(pattern)) is not None))


def _dataset(pattern: str) -> str | None:
    if _ALERTS.match(pattern):
        return ALERTS
    match = _INDEX.match(pattern)
    if match is None:
        return None
    return match["dataset"].partition(".")[0] if match["more"] else match["dataset"]


def dataset_of_event(event: Mapping[str, Any]) -> str | None:
    """The data stream that an event says it is of; an alert that names none is one of Elastic's own."""
    for name in DATASETS:
        value = event.get(name)
        if isinstance(value, str):
            return value
    return ALERTS if event.get("event.kind") == "signal" else None
