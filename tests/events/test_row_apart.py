"""A row that is made of another event's, by its own columns, is the event's whole row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.events.belonging import flatten
from converter.events.projection import Projector
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Profile

TAXONOMY = load_taxonomy()
FILES = sorted((Path(__file__).parents[1] / "taxonomy").glob("*_events.yaml"))
CONNECTED = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "event.category": "network",
    "event.type": "start",
    "event.action": "connection_attempted",
    "network.direction": "egress",
    "host.os.type": "linux",
    "host.id": "h",
    "process.executable": "/usr/bin/x",
    "process.name": "x",
    "process.pid": 1,
    "source.ip": "10.0.0.1",
    "destination.ip": "192.0.2.1",
    "destination.port": 443,
    "user.name": "ann",
    "user.domain": "HOME",
    "of.no.log": "x",
}
EVENTS = {"a connection": CONNECTED} | {
    f"{path.stem}: {name}": {"@timestamp": "2026-01-01T00:00:00Z", **flatten(entry["event"])}
    for path in FILES
    for name, entry in yaml.safe_load(path.read_text("utf-8")).items()
}
OTHERS: tuple[Any, ...] = ("other", "FE80::1", 7, True, "")


def alike(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Events with the same fields, each of which has other values in turn, and two of which have."""
    yield event
    names = [name for name in event if name[0] not in "$@"]
    for number, name in enumerate(names):
        yield {**event, name: OTHERS[number % len(OTHERS)]}
        yield {**event, name: OTHERS[(number + 1) % len(OTHERS)]}
        yield {**event, name: "other", names[number - 1]: "other"}
    yield event


@pytest.mark.parametrize("profile", TAXONOMY.profiles.values(), ids=lambda profile: profile.name)
def test_a_row_by_another_events_is_the_whole_row(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    for event in EVENTS.values():
        timeline = tuple(alike(event))
        for asked in ({}, dict.fromkeys(sorted(event)[::2], True)):
            rows = Projector(TAXONOMY, asked).project(timeline, profile)
            whole = Projector(TAXONOMY, asked)
            monkeypatch.setattr(whole, "_row", whole._whole_row)
            assert repr(rows) == repr(whole.project(timeline, profile))


def test_events_that_differ_in_columns_of_their_own_are_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    projector = Projector(TAXONOMY, {"destination.ip": True})
    write, written = projector._whole_row, []
    monkeypatch.setattr(projector, "_whole_row", lambda *given: (written.append(given), write(*given))[1])
    event = {name: value for name, value in CONNECTED.items() if not name.startswith("user.")}
    timeline = tuple({**event, "destination.ip": f"192.0.2.{number}"} for number in range(9))
    rows = projector.project(timeline, TAXONOMY.profiles["sysmon"])
    assert [row["DestinationIp"] for row in rows] == [f"192.0.2.{number}" for number in range(9)]
    assert len(written) == 1
