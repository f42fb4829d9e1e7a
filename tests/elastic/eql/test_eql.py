"""EQL text to ir: the cases of the YAML files, places, limits, and every EQL rule of the corpus."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import tomli
from eql_notation import show
from ruamel.yaml import YAML

from converter.elastic.eql.parse import MAX_LENGTH, parse_eql
from converter.ir import And, EventQuery, Not, Or
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

_HERE = Path(__file__).parent


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}-{number}")
        for path in sorted(_HERE.glob("*.yaml"))
        for number, case in enumerate(YAML(typ="safe").load(path), 1)
    ]


@pytest.mark.parametrize("case", _cases())
def test_case(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(SourceError) as caught:
            parse_eql(case["query"])
        assert str(caught.value) == case["error"]
        assert getattr(caught.value, "code", None) == case.get("code")
    else:
        assert show(parse_eql(case["query"], field_types={"addr": "ip"})) == case["is"]


def test_every_node_has_its_place() -> None:
    detection = parse_eql('process where a : ("x",\n  "y*") and\n not b == 1')
    assert isinstance(detection, EventQuery)
    assert isinstance(detection.predicate, And)
    category, either, negation = detection.predicate.items
    assert category.pos == Position(1, 1)
    assert isinstance(either, Or)
    assert [leaf.pos for leaf in either.items] == [Position(1, 20), Position(2, 3)]
    assert isinstance(negation, Not)
    assert (negation.pos, negation.item.pos) == (Position(3, 2), Position(3, 6))


def test_category_field_can_be_another() -> None:
    assert show(parse_eql("file where true", category_field="kind")) == 'kind = "file"'


@pytest.mark.parametrize(
    "text",
    [
        "any where " + "(" * 500 + "a == 1" + ")" * 500,
        "any where " + "not (" * 500 + "a == 1" + ")" * 500,
        "any where " + "length(" * 500 + "a" + ")" * 500 + " == 1",
        "any where " + "-" * 500 + "a == 1",
        "any where " + "(" * 90 + "length(a) > 1" + ") == false" * 90,
        "any where " + " or ".join(f"a == {number}" for number in range(5000)),
        "any where " + "not " * 50_000 + "a",
        "any where 1" + "+1" * 20_000 + " == a",
    ],
    ids=["parentheses", "not", "calls", "signs", "comparisons", "a long or", "many nots", "a long sum"],
)
def test_nesting_is_read_or_refused_quickly(text: str, pace: float) -> None:
    """The comparisons once took twice the time a level, because each was folded twice."""
    start = time.process_time()
    try:
        parse_eql(text)
    except QuerySyntaxError as error:
        assert "nested more than" in str(error)
    assert time.process_time() - start < 50 * pace


def test_long_text_is_refused_at_once(pace: float) -> None:
    start = time.process_time()
    with pytest.raises(NotSupportedError, match=str(MAX_LENGTH)) as caught:
        parse_eql("any where a : (" + '"x",' * 3_000_000)
    assert caught.value.code == "eql-too-long"
    assert time.process_time() - start < 10 * pace


def _rule_queries(folder: Path) -> list[tuple[str, str]]:
    found = []
    for path in sorted(folder.rglob("*.toml")):
        rule = tomli.loads(path.read_text("utf-8"))["rule"]
        if rule.get("language") == "eql":
            found.append((path.name, rule["query"]))
    return found


def test_every_rule_of_the_corpus_is_read(rule_folder: Path) -> None:
    queries = _rule_queries(rule_folder)
    assert len(queries) > 700
    failed = {}
    for name, query in queries:
        try:
            parse_eql(query)
        except SourceError as error:
            failed[name] = str(error)
    assert not failed


def test_truncated_rules_give_one_message_with_a_place(rule_folder: Path) -> None:
    for name, query in _rule_queries(rule_folder)[::20]:
        for cut in range(1, len(query), 97):
            try:
                parse_eql(query[:cut])
            except SourceError as error:
                assert error.position is not None, name
                assert "\n" not in error.message, name
