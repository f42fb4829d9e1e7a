"""A rule sees the events of its index patterns: an event that says to be of another data stream is none."""

from __future__ import annotations

import pytest

from converter.elastic.eql.parse import parse_eql
from converter.evaluate.elastic import compile_detection
from converter.evaluate.elastic.indices import INDEX, reads
from converter.evaluate.result import Matches

PATTERNS = [
    (["logs-zeek.*"], "logs-zeek.http-default", True),
    (["logs-nginx.access-*"], "logs-zeek.http-default", False),
    (["logs-*", "-logs-zeek.*"], "logs-zeek.http-default", False),  # what is excluded behind what is taken
    (["remote:logs-*"], "logs-zeek.http-default", True),  # a remote cluster's
    ([], "logs-zeek.http-default", True),  # a rule without patterns reads all
]


@pytest.mark.parametrize(("patterns", "name", "expected"), PATTERNS)
def test_reads(patterns: list[str], name: str, expected: bool) -> None:
    assert reads(patterns, name) is expected


def test_events_keep_their_numbers() -> None:
    """The second of three is of another data stream: the alert names the first and the third."""
    query = compile_detection(parse_eql('any where a == "x"'), index=["logs-nginx.access-*"])
    here, there = {"a": "x"}, {"a": "x", INDEX: "logs-zeek.http-default"}
    found = query.run([here, there, {**here, INDEX: "logs-nginx.access-default"}])
    assert isinstance(found, Matches) and found.alerts == ((0,), (2,))


def test_a_sequence_of_unread_events_is_none() -> None:
    """Their times are known all the same, though no event is left."""
    query = compile_detection(
        parse_eql('sequence with maxspan=1m [any where a == "x"] [any where a == "x"]'), index=["logs-a-*"]
    )
    event = {"@timestamp": "2025-03-04T10:15:30.250Z", "a": "x", INDEX: "logs-b-default"}
    assert not query.run([event, event])
