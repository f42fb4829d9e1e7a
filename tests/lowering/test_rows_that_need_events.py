"""ES|QL: a condition that each row satisfies by one of its events; without a log of these it is refused."""

from __future__ import annotations

import pytest

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.taxonomy import load_taxonomy
from converter.translate import translate

EVENTS = """from logs-* | where (event.module == "endpoint" and data_stream.dataset == "endpoint.alerts")
    or (data_stream.dataset == "panw.panos" and event.action == "virus_detected")
    | stats modules = values(event.module), n = count(*) by source.ip
    | eval joined = mv_concat(modules, ",")"""


@pytest.mark.parametrize(
    ("condition", "is_written"),
    [
        ("n > 1", True),
        ('n > 1 and joined like "*endpoint*"', False),  # no row had it: the search could never alert
        ('joined like "*panw*"', True),
        ('joined like "*endpoint*" or n > 1', True),
        ('joined like "*t,p*"', True),  # may be parts of two values
        ('not joined like "*endpoint*"', True),
        # a column of that name that is another one by then
        ('n > 1 | eval joined = "an endpoint" | where joined like "*endpoint*"', True),
    ],
)
def test_rows_that_need_an_event_of_a_log_that_there_is_not(condition: str, is_written: bool) -> None:
    query = f"{EVENTS} | where {condition}"
    rule = Rule(rule_id="x", name="x", type="esql", source="x.toml", language="esql", query=query)
    taxonomy = load_taxonomy()
    for profile in ("addons", "sentinel"):
        made = translate(rule, parse_rule(rule), taxonomy.profiles[profile], taxonomy)
        assert (made.text is not None) is is_written
