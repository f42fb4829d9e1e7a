"""The cases of the YAML files beside this test: events, a query, and what Splunk says comes out.

Each group names the page that its cases follow. `matches` are alerts, a number standing for an alert of
one event; `columns` and `rows` a table; `error` a part of the message, `at` its line and column.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.evaluate.result import Matches, Table
from converter.evaluate.spl import compile_spl, precedence_sensitive
from converter.source import SourceError

_HERE = Path(__file__).parent


def _cases() -> Iterator[Any]:
    for path in sorted(_HERE.glob("*.yaml")):
        for group in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            for case in group["cases"]:
                name = f"{path.stem}: {case.get('name') or case['query']}"
                yield pytest.param({**group, **case}, id=name)


@pytest.mark.parametrize("case", list(_cases()))
def test_documented(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(SourceError) as raised:
            _run(case)
        assert case["error"] in raised.value.message
        if "at" in case:
            assert str(raised.value.position) == str(case["at"])
        return
    if "sensitive" in case:
        assert list(map(str, precedence_sensitive(case["query"]))) == case["sensitive"]
    if "matches" in case:
        wanted = tuple((item,) if isinstance(item, int) else tuple(item) for item in case["matches"])
        assert _run(case) == Matches(wanted)
    if "rows" in case:
        result = _run(case)
        assert isinstance(result, Table)
        assert [list(row) for row in result.rows] == case["rows"]
        if "columns" in case:
            assert list(result.columns) == case["columns"]


def _run(case: dict[str, Any]) -> Matches | Table:
    search = compile_spl(
        case["query"], lookups=case.get("lookups"), macros=case.get("macros"), now=case.get("now")
    )
    return search.run(case.get("events", []))
