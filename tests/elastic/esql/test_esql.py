"""ES|QL texts, the pipelines that they are, and conditions as predicates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from notation import field_type, show
from ruamel.yaml import YAML

from converter.elastic.esql.filter import to_predicate
from converter.elastic.esql.parse import parse_esql
from converter.elastic.load import load_paths
from converter.ir import And, Not, Or, Predicate, Script
from converter.ir.detection import Where
from converter.source import QuerySyntaxError, SourceError

sys.path.insert(0, str(Path(__file__).parent))
from value_notation import show_pipeline, show_value

_HERE = Path(__file__).parent


def _cases(name: str) -> list[Any]:
    return list(enumerate(YAML(typ="safe").load(_HERE / name), 1))


@pytest.mark.parametrize(("number", "case"), _cases("pipelines.yaml"))
def test_pipeline(number: int, case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(SourceError) as caught:
            parse_esql(case["query"])
        assert str(caught.value) == case["error"]
        assert getattr(caught.value, "code", None) == case.get("code")
    else:
        wanted = case["is"] if isinstance(case["is"], list) else [case["is"]]
        shown = show_pipeline(parse_esql(case["query"]))
        states_source = bool(wanted) and wanted[0].startswith("from ")
        assert (shown if states_source else shown[1:]) == wanted


@pytest.mark.parametrize(("number", "case"), _cases("conditions.yaml"))
def test_condition(number: int, case: dict[str, Any]) -> None:
    (stage,) = parse_esql(f"from x | where {case['where']}").stages
    assert isinstance(stage, Where)
    assert _shown(to_predicate(stage.condition, field_type)) == case["is"]


def _shown(predicate: Predicate) -> str:
    if isinstance(predicate, Script):
        return f"script {show_value(predicate.expression)}"
    if isinstance(predicate, Not):
        return f"not {_shown(predicate.item)}"
    if isinstance(predicate, And | Or):
        return (
            "(" + (" and " if isinstance(predicate, And) else " or ").join(map(_shown, predicate.items)) + ")"
        )
    return show(predicate)


def test_places() -> None:
    pipeline = parse_esql('from x\n| where a == 1\n    and not (b like "x*")\n| stats n = count(*) by c')
    first, second = pipeline.stages
    assert str(first.pos) == "2:3"
    assert isinstance(first, Where)
    assert [str(item.pos) for item in first.condition.items] == ["2:9", "3:9"]  # type: ignore[union-attr]
    assert str(second.pos) == "4:3"


def test_every_query_of_the_corpus_is_read(rule_folder: Path) -> None:
    queries = [rule.query for rule in load_paths([rule_folder]).rules if rule.language == "esql"]
    assert len(queries) > 100
    for query in queries:
        for stage in parse_esql(query or "").stages:
            assert stage.pos is not None


@pytest.mark.parametrize(
    "text",
    [
        "from x | where " + "(" * 500 + "a" + ")" * 500,
        "from x | where " + "not " * 500 + "a",
        "from x | eval a = " + "1 + " * 5000 + "1",
        "from x | eval a = b" + "::int" * 500,
        "from x | where " + "f(" * 500 + "1" + ")" * 500,
        "from x | eval a = 1" * 1_000_000,
        "from x | eval a = " + "9" * 5000,
        'from x | where a == "',
        "/*" * 100_000,
        "from x | fork " + "(" * 500,
    ],
)
def test_hostile_text_is_an_error_and_no_traceback(text: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_esql(text)
    assert caught.value.position is not None
