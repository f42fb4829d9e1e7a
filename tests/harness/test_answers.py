"""A query's answer over a case is that over another one of which the log has the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from converter.evaluate.result import Choice, Event, Table
from converter.events.case import Case
from converter.events.projection import Projector
from converter.harness.runs import Answers, recorded
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Profile

TAXONOMY = load_taxonomy()
STARTED: Mapping[str, Any] = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "event.category": "process",
    "event.type": "start",
    "host.os.type": "windows",
    "host.id": "h",
    "process.name": "x.exe",
    "process.pid": 1,
}
EVENTS: Mapping[str, Mapping[str, Any]] = {
    "one": STARTED,
    "it later": {**STARTED, "@timestamp": "2026-01-01T00:00:05Z"},
    "another name": {**STARTED, "process.name": "y.exe"},
    "a number in words": {**STARTED, "process.pid": "1"},
    "in no log": {"@timestamp": "2026-01-01T00:00:01Z", "event.category": "none"},
    "in no log, with a name": {"@timestamp": "2026-01-01T00:00:01Z", "process.name": "x.exe"},
    "without a time": {name: value for name, value in STARTED.items() if name != "@timestamp"},
    "an indicator": {"$indicator": True, "threat.indicator.ip": "203.0.113.9"},
    "another indicator": {"$indicator": True, "threat.indicator.ip": "203.0.113.8"},
}
TIMELINES = [tuple(EVENTS[name] for name in names) for names in product(EVENTS, repeat=2)]
TIMELINES += [(EVENTS[name],) for name in EVENTS]
TIMELINES += [(EVENTS["in no log"], STARTED, EVENTS["in no log"])]


class Shown:
    """A query that gives what it looks at, and how often it did."""

    def __init__(self, looked_at: Choice | None = None) -> None:
        self.runs = 0
        self.looked_at = looked_at

    def run(self, events: Sequence[Event]) -> Table:
        self.runs += 1
        seen = [event for event in events if self.looked_at is None or self.looked_at.takes(event)]
        return Table(("rows",), ((repr(seen),),))


@pytest.mark.parametrize("profile", TAXONOMY.profiles.values(), ids=lambda profile: profile.name)
def test_the_answer_is_that_over_the_cases_own_rows(profile: Profile) -> None:
    projector = Projector(TAXONOMY, {"process.name": True})
    query = Shown()
    answers = Answers(query, profile, projector)
    cases = [Case("r", str(number), "match", timeline, "") for number, timeline in enumerate(TIMELINES)]
    given: dict[int, tuple[Any, set[tuple[float | None, str]]]] = {}
    for case in cases:
        found = recorded(case, profile, Projector(TAXONOMY, {"process.name": True}))
        answer = answers.of(case.timeline)
        assert answer == Table(("rows",), ((repr(found.rows),),))
        given.setdefault(id(answer), (answer, set()))[1].add((found.now, repr(found.lookups)))
    assert all(len(one) == 1 for _, one in given.values()), "a query asks when it runs, and lookup tables"
    assert query.runs < len(cases)


TIMES = ("_time", "TimeGenerated", "Timestamp", "@timestamp")
CHOICES = {
    "a name": Choice(lambda event: "x.exe" in repr(event), frozenset(("Image",))),
    "a number": Choice(lambda event: "'1'" in repr(event), frozenset(("ProcessId",))),
    "the host": Choice(lambda event: "x.exe" not in repr(event), frozenset(("$table",))),
    "a time": Choice(lambda event: "05" in repr(event), frozenset(TIMES)),
    "none": Choice(lambda event: False, frozenset()),
}


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("profile", TAXONOMY.profiles.values(), ids=lambda profile: profile.name)
def test_rows_that_are_not_looked_at_are_left_out(profile: Profile, choice: Choice) -> None:
    asked = {"process.name": True, "process.pid": True}
    some, every = Shown(choice), Shown(choice)
    answers, all_rows = (Answers(query, profile, Projector(TAXONOMY, asked)) for query in (some, every))
    all_rows._choice = None
    for timeline in TIMELINES:
        assert answers.of(timeline) == all_rows.of(timeline)
    assert some.runs <= every.runs
    assert some.runs < every.runs or (profile.name, choice) != ("sysmon", CHOICES["none"])
