"""Fields with several values, which ES|QL compares to null: what becomes of the events that have them."""

from __future__ import annotations

from collections.abc import Sequence

from converter.ir import Pipeline
from converter.ir.detection import MvExpand
from converter.ir.predicate import Exists, Predicate
from converter.ir.rewrite import leaf_fields, leaves
from converter.lowering.esql import Normal
from converter.lowering.fidelity import Fidelity, Reason
from converter.taxonomy.model import Record

ARRAYS = frozenset(
    {
        "event.category",
        "event.type",
        "host.ip",
        "host.mac",
        "process.args",
        "process.parent.args",
        "process.env_vars",
        "registry.data.strings",
        "dns.resolved_ip",
        "dns.header_flags",
        "file.attributes",
        "related.ip",
        "related.user",
        "related.hosts",
        "related.hash",
        "tags",
        "user.roles",
    }
)
"""Fields that ECS declares as arrays."""


def several(records: Sequence[Record]) -> frozenset[str]:
    """The fields that can have several values: what ECS says, the logs of these records, and what all of
    their events have in one way."""
    lists = {name for record in records for name in record.lists}
    single = {
        name for name in ARRAYS if records and all(len(record.when.get(name, ())) == 1 for record in records)
    }
    return (ARRAYS - single) | lists


def several_values(
    pipeline: Pipeline, form: Normal, predicate: Predicate, counts: bool, records: Sequence[Record]
) -> list[Reason]:
    """What becomes of events with several values in a field, which ES|QL compares to null.

    `counts`: whether the target counts at all, so that it matters how often. `records`: those that the
    pipeline reads.
    """
    lists = several(records)
    rows = {stage.column for stage in pipeline.stages if isinstance(stage, MvExpand)}
    asked = dict.fromkeys(
        name
        for leaf in leaves(predicate)
        if not isinstance(leaf, Exists)
        for name in leaf_fields(leaf)
        if name in lists and name not in rows
    )
    message = "ES|QL takes no event with several values of {}; here one of them is enough"
    found = [
        Reason("esql-multivalue", message.format(name), Fidelity.WIDER, name, predicate.pos) for name in asked
    ]
    for stage in form.expanded:
        message = f"an event with several values of {stage.column} counts once"
        for direction in (Fidelity.NARROWER, Fidelity.WIDER)[: 2 if form.stages and counts else 0]:
            found.append(Reason("esql-mv-expand", message, direction, stage.column, stage.pos))
    return found
