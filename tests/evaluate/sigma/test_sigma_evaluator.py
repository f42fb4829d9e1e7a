"""Evaluates the cases of the YAML files: Sigma and events in, alerts out.

A file is a list of cases; `why` says what a case shows. Of a rule a case holds its `detection` (and its
`logsource`, else `category: test`), or the whole `text`. Then `match` and `no_match` are events that it takes
and doesn't take, or `events` a list of which `alerts` are the numbers, or `error` the message that begins
the refusal, `place` where, if not `run: true` when it is run over `events`.

A case with `correlation` holds the body of one over the rules a, b and c, which take the events that say so
in `is`; `series` is its timeline, see `_series`.
"""

from __future__ import annotations

import socket
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.evaluate.sigma import compile_sigma
from converter.source import NotSupportedError, SourceError

_HERE = Path(__file__).parent
_BASE = """\
title: Rule {name}
id: 0000000{name}-0000-4000-8000-000000000000
name: {name}
logsource:
    category: test
detection:
    sel:
        is: {name}
    condition: sel
---
"""


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}-{number}")
        for path in sorted(_HERE.glob("*.yaml"))
        for number, case in enumerate(YAML(typ="safe").load(path), 1)
    ]


def _text(case: dict[str, Any]) -> str:
    if "text" in case:
        return str(case["text"])
    if "correlation" in case:
        body = indent(case["correlation"], "    ")
        base = "".join(_BASE.format(name=name) for name in "abc")
        return f"{base}title: Correlation\ncorrelation:\n{body}"
    logsource = case.get("logsource", "category: test")
    return f"title: Test\nlogsource: {{{logsource}}}\ndetection:\n{indent(case['detection'], '    ')}"


def _series(text: str) -> list[dict[str, Any]]:
    """`a@0 b@1.5/k2=7`: events with `is: a` at a time in seconds, with key `k` (k1 if none is given) and
    value `v`. `a+b` is an event that is both; `/-` has no key; `/k1,k2` has two; `a@-` has no time."""
    events = []
    for word in text.split():
        rest, _, value = word.partition("=")
        what, _, rest = rest.partition("@")
        time, _, key = rest.partition("/")
        event: dict[str, Any] = {"is": what.split("+")}
        if time != "-":
            event["_time"] = float(time)
        if key != "-":
            event["k"] = (key or "k1").split(",")
        if value:
            event["v"] = value.split(",")
        events.append(event)
    return events


@pytest.mark.parametrize("case", _cases())
def test_case(case: dict[str, Any]) -> None:
    text = _text(case)
    events = _series(case["series"]) if "series" in case else case.get("events", [])
    if "error" in case:
        with pytest.raises(SourceError) as caught:
            compiled = compile_sigma(text, placeholders=case.get("placeholders"))
            assert case.get("run"), "it compiles"
            compiled.run(events)
        assert caught.value.message.startswith(case["error"])
        assert caught.value.position is not None
        assert str(caught.value.position) == case.get("place", str(caught.value.position))
        return
    compiled = compile_sigma(text, placeholders=case.get("placeholders"))
    for event in case.get("match", ()):
        assert compiled.run([event]).alerts == ((0,),), event
    for event in case.get("no_match", ()):
        assert compiled.run([event]).alerts == (), event
    if "alerts" in case:
        found = [list(alert) for alert in compiled.run(events).alerts]
        assert found == [alert if isinstance(alert, list) else [alert] for alert in case["alerts"]]


def _without_ties(case: dict[str, Any]) -> bool:
    times = [event.get("_time") for event in _series(case.get("series", ""))]
    return len(set(times)) == len(times) > 0


@pytest.mark.parametrize("case", [case for case in _cases() if _without_ties(case.values[0])])
def test_input_order_does_not_matter(case: dict[str, Any]) -> None:
    """Correlations go by the events' times (but for ties), so a reversed file has the same alerts."""
    compiled, events = compile_sigma(_text(case)), _series(case["series"])
    last = len(events) - 1
    turned = [tuple(last - place for place in alert) for alert in compiled.run(events[::-1]).alerts]
    assert sorted(turned) == sorted(compiled.run(events).alerts)


def test_a_run_changes_nothing_and_can_be_repeated() -> None:
    """The compiled rule keeps no state between runs, and events are as they were."""
    text = _text({"correlation": "type: temporal\nrules: [a, b]\ntimespan: 5s\n"})
    compiled = compile_sigma(text)
    events = _series("a@0 b@3")
    before = repr(events)
    assert compiled.run(events) == compiled.run(events)
    assert compiled.run(events).alerts == ((0, 1),)
    assert repr(events) == before


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """pySigma loads its lists of techniques over the network when something asks for them; nothing does."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    text = "tags: [attack.t1059.001, attack.execution, d3fend.d3-x, cve.2024-1]\n" + _text(
        {"detection": "sel: {f: x}\ncondition: sel\n"}
    )
    assert compile_sigma(text).run([{"f": "X"}]).alerts == ((0,),)


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_cut_off_rules_are_refused_or_read(cut: int) -> None:
    """A text that ends anywhere gives an error of the project, never another one."""
    text = _text({"correlation": "type: temporal\nrules: [a, b]\ntimespan: 5s\naliases: {x: {a: k, b: k}}\n"})
    try:
        compile_sigma(text[: len(text) - cut])
    except SourceError as error:
        assert error.message


def test_deep_rules_end() -> None:
    """500 pairs of parentheses, 500 nested lists: read or refused, without a crash."""
    for detection in (
        "sel: {f: x}\ncondition: " + "(" * 500 + "sel" + ")" * 500 + "\n",
        "sel: " + "[" * 500 + "{f: x}" + "]" * 500 + "\ncondition: sel\n",
    ):
        try:
            assert compile_sigma(_text({"detection": detection})).run([{"f": "x"}]).alerts == ((0,),)
        except NotSupportedError as error:
            assert "deep" in error.message
