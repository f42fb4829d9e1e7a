"""What is kept of an expression's answers, by the values that it reads: those of each row by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from converter.evaluate import remembered
from converter.evaluate.kusto import bind, compile_kusto
from converter.evaluate.languages import compile_query
from converter.evaluate.remembered import reading_of
from converter.evaluate.result import Alike, CompiledQuery, Kind, Matches

VALUES: tuple[Any, ...] = (
    *("a", "A", "ab", "", "1", "1.0", "true", "10.0.0.1"),
    *(1, 1.0, 0.0, -0.0, True, False, None),
    *(["a"], ["a", "b"], ["1"], [1], "['a']"),
)
EVENTS = [{"x": one, "y": other} for one, other in product(VALUES, repeat=2)]
EVENTS += [{"y": one} for one in VALUES] + [{"x": "a", "z": "a", "_raw": one} for one in ("a", "b")]
SIGMA = "title: x\nlogsource: {product: linux}\ndetection:\n"
QUERIES = [
    ("spl", '* | where isnotnull(mvfind(x, "a")) AND (isnotnull(mvfind(y, "1")) OR NOT isnull(y))'),
    ("spl", '* | where (isnull(x) OR isnotnull(mvfind(x, "^1$"))) AND (isnull(y) OR isnum(mvindex(y, 0)))'),
    ("spl", '* | eval n=if(isnotnull(mvfind(x, "a")), "y", null()) | where n="y" AND isnotnull(y)'),
    ("spl", '* | where searchmatch("a") AND (isnull(z) OR isnotnull(mvfind(z, "b")))'),
    ("spl", '* | where isnotnull(mvfilter(mvfind(x, "a")>=0)) OR isnull(x)'),
    ("kql", 'T | where x == "a" or (y startswith "1" and isnotempty(x))'),
    ("kql", 'T | where not(x in ("a", "ab")) and (isempty(y) or y has "a")'),
    ("kql", 'T | extend z = strcat(x, y), n = strlen(y) | where z contains "aa" or n == 3'),
    ("kql", "N | where isnull(x) or (x + y > 1 and not(y == 0 and x < 1))"),
    ("sigma", SIGMA + "  s: {x: [a, '1'], y|contains: a}\n  t: {y|exists: true}\n  condition: s or not t"),
    ("sigma", SIGMA + "  s: {x: null, y: 1}\n  t: {x|fieldref: y}\n  condition: s or (t and not s)"),
    ("sigma", SIGMA + "  s: ['a']\n  t: {y: ['1', 'true', null]}\n  condition: s and not t"),
]


SCHEMAS = {"T": {"x": "string", "y": "string", "q": "string"}, "N": {"x": "real", "y": "long"}}


def compiled(language: str, text: str) -> CompiledQuery:
    """The query; Kusto's tables are declared, so that it is bound once."""
    return compile_kusto(text, schemas=SCHEMAS) if language == "kql" else compile_query(language, text)


