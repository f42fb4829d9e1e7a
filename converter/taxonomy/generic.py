"""A data stream that no table has: its events under their ECS names, as a Sigma log source of its own.

    data_stream.dataset : "zoom.webhook"   ->   logsource: {product: zoom, service: webhook}

Only Sigma gets these: a native query has no table to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from converter.taxonomy.model import Record, Shape

DATASETS = ("data_stream.dataset", "event.dataset", "event.module")
"""The ECS fields that name a data stream, or at least the module that wrote it; the first counts."""
_INDEX = re.compile(r"^(?:\w+:)?(?:logs|traces|metrics)-(?P<dataset>[a-z0-9_]+(?:\.[a-z0-9_]+)?)")


def record_of(dataset: str) -> Record:
    """The record of one data stream, in Sigma only."""
    shape = Shape("sigma", logsource=logsource(dataset))
    return Record(
        name=f"ecs_{dataset}",
        family="ecs",
        title=f"Data stream {dataset}",
        when={},
        indices=(),
        shapes={"sigma": shape},
        cells={},
    )


def logsource(dataset: str) -> Mapping[str, str]:
    """The data stream's product and, behind its dot, its service."""
    product, _, service = dataset.partition(".")
    return {"product": product, "service": service} if service else {"product": product}


def dataset_of_index(index: Sequence[str]) -> str | None:
    """The data stream that the first index pattern with a name of one stands for; None where none has."""
    for pattern in index:
        match = _INDEX.match(pattern)
        if match is not None:
            return match["dataset"]
    return None


def dataset_of_event(event: Mapping[str, Any]) -> str | None:
    """The data stream that an event says it is of."""
    for name in DATASETS:
        value = event.get(name)
        if isinstance(value, str):
            return value
    return None
