"""Data streams that no table has, and multi-fields: each was once a translation that missed events."""

from __future__ import annotations

from typing import Any

import pytest

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.ir import Equals, EventQuery
from converter.ir.predicate import FALSE
from converter.lowering.multi_fields import on_parents
from converter.lowering.recognise import in_record
from converter.lowering.streams import describes, streams, widest
from converter.taxonomy import load_taxonomy

STREAMS = [
    # named, and nothing else fits: only these
    ("data_stream.dataset:(zeek.dns or zeek.conn)", ("logs-*",), ("zeek.dns", "zeek.conn")),
    # a name inside a module
    ("event.module:corelight and event.dataset:dns", ("logs-corelight.*",), ("corelight.dns",)),
    # named in one branch only: the other branch takes every stream of the index patterns
    (
        "data_stream.dataset:zeek.dns or destination.port:53",
        ("logs-zeek.*", "logs-panw.panos*"),
        ("zeek", "panw.panos"),
    ),
    # excluded by its name, although its index is read: an alert of any other stream
    ("not event.module:fortinet", ("logs-fortinet.log-*", ".alerts-security.*"), ("elastic.alerts",)),
    ("kibana.alert.severity:high", ("remote:.internal.alerts-security.alerts-*",), ("elastic.alerts",)),
    ("destination.port:53", ("logs-*", "filebeat-*"), ()),
]


def predicate(query: str) -> Any:
    rule = Rule("r", "r", type="query", source="rule.toml", language="kuery", query=query)
    detection = parse_rule(rule)
    assert isinstance(detection, EventQuery)
    return detection.predicate


DESCRIBED = [
    # all audit logs of Okta are in a table, which says what they hold: no process
    ("okta.system", 'process.name: "a.exe"', True),
    # sign-ins are a log source of Sigma's own
    ("azure.signinlogs", 'process.name: "a.exe"', True),
    # the table is of Okta's events, not of its alerts
    ("okta.system", 'process.name: "a.exe" and event.kind: alert', False),
    ("okta.system", 'kibana.alert.severity: "high"', False),
    # one kind of a stream's events is described, others have no table
    ("system.security", 'process.name: "a.exe"', False),
    ("zeek.rfb", "destination.port: 53", False),
]


@pytest.mark.parametrize(("dataset", "query", "described"), DESCRIBED)
def test_a_stream_that_the_tables_describe_is_no_stream_under_ecs_names(
    dataset: str, query: str, described: bool
) -> None:
    """Such a Sigma rule said that it was exact, and missed every event: the log source has other fields."""
    assert describes(load_taxonomy(), dataset, predicate(query)) is described


@pytest.mark.parametrize(("query", "index", "names"), STREAMS)
def test_streams(query: str, index: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert widest(streams(predicate(query), index)) == names


def test_a_caseless_field_is_its_parent_whatever_the_case() -> None:
    leaf = on_parents(predicate('process.name.caseless:"MSBuild.exe"'))
    assert isinstance(leaf, Equals)
    assert (leaf.field, leaf.ignore_case) == ("process.name", True)


def test_no_log_holds_an_alert() -> None:
    """A rule over a log and over alerts about it was looked for in the log alone, and said to be exact."""
    asked = predicate('event.dataset:"aws.cloudtrail" and kibana.alert.severity:high')
    records = [
        one for one in load_taxonomy().records if "aws.cloudtrail" in one.when.get("event.dataset", ())
    ]
    assert records
    assert all(in_record(asked, one) == FALSE for one in records)
