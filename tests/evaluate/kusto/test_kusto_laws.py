"""What the reference promises for all values, on random ones; and damaged queries, which must not hurt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.evaluate.kusto import compile_kusto
from converter.evaluate.kusto.values import MAX_TICKS, DateTime, TimeSpan
from converter.evaluate.result import Matches
from converter.source import SourceError

_HERE = Path(__file__).parent
_LAWS = yaml.safe_load((_HERE / "laws.yaml").read_text(encoding="utf-8"))
_YEAR = 3_155_760 * 10**8
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text("ab, -.\\\"'é", max_size=12)
_VALUES: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "string": ("string", _TEXT),
    "word": ("string", st.text("abcXYZ019_", max_size=6)),
    "bool": ("bool", st.booleans()),
    "long": ("long", st.integers(-(1 << 63), (1 << 63) - 1)),
    "small": ("long", st.integers(-100, 100)),
    "octet": ("long", st.integers(0, 255)),
    "bits": ("long", st.integers(0, 32)),
    "real": ("real", st.floats(allow_nan=False, allow_infinity=False)),
    "datetime": ("datetime", st.integers(10 * _YEAR, MAX_TICKS - 10 * _YEAR).map(lambda n: str(DateTime(n)))),
    "timespan": ("timespan", st.integers(-(1 << 62), 1 << 62).map(lambda n: str(TimeSpan(n)))),
    "dynamic": ("dynamic", st.lists(st.integers(-5, 5), max_size=6)),
}
"""The Kusto type of each kind of value, and how to find some."""


@pytest.mark.parametrize("law", [pytest.param(law, id=law["law"]) for law in _LAWS])
def test_law(law: dict[str, Any]) -> None:
    """No row is there for which the law is false or null."""
    schema = {name: _VALUES[kind][0] for name, kind in law["of"].items()}
    query = compile_kusto(f"T | where not(coalesce({law['holds']}, false))", schemas={"T": schema})
    row = st.fixed_dictionaries({name: _VALUES[kind][1] for name, kind in law["of"].items()})

    @settings(max_examples=40)
    @given(st.lists(row, min_size=1, max_size=5))
    def check(rows: list[dict[str, Any]]) -> None:
        assert query.run(rows) == Matches(())

    check()


_KEYS = st.lists(st.none() | st.integers(0, 3), max_size=6)
_JOINS = (
    "inner",
    "innerunique",
    "leftouter",
    "rightouter",
    "fullouter",
    "leftsemi",
    "rightsemi",
    "leftanti",
    "rightanti",
)


def _joined(left: list[int | None], right: list[int | None], kind: str) -> list[tuple[int, ...]]:
    """The numbers of the joined rows, the right side's behind the left side's, by looking at each pair."""
    first = {key: n for n, key in reversed(list(enumerate(left)))} if kind == "innerunique" else {}
    pairs = [
        (n, len(left) + m)
        for n, one in enumerate(left)
        for m, other in enumerate(right)
        if one is not None and one == other and first.get(one, n) == n
    ]
    with_partner = {number for pair in pairs for number in pair}
    sides = {"left": range(len(left)), "right": range(len(left), len(left) + len(right))}
    side = "left" if kind.startswith("left") else "right"
    if kind.endswith(("semi", "anti")):
        return [(n,) for n in sides[side] if (n in with_partner) is kind.endswith("semi")]
    alone = {"leftouter": ["left"], "rightouter": ["right"], "fullouter": ["left", "right"]}.get(kind, [])
    return pairs + [(n,) for name in alone for n in sides[name] if n not in with_partner]


@given(_KEYS, _KEYS, st.sampled_from(_JOINS), st.integers(0, 3))
def test_joins(left: list[int | None], right: list[int | None], kind: str, at_most: int) -> None:
    """A join gives what looking at each pair gives, and so does one whose pairs are filtered at once."""
    events = [{"$table": "L", "k": key} for key in left] + [{"$table": "R", "k": key} for key in right]
    schemas = {"L": {"k": "long"}, "R": {"k": "long"}}
    wanted = sorted(_joined(left, right, kind))
    found = compile_kusto(f"L | join kind={kind} R on k", schemas=schemas).run(events)
    assert isinstance(found, Matches) and sorted(found.alerts) == wanted
    query = f"L | join kind={kind} R on k | where k <= {at_most} | where k != 1"
    found = compile_kusto(query, schemas=schemas).run(events)
    keys = left + right
    # in an outer join `k` is the left side's, null where there is none
    kept = [
        row
        for row in wanted
        if (key := keys[row[0]]) is not None
        and key <= at_most
        and key != 1
        and (kind in ("rightsemi", "rightanti") or row[0] < len(left))
    ]
    assert isinstance(found, Matches) and sorted(found.alerts) == kept


_QUERIES = sorted(
    {
        case["query"]
        for path in _HERE.glob("*.yaml")
        if path.stem not in ("outside", "laws")
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
        if "000" not in case["query"]
    }
)
_EVENTS = [{"x": 1, "a": "b", "d": {"k": [1]}}, {"x": "y", "at": "2024-01-01T00:00:00Z"}]
_PIECES = [
    "(",
    ")",
    '"',
    "|",
    ",",
    "*",
    "-1",
    "dynamic(null)",
    "long(null)",
    "real(nan)",
    "1e308",
    '"\\ud800"',
    "x",
]


def _survives(query: str) -> None:
    """It runs, or says in one sentence why not."""
    try:
        compile_kusto(query, now=0).run(_EVENTS)
    except SourceError as error:
        assert error.message


@given(st.sampled_from(_QUERIES), st.data())
def test_cut_off(query: str, data: st.DataObject) -> None:
    _survives(query[: data.draw(st.integers(0, len(query)))])


@given(st.sampled_from(_QUERIES), st.sampled_from(_PIECES), st.data())
def test_a_piece_put_in(query: str, piece: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(query)))
    _survives(f"{query[:place]} {piece} {query[place:]}")


@given(st.sampled_from(_QUERIES), st.sampled_from(_PIECES), st.data())
def test_a_word_replaced(query: str, piece: str, data: st.DataObject) -> None:
    words = query.split(" ")
    words[data.draw(st.integers(0, len(words) - 1))] = piece
    _survives(" ".join(words))


@given(st.sampled_from(_QUERIES), st.sampled_from(_QUERIES))
def test_one_behind_the_other(first: str, second: str) -> None:
    _survives(f"{first} | {second}")
