"""Correlations that the schema takes: each is grouped by something, and by nothing twice."""

from __future__ import annotations

from dataclasses import replace

import yaml

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule, ThresholdSpec
from converter.pipeline import Settings, convert_rule
from converter.source import Position

RULE = Rule(
    rule_id="00000000-0000-0000-0000-000000000001",
    name="Counted",
    type="threshold",
    source="counted.toml",
    language="kuery",
    query="event.dataset:okta.system and event.action:user.session.start",
    query_position=Position(7, 12),
    description="Counts.",
    severity="low",
    created="2026-01-01",
    index=("logs-okta.system-*",),
    threshold=ThresholdSpec((), 5),
    since=300_000,
)


def correlation(rule: Rule) -> dict[str, object]:
    parse_rule(rule)
    (translation,) = convert_rule(rule, Settings(("sigma",))).translations
    documents = list(yaml.safe_load_all(translation.text or ""))
    return next(document["correlation"] for document in documents if "correlation" in document)


def test_a_count_of_all_events_is_grouped_by_what_they_share() -> None:
    """`group-by` is required: a field that the rule fixes to one value groups all events into one."""
    assert correlation(RULE)["group-by"] == ["eventType"]


def test_keys_that_the_target_calls_alike_are_one() -> None:
    """The host and the agent are one `Computer` in Sysmon's log; the schema wants each name once."""
    rule = replace(
        RULE,
        type="eql",
        language="eql",
        threshold=None,
        index=("logs-endpoint.events.process-*",),
        query='sequence by host.id, agent.id with maxspan=1m [process where event.type == "start" and '
        'process.name : "a.exe"] [process where event.type == "start" and process.name : "b.exe"]',
    )
    assert correlation(rule)["group-by"] == ["Computer"]


def test_a_refusal_without_a_place_of_its_own_has_the_querys() -> None:
    """What the fields of a threshold ask stands under their own key of the file."""
    asked = ThresholdSpec(("no.such.field",), 5)
    rule = replace(RULE, threshold=asked, places={"rule.threshold": Position(12, 1)})
    (keyed,) = convert_rule(rule, Settings(("addons",))).translations
    assert [(reason.code, reason.position) for reason in keyed.reasons] == [("unmapped-key", Position(12, 1))]
    (held,) = convert_rule(RULE, Settings(("cim",))).translations
    assert [(reason.code, reason.position) for reason in held.reasons] == [("no-log-source", Position(7, 12))]
