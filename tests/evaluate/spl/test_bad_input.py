"""Damaged searches: a message with a place, never a traceback and never a hang."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from converter.evaluate.spl import compile_spl, precedence_sensitive
from converter.source import SourceError

_QUERIES = sorted(
    {
        case["query"]
        for path in Path(__file__).parent.glob("*.yaml")
        for group in YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for case in group["cases"]
    }
)
_EVENTS = [{"_time": 5, "a": "x", "n": 3, "u": ["p", "q"], "_raw": "a=x"}, {"_time": 2, "a": "y"}]


def _survives(query: str) -> None:
    for task in (precedence_sensitive, lambda text: compile_spl(text, now=10).run(_EVENTS)):
        try:
            task(query)
        except SourceError as error:
            assert error.message


@given(st.sampled_from(_QUERIES), st.data())
def test_cut_off(query: str, data: st.DataObject) -> None:
    _survives(query[: data.draw(st.integers(0, len(query)))])


@given(st.sampled_from(_QUERIES), st.data())
def test_one_letter_changed(query: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(query) - 1))
    letter = data.draw(st.sampled_from("\"'()[]|,=*\\` \n!<>%x0é-"))
    _survives(query[:place] + letter + query[place + 1 :])


@given(st.sampled_from(_QUERIES), st.sampled_from(_QUERIES), st.data())
def test_two_joined(first: str, second: str, data: st.DataObject) -> None:
    _survives(f"{first[: data.draw(st.integers(0, len(first)))]} {second}")


@pytest.mark.parametrize(
    "query",
    [
        "(" * 500 + "a=1" + ")" * 500,
        "NOT " * 500 + "a=1",
        "* | where " + "(" * 500 + "a=1" + ")" * 500,
        "* | where " + "NOT " * 500 + "a=1",
        "* | eval x=" + "if(a=1, " * 500 + "1" + ", 2)" * 500,
        "* " + "[search a=1 " * 500 + "]" * 500,
        "a IN (" + ", ".join(map(str, range(20_000))) + ")",
        "* | where a=" + " . ".join(['"x"'] * 3_000),
    ],
    ids=["groups", "nots", "where groups", "where nots", "calls", "subsearches", "long list", "long sum"],
)
def test_deep_and_long(query: str) -> None:
    _survives(query)


@pytest.mark.parametrize("command", ['where match(a, "(?=a)(a+)+b")', 'regex a="(?=a)(a+)+b"'])
def test_an_expression_that_takes_too_long_has_its_commands_place(command: str) -> None:
    with pytest.raises(SourceError, match="took over 1 s") as caught:
        compile_spl(f"* | {command}").run([{"a": "a" * 5_000}])
    assert str(caught.value.position) == "1:5"
