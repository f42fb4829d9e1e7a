"""SigmaHQ's regression data (RULE_CORPUS): every rule against the recorded events of all rules.

Each rule takes an event of its own. Which events of the others it takes is checked against a second, slow
matcher that shares no code with the evaluator: pySigma's pipelines write the log source into the rule's
conditions, pySigma's own translation makes regular expressions of its strings, and these are tried on the
recorded fields one by one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sigma.collection import SigmaCollection
from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT, ConditionOR
from sigma.pipelines.sysmon.sysmon import sysmon_pipeline
from sigma.pipelines.windows.windows import windows_logsource_pipeline
from sigma.rule import SigmaRule
from sigma.types import SigmaExpansion, SigmaNull, SigmaNumber, SigmaRegularExpression, SigmaString

from converter.evaluate.sigma import compile_sigma

Test: TypeAlias = Callable[[Any], bool]


class Beyond(Exception):
    """The slow matcher does not have what a rule uses."""


_CORPUS = os.environ.get("RULE_CORPUS")
pytestmark = pytest.mark.skipif(not _CORPUS, reason="RULE_CORPUS is not set")


@cache
def _rules() -> dict[str, str]:
    folders = sorted(Path(_CORPUS or "", "sigmahq-regression").glob("*/rule.yml"))
    return {path.parent.name: path.read_text(encoding="utf-8") for path in folders}


@cache
def _events(name: str) -> list[dict[str, Any]]:
    """A recording is one JSON object or several, one after the other."""
    text = Path(_CORPUS or "", "sigmahq-regression", name, "event.json").read_text(encoding="utf-8").strip()
    decoder, found, place = json.JSONDecoder(), [], 0
    while place < len(text):
        event, place = decoder.raw_decode(text, place)
        found.append(event)
        place += len(text[place:]) - len(text[place:].lstrip())
    return found


def test_each_rule_takes_its_recorded_event() -> None:
    missed = [name for name, text in _rules().items() if not compile_sigma(text).run(_events(name))]
    print(f"{len(_rules()) - len(missed)} of {len(_rules())} rules take an event of their own")
    assert _rules()
    assert missed == []


def test_events_of_others_are_taken_where_a_second_matcher_takes_them() -> None:
    """All pairs of a rule and an event; printed (-s) are those of different rules that match."""
    pairs = crossed = 0
    wrong, beyond = [], []
    for name, text in _rules().items():
        compiled = compile_sigma(text)
        try:
            slow = _slow_conditions(text)
        except Beyond as reason:
            beyond.append(f"{name}: {reason}")
            continue
        for other in _rules():
            events = _events(other)
            taken = {place for (place,) in compiled.run(events).alerts}
            for place, event in enumerate(events):
                pairs += 1
                expected = any(test(_recorded(event)) for test in slow)
                if expected != (place in taken):
                    wrong.append((name, other, place, expected))
                elif expected and other != name:
                    crossed += 1
                    print(f"{name} takes event {place} of {other}")
    print(f"{pairs} pairs, {crossed} of them matches of another rule's event; not compared: {beyond}")
    assert len(beyond) <= len(_rules()) / 10
    assert wrong == []
    assert crossed < pairs / 100


def _slow_conditions(text: str) -> list[Test]:
    rule = SigmaCollection.from_yaml(text).rules[0]
    assert isinstance(rule, SigmaRule)
    (sysmon_pipeline() + windows_logsource_pipeline()).apply(rule)
    return [_slow(condition.parsed) for condition in rule.detection.parsed_condition]


def _recorded(event: dict[str, Any]) -> dict[str, Any]:
    root = event["Event"]
    data = root.get("EventData") or {}
    for envelope in (root.get("UserData") or {}).values():
        data = {**data, **envelope}
    return {**{name: root["System"][name] for name in ("EventID", "Channel")}, **data}


def _slow(node: Any) -> Test:
    match node:
        case ConditionAND(args=args) | ConditionOR(args=args):
            tests, joined = [_slow(arg) for arg in args], all if isinstance(node, ConditionAND) else any
            return lambda event: joined([test(event) for test in tests])
        case ConditionNOT(args=[arg]):
            test = _slow(arg)
            return lambda event: not test(event)
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            test = _slow_value(value)
            return lambda event: test(event.get(field))
    raise Beyond(type(node).__name__)


def _slow_value(value: Any) -> Test:
    match value:
        case SigmaExpansion(values=values):
            tests = [_slow_value(item) for item in values]
            return lambda found: any(test(found) for test in tests)
        case SigmaNull():
            return lambda found: found is None
        case SigmaRegularExpression():
            flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
            search = re.compile((f"(?{flags})" if flags else "") + str(value.regexp)).search
            return lambda found: found is not None and search(str(found)) is not None
        case SigmaString():
            whole = re.compile(str(value.to_regex().regexp), re.IGNORECASE | re.DOTALL).fullmatch
            return lambda found: found is not None and whole(str(found)) is not None
        case SigmaNumber():
            return lambda found: str(value.number) == str(found)
    raise Beyond(type(value).__name__)
