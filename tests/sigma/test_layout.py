"""What the layout writes is read back as it was, by both versions of YAML, and is what a library writes."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from converter.sigma.layout import dump

_signs = st.text("ab: #-?'\"\\,[]{}&*!|>%@`~=<\n\t.1_0eE+\x00\x85\u2028\ufeff日😀é", max_size=8)
_words = st.sampled_from(
    ["yes", "No", "null", "~", "1_000", "0x1f", "12:30", "2024-01-02", "1e3", ".inf", "=", "<<"]
)
_texts = st.one_of(_signs, _words, st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
_numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(-1e15, 1e15), st.booleans())
_items = st.one_of(_texts, _numbers)
_lists = st.lists(_items, max_size=3)
_maps = st.dictionaries(_texts, st.one_of(_items, _lists), max_size=3)
_values = st.one_of(_items, _lists, _maps, st.lists(_maps.filter(bool), max_size=3))
_documents = st.dictionaries(_texts.filter(lambda key: key != "detection"), _values, min_size=1, max_size=4)
_some = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def read_back(text: str) -> list[Any]:
    return [yaml.safe_load(text), YAML(typ="safe", pure=True).load(text)]


@_some
@example({"._": ""}, {})  # a number to one of the libraries, and no number to its converter
@given(_documents, _maps)
def test_read_back(document: dict[str, Any], block: dict[str, Any]) -> None:
    if block:
        document = {**document, "detection": {"selection": block, "condition": "selection"}}
    for found in read_back(dump(document)):
        assert found == document


@pytest.mark.parametrize("number", [0.00001, 1.5, 123456789012345.0, -3, 0])
def test_numbers_have_no_exponent(number: float) -> None:
    """YAML 1.1 reads 1e-05 as text."""
    assert yaml.safe_load(dump({"a": number})) == {"a": number}


def test_the_same_layout_as_a_library() -> None:
    quoted = SingleQuotedScalarString
    document: dict[str, Any] = {
        "title": "A b: c",
        "related": [{"id": "1-2", "type": "derived"}],
        "description": LiteralScalarString("First.\nSecond: # more."),
        "date": date(2024, 1, 2),
        "tags": ["attack.execution", "yes"],
        "detection": {
            "selection": {
                "Image|endswith": [quoted("\\a"), quoted("it's")],
                "EventID": 1,
                "User|exists": True,
            },
            "selection_img": [{"Image": quoted("x"), "User": [quoted("a"), quoted("b")]}, {"A": quoted("")}],
            "keywords": [quoted("*a*")],
            "condition": "all of selection_* or not keywords",
        },
        "correlation": {"group-by": ["Computer"], "timespan": "2s", "condition": {"gte": 5}},
        "level": "low",
    }
    library = YAML()
    library.indent(mapping=4, sequence=6, offset=4)
    library.width = 100_000
    buffer = io.StringIO()
    library.dump({**document, "tags": ["attack.execution", quoted("yes")], "title": quoted("A b: c")}, buffer)
    assert dump(document) == buffer.getvalue()