def remember_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every expression, also where it does not pay."""
    monkeypatch.setattr(remembered, "_LEAST", 0)
    monkeypatch.setattr(remembered, "_MOST_VALUES", 99)


@pytest.mark.parametrize(("language", "text"), QUERIES)
def test_the_answer_is_that_of_the_row_by_itself(
    language: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "_MOST_VALUES", 0)
    asked_each_time = compiled(language, text)
    remember_all(monkeypatch)
    kept = compiled(language, text)
    found = []
    for event in (*EVENTS, *reversed(EVENTS)):
        answer = kept.run([event])
        assert answer == asked_each_time.run([event]), event
        found.append(bool(answer))
    assert True in found and False in found


def test_what_is_kept_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_ANSWERS", 2)
    seen: list[int] = []
    ask = remembered.remembering(lambda value: value, lambda value: seen.append(value) or value)
    assert [ask(value) for value in (1, 1, 2, 2, 3, 3, 1)] == [1, 1, 2, 2, 3, 3, 1]
    assert seen == [1, 2, 3, 1]


@pytest.mark.parametrize("names", [("x",), ("x", "y")])
def test_readings_differ_where_values_do(names: tuple[str, ...]) -> None:
    read = reading_of(names)
    rows: list[Mapping[str, Any]] = [{"x": value} for value in VALUES] + [{}]
    assert len({read(row) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "text", ["* | where x<now() AND x<time()", '* | where NOT x>=relative_time(now(), "-0s")']
)
def test_a_search_that_asks_the_time_is_asked_in_each_run(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_all(monkeypatch)
    query = compile_query("spl", text)
    assert [bool(query.run([{"x": 5}], now=now)) for now in (6.0, 4.0, 6.0)] == [True, False, True]


KUSTO = [
    "T | where x < now() and x < ago(0s)",
    "let t = now(); T | where x < t and x < t",
    "let t = toscalar(print now()); T | where x < t and x < t",
]


@pytest.mark.parametrize("text", KUSTO)
def test_a_kusto_query_that_asks_the_time_is_asked_in_each_run(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_all(monkeypatch)
    query = compile_kusto(text, schemas={"T": {"x": "datetime"}})
    event = {"$table": "T", "x": "1970-01-01T00:00:05Z"}
    assert [bool(query.run([event], now=now)) for now in (6.0, 4.0, 6.0)] == [True, False, True]


ROWS = [
    ("T | where x in (U) and x != ''", [{"$table": "T", "x": "a"}, {"$table": "U", "x": "a"}]),
    ("T | sort by x asc | where x != '' and prev(x) == 'a'", [{"x": "b"}, {"x": "a"}]),
]


@pytest.mark.parametrize(("text", "events"), ROWS)
def test_what_reads_other_rows_is_asked_of_each(
    text: str, events: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_all(monkeypatch)
    query = compile_kusto(text, schemas={"T": {"x": "string"}, "U": {"x": "string"}})
    for given, alerts in ((events, ((0,),)), (events[:1], ()), (events, ((0,),))):
        assert query.run(given) == Matches(alerts)


def of_kinds(events: Sequence[Mapping[str, Any]], own: str) -> list[Alike]:
    """The events, of a kind where they differ in their own field alone."""
    kinds: dict[str, Kind] = {}
    found = []
    for event in events:
        one = Alike(event)
        rest = repr([item for item in event.items() if item[0] != own])
        one.kind = kinds.setdefault(rest, Kind(frozenset((own,))))
        found.append(one)
    return found


CHAINS = [
    (
        "spl",
        '* | eval a=y, b=if(isnull(x), a, "b"), y="k" | where b="b" AND a="a" AND y="k" | where isnull(z)',
    ),
    ("spl", '* | eval n=y, y=q | eval m=if(isnull(n), "n", y) | where m="2" | fields x, n, m'),
    ("spl", '* | where q="1" | eval k=lower(y), q=k | stats count dc(q) as d by k x'),
    (
        "spl",
        "* | eval k=coalesce(x, y) | streamstats window=3 count as n first(q) as f by k | where n>1 AND f=1",
    ),
    (
        "spl",
        "* | streamstats window=3 global=f count first(q) as f dc(q) as d last(q) as l | where d=1 AND f=l",
    ),
    ("kql", 'T | extend k = strcat(x, y), n = toint(q) | where k startswith "a" | summarize max(n) by k, n'),
    ("kql", "T | where x != y | where q == '1' | project q, x, z = strcat(x, q) | where z has '1'"),
    ("sigma", SIGMA + "  s: {q: 1}\n  t: {x: a}\n  condition: s or not t"),
]
WITH_OWN = [
    {**event, "q": own}
    for event in EVENTS
    for own in (1, 2)
    if not any(isinstance(value, list) for value in event.values())
]


@pytest.mark.parametrize("own", ["x", "y", "q"])
@pytest.mark.parametrize(("language", "text"), [*QUERIES, *CHAINS])
def test_what_is_found_of_a_kind_holds_for_each(language: str, text: str, own: str) -> None:
    plain, kept = compiled(language, text), compiled(language, text)
    for several in (WITH_OWN[::3], WITH_OWN[1::2], WITH_OWN[::-5]):
        assert kept.run(of_kinds(several, own)) == plain.run(several)
    for event, one in zip(WITH_OWN, of_kinds(WITH_OWN, own), strict=True):
        assert kept.run([one]) == plain.run([event]), event


LISTS = [
    'T | where x == "a" or y has "a" or x == "A" or x == ""',
    'T | where x =~ "A" or x =~ "AB" or y =~ "a"',
    'T | where not(x contains "B" or x contains "1") and (y contains_cs "A" or y contains_cs "b")',
    'T | where x endswith "B" or x endswith "0" or x startswith "tr" or x startswith "1."',
    'T | where x matches regex "^a" or x matches regex "(?i)B$" or x !has "a" or x !has "b"',
    'T | where tostring(d.k) startswith_cs "a" or tostring(d.k) startswith_cs "A" or tostring(d.l) == "a"',
    "N | where tostring(x) == '1' or tostring(x) == '0.0' or x == 0",
]


@pytest.mark.parametrize("text", LISTS)
def test_a_list_is_asked_as_its_items(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    schemas = {"T": {**SCHEMAS["T"], "d": "dynamic"}, "N": SCHEMAS["N"]}
    at_once = compile_kusto(text, schemas=schemas)
    monkeypatch.setattr(bind, "alternatives", lambda nodes, parts, bound: parts)
    one_by_one = compile_kusto(text, schemas=schemas)
    found = []
    for event in EVENTS:
        event = {**event, "d": {"k": event.get("x"), "l": event.get("y")}}
        found.append(bool(at_once.run([event])))
        assert found[-1] is bool(one_by_one.run([event])), event
    assert True in found and False in found
