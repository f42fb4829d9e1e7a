"""The stock backends' faults are seen: pySigma's own output for the mission rules, over the same cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.evaluate.elastic.timeline import FOREIGN
from converter.events.case import Case
from converter.events.fixtures import load_fixtures
from converter.harness.asked import asked_fields
from converter.harness.upstream import STOCK, StockResult, stock_result
from converter.taxonomy import load_taxonomy
from converter.translate import translate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, str], StockResult]:
    """(stem of the rule's file, profile) -> what the stock backend made of it."""
    taxonomy = load_taxonomy()
    fixtures = load_fixtures(ROOT / "fixtures" / "events")
    found: dict[tuple[str, str], StockResult] = {}
    for rule in load_paths([ROOT / "fixtures" / "rules"]).rules:
        detection = parse_rule(rule)
        sigma = translate(rule, detection, taxonomy.profiles["sigma"], taxonomy).text
        assert sigma is not None
        for profile in STOCK:
            found[Path(rule.source).stem, profile] = stock_result(
                sigma, taxonomy.profiles[profile], fixtures[rule.rule_id], taxonomy, asked_fields(detection)
            )
    return found


@pytest.mark.parametrize("profile", STOCK)
def test_no_stock_backend_translates_the_sequence(
    results: dict[tuple[str, str], StockResult], profile: str
) -> None:
    assert results["wmi_incoming_lateral_movement", profile].refusal


@pytest.mark.parametrize("rule", ["enumeration_via_wmiprvse", "suspicious_cmd_wmi"])
def test_the_data_model_search_can_never_match(
    results: dict[tuple[str, str], StockResult], rule: str
) -> None:
    """It asks in `tstats ... where` for fields that the pipeline behind it computes."""
    result = results[rule, "cim"]
    assert result.refusal or result.missed


def test_splunk_takes_expressions_out_of_their_not(results: dict[tuple[str, str], StockResult]) -> None:
    """`NOT (a AND regex)` becomes `NOT a | regex`: what was excluded is asked for, and most is missed."""
    result = results["enumeration_via_wmiprvse", "sysmon"]
    assert len(result.missed) > 50


def test_a_row_of_another_source_is_not_given_the_stock_source() -> None:
    """All rows once were: those of other sources became false alarms of the stock query."""
    sigma = """title: First
logsource: {product: windows, category: process_creation}
detection: {selection: {'Image|endswith': '\\a.exe'}, condition: selection}
"""
    started = {
        "event.category": "process",
        "event.type": "start",
        "host.os.type": "windows",
        "process.executable": r"C:\b\a.exe",
    }
    rows = {"its own": started, **{f"not its own {n}": {**started, FOREIGN: n} for n in range(1, 5)}}
    cases = [
        Case("rule", name, "match" if name == "its own" else "no_match", (row,), "")
        for name, row in rows.items()
    ]
    taxonomy = load_taxonomy()
    asked = {"event.category": False, "event.type": False, "process.executable": False}
    result = stock_result(sigma, taxonomy.profiles["sysmon"], cases, taxonomy, asked)
    assert result.query.startswith("source=")
    assert not result.missed
    assert not result.false_alarms


def test_summary_of_faults(results: dict[tuple[str, str], StockResult]) -> None:
    wrong = {key for key, result in results.items() if not result.right}
    assert len(wrong) >= 7
