"""A plan leaves out what no event of its form has: the row is the one of a plan that expects anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.events.belonging import Membership, flatten
from converter.events.derived import possible
from converter.events.foreign import SPELLING
from converter.events.row import planned_row
from converter.events.row_plan import Copied, Form, Plan, form_of, plan_of
from converter.events.row_values import Field, value_of, writes, written_as_it_is
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Profile, Record

TAXONOMY = load_taxonomy()
FILES = sorted((Path(__file__).parents[1] / "taxonomy").glob("*_events.yaml"))
STARTED = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "event.category": "process",
    "event.type": "start",
    "host.os.type": "windows",
    "process.executable": "C:\\x.exe",
    "process.args": ["x.exe", "-a b"],
    "process.hash.md5": "0" * 32,
    "process.hash.sha256": "1" * 64,
    "process.user.id": "S-1-5-18",
    "user.id": "S-1-5-18",
}
EVENTS = {"a process that started": STARTED} | {
    f"{path.stem}: {name}": {"@timestamp": "2026-01-01T00:00:00Z", **flatten(entry["event"])}
    for path in FILES
    for name, entry in yaml.safe_load(path.read_text("utf-8")).items()
}


def variants(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The event, and others that have its fields, but for one, or something else for their values."""
    fields = [name for name in event if not name.startswith("$")]
    yield event
    yield {**event, SPELLING: 1}
    yield {**event, **{name: [event[name]] for name in fields}}
    yield {**event, **{name: [event[name], "other"] for name in fields if isinstance(event[name], str)}}
    for number, name in enumerate(fields[::3]):
        yield {**event, name: (None, [], "other", True)[number % 4]}
        yield {other: value for other, value in event.items() if other != name}


def asked_of(event: dict[str, Any]) -> Iterator[frozenset[str]]:
    """Nothing, and each other field."""
    yield from map(frozenset, ((), sorted(event)[::2]))


def logs(event: dict[str, Any], asked: frozenset[str]) -> Iterator[tuple[Record, Profile]]:
    """The records that the event is of, with each profile."""
    for record in Membership(TAXONOMY.records, dict.fromkeys(asked, True)).of(event).records:
        for name in record.shapes:
            yield record, TAXONOMY.profiles[name]


def expecting_anything(
    event: dict[str, Any], record: Record, profile: Profile, asked: frozenset[str]
) -> Plan:
    """A plan by which each field is written by its value, and nothing is left out."""
    plan = plan_of(Form(tuple(sorted(event)), frozenset(event)), record, profile, asked)
    assert not any(isinstance(turn, Copied) for turn in plan.turns)
    return dataclasses.replace(
        plan,
        halves=True,
        hashes=True,
        items=True,
        derives=True,
        parts_of_constants=True,
        spelled=True,
    )


@pytest.mark.parametrize("name", EVENTS)
def test_the_row_is_that_of_a_plan_that_expects_anything(name: str) -> None:
    event = EVENTS[name]
    for asked in asked_of(event):
        cased = dict.fromkeys(asked, True)
        for record, profile in logs(event, asked):
            for one in variants(event):
                plan = plan_of(form_of(one), record, profile, asked)
                whole = expecting_anything(one, record, profile, asked)
                row, wanted = (planned_row(one, by, TAXONOMY, cased) for by in (plan, whole))
                assert list(row.items()) == list(wanted.items()), (record.name, profile.name, one)
                assert plan.is_checked or possible(one, record, profile, TAXONOMY, cased)


def test_what_has_no_turn_writes_nothing() -> None:
    values: tuple[Any, ...] = ("x", "C:\\x.exe", 1, ["x", "y"])
    without = [
        (ecs, cell, record)
        for record in TAXONOMY.records
        for name in record.shapes
        for ecs, cell in record.cells_of(name)
        if not writes(cell)
    ]
    assert without
    for ecs, cell, record in without:
        assert not written_as_it_is(ecs, cell)
        for value in values:
            field = Field({**STARTED, ecs: value}, ecs, value, cell, record, TAXONOMY.maps, "", True)
            assert value_of(field) == {}
