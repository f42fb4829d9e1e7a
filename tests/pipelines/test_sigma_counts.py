"""What Sigma can count of an ES|QL pipeline: a correlation that each row needs, and no more is claimed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from converter.elastic.rule import Rule
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, convert_rule

FROM = (
    'from logs-aws.cloudtrail-* | where event.dataset == "aws.cloudtrail" and event.action == "Invoke"'
    " and aws.cloudtrail.user_identity.arn is not null "
)
ARN = "aws.cloudtrail.user_identity.arn"
EXACT: set[str] = set()
MORE = {"wider sigma-pipeline"}
EVENTS = {"type": "event_count", "group-by": ["userIdentity.arn"], "condition": {"gte": 5}}
COUNTED: list[tuple[str, dict[str, Any], set[str]]] = [
    (f"| stats n = count(*) by {ARN} | where n >= 5", EVENTS, EXACT),
    (f"| stats n = count(*) by {ARN} | where n > 4", EVENTS, EXACT),
    # Exactly so many: Sigma's count has no upper end beside a lower one.
    (f"| stats n = count(*) by {ARN} | where n == 5", EVENTS, MORE),
    (f"| stats n = count(*) by {ARN} | where n >= 5 and n < 50", EVENTS, MORE),
    (
        f"| stats n = count_distinct(cloud.region) by {ARN} | where n > 1",
        {
            "type": "value_count",
            "group-by": ["userIdentity.arn"],
            "condition": {"gte": 2, "field": "awsRegion"},
        },
        EXACT,
    ),
    # What asks for most events is counted, and the other left out.
    (
        f"| stats n = count(*), m = count_distinct(source.ip) by {ARN} | where n >= 5 and m >= 2",
        EVENTS,
        MORE,
    ),
    # Without a region there is a row too, and no event for Sigma to group: it counts over all regions.
    (f"| stats n = count(*) by {ARN}, cloud.region | where n >= 5", EVENTS, MORE),
    (
        "| stats n = count(*) by cloud.region | where n >= 5",
        {**EVENTS, "group-by": ["eventName"]},
        MORE,
    ),
    # A row of each hour is a part of what the rule's whole window has.
    (
        f"| eval t = date_trunc(1 hour, @timestamp) | stats n = count(*) by {ARN}, t | where n >= 5",
        EVENTS,
        MORE,
    ),
]
NOT_COUNTED = [
    f"| stats n = count(*) by {ARN} | where n >= 1",
    f"| stats n = count(*) by {ARN} | where n < 5",
    f"| stats n = count(*) by {ARN} | where n >= 5 or n == 0",
    f"| stats n = count(*) by {ARN} | eval n = n * 2 | where n >= 5",
]


def _converted(query: str) -> Outcome:
    rule = Rule(
        rule_id="00000000-0000-4000-8000-000000000003",
        name="Counted",
        type="esql",
        source="counted.toml",
        language="esql",
        query=FROM + query,
    )
    return convert_rule(rule, Settings(("sigma",), max_cases=60))


def _checked(query: str) -> tuple[list[dict[str, Any]], set[str]]:
    """The Sigma rules and the declared reasons; no case may contradict these."""
    outcome = _converted(query)
    made = outcome.translations[0]
    assert outcome.parity is not None and outcome.parity.holds
    assert any(case.expect == "match" for case in outcome.cases)
    return list(yaml.safe_load_all(made.text or "")), {
        f"{reason.direction.value} {reason.code}" for reason in made.reasons
    }


@pytest.mark.parametrize(("query", "correlation", "reasons"), COUNTED, ids=[one[0] for one in COUNTED])
def test_counted(query: str, correlation: dict[str, Any], reasons: set[str]) -> None:
    rules, said = _checked(query)
    assert said == reasons
    assert {name: rules[-1]["correlation"][name] for name in correlation} == correlation


@pytest.mark.parametrize("query", NOT_COUNTED)
def test_not_counted(query: str) -> None:
    rules, said = _checked(query)
    assert len(rules) == 1
    assert said == MORE


HITS = "| eval hit = case(source.ip is null, 1, 0) "
CHOSEN = [
    (HITS + f"| stats n = max(hit) by {ARN} | where n == 1", True),
    (HITS + f"| stats n = sum(hit) by {ARN} | where n > 0", True),
    (f"| stats n = count_distinct(case(source.ip is null, cloud.region, null)) by {ARN} | where n > 0", True),
    # No event of the row need be one: none may be, or some must not.
    (HITS + f"| stats n = max(hit) by {ARN} | where n == 0", False),
    (HITS + f"| stats n = min(hit) by {ARN} | where n == 0", False),
    (HITS + f"| stats n = sum(hit) by {ARN} | where n >= 0", False),
]


@pytest.mark.parametrize(("query", "asked"), CHOSEN, ids=[one[0] for one in CHOSEN])
def test_a_condition_of_some_event(query: str, asked: bool) -> None:
    """Where a row needs an event that satisfies a condition, Sigma asks it of the event."""
    rules, said = _checked(query)
    assert ("sourceIPAddress" in str(rules[0]["detection"])) is asked
    assert said == MORE
