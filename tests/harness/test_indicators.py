"""Indicator matches end to end: Splunk asks a lookup, Sentinel its table; both say what the original says."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.elastic.load import load_paths
from converter.events.projection import project
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

RULE = Path(__file__).with_name("indicators.toml")
PROFILES = ("sysmon", "windows", "sentinel_asim")
WORDS = {
    "sysmon": [
        '| lookup threat_indicators "threat.indicator.ip" AS "DestinationIp"',
        "isnotnull(indicator_1)",
    ],
    "windows": ['| lookup threat_indicators "threat.indicator.ip" AS "DestAddress"'],
    "sentinel_asim": [
        "let indicators = ThreatIntelligenceIndicator",
        "DstIpAddr in ((indicators | where isnotempty(NetworkIP) | project NetworkIP))",
    ],
}


def test_an_entry_with_objects_is_one_with_dotted_names() -> None:
    taxonomy = load_taxonomy()
    nested = {"$indicator": True, "threat": {"indicator": {"ip": "192.0.2.1"}}}
    dotted = {"$indicator": True, "threat.indicator.ip": "192.0.2.1"}
    rows, others = (project((one,), taxonomy.profiles["sentinel_asim"], taxonomy) for one in (nested, dotted))
    assert rows == others and rows[0]["NetworkIP"] == "192.0.2.1"


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    [rule] = load_paths([RULE]).rules
    return convert_rule(rule, Settings(PROFILES, max_cases=60))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_list_is_asked(outcome: Outcome, profile: str) -> None:
    [translation] = [item for item in outcome.translations if item.profile.name == profile]
    assert translation.text is not None, translation.reasons
    for words in WORDS[profile]:
        assert words in translation.text


@pytest.mark.parametrize("profile", PROFILES)
def test_as_the_original(outcome: Outcome, profile: str) -> None:
    assert outcome.parity is not None
    verdicts = [verdict for verdict in outcome.parity.verdicts if verdict.profile == profile]
    assert [verdict for verdict in verdicts if verdict.failed] == []
    said = {verdict.case.name: verdict.got for verdict in verdicts}
    assert said["an indicator hit"] is True and said["without an indicator"] is False
    assert said["another destination.ip"] is False
