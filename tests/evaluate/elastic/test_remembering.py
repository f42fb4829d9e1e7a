"""A pipeline over events that do not change: what is kept of them changes no answer."""

from __future__ import annotations

import pytest

from converter.elastic.esql.parse import parse_esql
from converter.evaluate.elastic import asks_time, compile_detection, compile_remembering

EVENTS = tuple(
    {"@timestamp": f"2025-01-01T00:00:0{place}Z", "user.name": name, "source.bytes": size}
    for place, (name, size) in enumerate([("ann", 3), ("bob", 4), ("ann", [1, 5]), ("eve", None), (None, 7)])
)


TIMELESS = [
    "from logs-* | stats n = count(*), s = sum(source.bytes) by user.name | where n >= 1",
    "from logs-* | where source.bytes > 3 | stats c = count_distinct(user.name)",
    "from logs-* metadata _id | stats c = count_distinct(_id) by user.name",
    "from logs-* | sort source.bytes | limit 2 | stats n = count(*) by user.name",
    "from logs-* | mv_expand source.bytes | stats n = count(*) by user.name",
    "from logs-* | where source.bytes == 1",
    "from logs-* | eval n = length(user.name) | where n > 2 and source.bytes > 3",
    "from logs-* metadata _index | stats n = count_distinct(_index) by user.name",
]
TIMED = [
    "from logs-* | where @timestamp > now() - 2 seconds | stats n = count(*) by user.name",
    "from logs-* | stats first = min(@timestamp), last = max(@timestamp) by user.name",
    "from logs-* | eval m = date_trunc(2 seconds, @timestamp) | stats n = count(*) by m",
    "from logs-* | stats n = count(*), last = max(@timestamp) by b = bucket(@timestamp, 2 seconds)",
    "from logs-* | eval m = date_trunc(2 seconds, @timestamp), t = @timestamp | stats n = max(t) by m",
    "from logs-* | eval @timestamp = null | stats n = count(*) by date_trunc(2 seconds, @timestamp)",
    "from logs-* | rename @timestamp as t | stats n = count_distinct(t) by user.name",
    "from logs-* | stats v = first(source.bytes, @timestamp)",
    "from logs-* metadata _source | stats n = count_distinct(_source)",
    'from logs-* | where qstr("2025-01-01T00\\\\:00\\\\:00Z") | stats n = count(*) by user.name',
    "from logs-* | sort @timestamp desc | limit 2 | stats n = count(*) by user.name",
]


@pytest.mark.parametrize("query", [*TIMELESS, *TIMED])
def test_the_same_events_in_other_timelines(query: str) -> None:
    detection = parse_esql(query)
    plain, kept = compile_detection(detection), compile_remembering(detection)
    later = tuple({**event, "@timestamp": "2025-01-01T00:00:07Z"} for event in EVENTS)
    for events in (EVENTS, EVENTS[1:], EVENTS[::-1], EVENTS[:2], EVENTS, (*later, *EVENTS)):
        assert kept.run(events) == plain.run(events)


@pytest.mark.parametrize("query", [*TIMELESS, *TIMED])
def test_whether_it_matters_when_events_are(query: str) -> None:
    kept = compile_remembering(parse_esql(query))
    assert asks_time(kept) is (query in TIMED)
    at_once = tuple({**event, "@timestamp": "2025-01-01T00:00:07Z"} for event in EVENTS)
    assert query in TIMED or kept.run(EVENTS) == kept.run(at_once)


@pytest.mark.parametrize(
    "other",
    [
        {"user.name": "ann", "source.bytes": True},
        {"user.name": "ann", "source.bytes": 3.5},
        {"user": {"name": "ann"}, "source.bytes": 3},
        {"user.name": ["ann", "bob"], "source.bytes": 3},
        {"user.name": "ann", "source.bytes": 3, "$foreign": 1},
        {"user.name": "ann", "source.bytes": 3, "$index": "traces-a-b"},
        {"user.name": "ann", "source.bytes": 3, "host.name": "h"},
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        "from logs-* | stats n = count(*), s = sum(source.bytes) by user.name",
        'from logs-* | where user.name == "ann" and source.bytes == 3',
    ],
)
def test_an_event_of_which_nearly_the_same_is_read(query: str, other: dict[str, object]) -> None:
    detection = parse_esql(query)
    plain, kept = compile_detection(detection), compile_remembering(detection)
    one = {"user.name": "ann", "source.bytes": 3}
    for events in ((one, other), (other, one), (other,), (one, dict(one))):
        assert kept.run(events) == plain.run(events)
