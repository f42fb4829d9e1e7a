"""Events at which a query does not look: without them it finds as much, whatever else there is."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from converter.evaluate.kusto import compile_kusto
from converter.evaluate.languages import compile_query
from converter.evaluate.result import Event, Matches, Table
from converter.evaluate.sigma.run import CompiledSigma

MOMENTS = ("2024-01-01T00:00:00Z", "2024-01-01T00:00:30Z")
EVENTS: list[dict[str, Any]] = [
    {"$table": table, "x": x, "y": y, "d": {"k": x}, "_time": second, "@timestamp": moment, "t": moment}
    for table in ("T", "U")
    for x, y in (("a", "1"), ("a", "2"), ("b", "1"))
    for second, moment in enumerate(MOMENTS)
]
SIGMA = "title: {0}\nname: {0}\nlogsource: {{product: linux}}\ndetection: {{s: {{{1}}}, condition: s}}\n"
CORRELATION = (
    "---\ntitle: c\ncorrelation: {type: temporal_ordered, rules: [p, q], group-by: [y], timespan: 1m}\n"
)
SCHEMAS = {name: {"x": "string", "y": "string", "d": "dynamic", "t": "datetime"} for name in ("T", "U")}

SOME = [
    ("spl", "x=a | where y=2"),
    ("spl", "NOT x=b y=1 [search x=b | fields y]"),
    ("spl", "x=a y=1 [search x=b | fields y] | stats count by y"),
    (
        "spl",
        "| multisearch [search x=a | where y=1 | eval s=1] [search x=b | eval s=2] | streamstats count as n",
    ),
    ("spl", "x=b | append [search y=2 | where x=a] | stats count dc(x) as n"),
    ("spl", "x=a | appendpipe [search y=2 | stats count]"),
    ("spl", 'x=b | join y [search x=a y=1 | rename x AS z] | where z="a"'),
    ("spl", 'x=a | eval x="b" | where x="b" AND y=1'),
    ("kql", "T | where x == 'a' | where y == '2'"),
    ("kql", "T | where x == 'a' | extend x = 'b' | where x == 'b' and y == '1'"),
    ("kql", "let s = T; let u = U | where y == '2'; union (s | where x == 'b'), (s | where y == '2'), u"),
    (
        "kql",
        "let f = (r: (x: string, y: string)) { r | where x == 'a' | join kind=inner r on y }; T | invoke f()",
    ),
    (
        "kql",
        "let f = () { T | where x == 'a' and y == '1' }; T | where x == 'b' | join kind=leftanti (f) on y",
    ),
    ("kql", "T | where x == 'b' | where y in ((U | where x == 'a' | project y)) | count"),
    ("kql", "T | where x in ((T | project x)) | where y == '1' | summarize dcount(x) by y"),
    ("kql", "T | sort by t asc | where prev(x) == 'a' | where x == 'b'"),
    ("kql", "T | where x == 'a' | sort by t asc, y asc | where prev(y) == '1' | where y == '2'"),
    ("kql", "T | where d.k == 'a' and t > datetime(2024-01-01T00:00:10Z) | summarize count() by y"),
    ("sigma", SIGMA.format("p", "x: a, y: 1") + "---\n" + SIGMA.format("q", "x: b") + CORRELATION),
    ("sigma", SIGMA.format("p", "x: a") + "---\n" + SIGMA.format("q", "y: 2")),
]
ALL = [
    ("spl", "| tstats count from datamodel=M.M by x"),
    ("spl", "earliest=0 | eval z=x"),
    ("spl", "a OR x=b"),
    ("kql", "search 'a'"),
    ("kql", "V | where x == 'a'"),
    ("sigma", SIGMA.format("p", "x: a") + "---\ntitle: k\nlogsource: {product: linux}\n"
     "detection: {s: [a], condition: s}\n"),
]  # fmt: skip


def compiled(language: str, text: str) -> Any:
    return compile_kusto(text, schemas=SCHEMAS) if language == "kql" else compile_query(language, text)


def run(query: Any, events: list[Event]) -> Any:
    """What it finds, without the numbers of events."""
    times = {} if isinstance(query, CompiledSigma) else {"now": 60.0}
    found: Matches | Table = query.run(events, **times)
    return len(found.alerts) if isinstance(found, Matches) else found.rows


@pytest.mark.parametrize(("language", "text"), SOME)
def test_what_is_not_looked_at_changes_nothing(language: str, text: str) -> None:
    query = compiled(language, text)
    choice = query.looked_at
    assert choice is not None
    taken = [choice.takes(event) for event in EVENTS]
    assert True in taken and ("prev(x)" in text or False in taken)
    found = set()
    for number in range(1, 5):
        for events in combinations(EVENTS, number):
            whole = run(query, list(events))
            assert run(query, [event for event in events if choice.takes(event)]) == whole
            found.add(whole)
    assert len(found) > 1


@pytest.mark.parametrize(("language", "text"), ALL)
def test_a_query_that_may_look_at_any_says_so(language: str, text: str) -> None:
    choice = compiled(language, text).looked_at
    assert choice is None or all(map(choice.takes, EVENTS))
