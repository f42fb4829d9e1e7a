"""What is kept of events for others like them: rows and records are those of each event by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from converter.events import record_tests
from converter.events.belonging import Membership
from converter.events.projection import Projector
from converter.events.row_plan import form_of
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Profile

TAXONOMY = load_taxonomy()
STARTED: Mapping[str, Any] = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "event.category": "process",
    "event.type": "start",
    "event.action": "exec",
    "host.os.type": "linux",
    "host.id": "h",
    "process.name": "sh",
    "process.pid": 1,
    "process.args": ["sh", "-c"],
}
LIKE_IT: Mapping[str, Mapping[str, Any]] = {
    "another time": {"@timestamp": "2026-01-01T00:00:05Z"},
    "a number in words": {"process.pid": "1"},
    "a number with a point": {"process.pid": 1.0},
    "a truth for a number": {"process.pid": True},
    "a value in a list": {"process.name": ["sh"]},
    "a list as it is shown": {"process.args": "['sh', '-c']"},
    "other letters": {"event.action": "EXEC"},
    "another place": {"$foreign": 1},
    "another spelling": {"$spelling": 1},
    "another system": {"host.os.type": "windows"},
    "nothing": {"host.os.type": None},
    "an alert": {"kibana.alert.rule.name": "x"},
}
EVENTS = [{**STARTED}, *({**STARTED, **other} for other in LIKE_IT.values()), {**STARTED}]
EVENTS += [{name: value for name, value in STARTED.items() if name != "@timestamp"}]
EVENTS += [dict(reversed(STARTED.items()))]
ASKED: list[dict[str, bool]] = [
    {},
    {"event.action": True},
    {"event.action": False},
    {"event.type": True},
    {"event.code": False, "host.os.type": False},
    {"winlog.channel": True, "event.provider": True},
    {"winlog.channel": False, "event.provider": False},
]
NO_EVENT = {"$indicator": True}


@pytest.mark.parametrize("asked", [{}, {"process.name": True, "process.pid": False}])
@pytest.mark.parametrize("profile", TAXONOMY.profiles.values(), ids=lambda profile: profile.name)
def test_a_timelines_rows_are_those_of_its_events(profile: Profile, asked: Mapping[str, bool]) -> None:
    together = Projector(TAXONOMY, asked).project(tuple(EVENTS), profile)
    alone = [
        row
        for place, event in enumerate(EVENTS)
        for row in Projector(TAXONOMY, asked).project([NO_EVENT] * place + [event], profile)
    ]
    assert repr(together) == repr(alone)


def test_the_order_of_an_events_fields_is_none_of_its_form() -> None:
    assert form_of(STARTED) is form_of(dict(reversed(STARTED.items())))
    assert form_of(STARTED) != form_of({**STARTED, "process.args": "sh"})


def test_what_one_rule_asks_leaves_the_records_of_anothers_events() -> None:
    memberships = [Membership(TAXONOMY.records, asked) for asked in ASKED]
    found = [[kept.of(event).records for kept in memberships] for event in EVENTS]
    for event, by_rule in zip(EVENTS, found, strict=True):
        for asked, records in zip(ASKED, by_rule, strict=True):
            record_tests.passed_by.cache_clear()
            assert Membership(TAXONOMY.records, asked).of(event).records == records
    assert any(len(set(by_rule)) > 1 for by_rule in found)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_records_test_knows_what_is_asked_of_its_own_fields(asked: Mapping[str, bool]) -> None:
    selection = Membership(TAXONOMY.records, {"process.name": True, **asked})._selection
    whole = frozenset(asked.items())
    assert [selection.test(place) for place in range(len(TAXONOMY.records))] == [
        record_tests.test_of.__wrapped__(record, whole) for record in TAXONOMY.records
    ]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_tests_that_events_pass_are_found_without_asking_each(asked: Mapping[str, bool]) -> None:
    selection = Membership(TAXONOMY.records, asked)._selection
    tests = [selection.test(place) for place in range(len(TAXONOMY.records))]
    assert selection.fields.keys() >= {name for record in TAXONOMY.records for name in record.unless}
    with_others = [record for record in TAXONOMY.records if record.unless]
    for record in (*TAXONOMY.records[::9], *with_others[:5]):
        whole = {name: frozenset(map(str, values)) for name, values in record.when.items()}
        one_each = {name: frozenset(sorted(values)[:1]) for name, values in whole.items()}
        lowered = {name: frozenset(map(str.lower, values)) for name, values in whole.items()}
        without = [{other: one_each[other] for other in one_each if other != name} for name in one_each]
        barred = {name: frozenset(map(str.upper, map(str, values))) for name, values in record.unless.items()}
        others = {name: frozenset({"other", *values}) for name, values in whole.items()}
        for texts in (
            whole,
            one_each,
            lowered,
            others,
            {**lowered, "event.action": frozenset()},
            {**lowered, "event.action": frozenset({"other"})},
            {**one_each, **barred},
            *without,
        ):
            known = {name: selection.known(name, found) for name, found in texts.items()}
            passed = record_tests.passed_by.__wrapped__(selection, frozenset(known.items()))
            assert passed == [test for test in tests if test.takes(texts)], texts
