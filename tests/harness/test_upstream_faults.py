"""Each fault of the stock backends is there, on a rule as small as can be, and our evaluators see it.

Run as a script it prints the part of docs/upstream-faults.md that shows the faults.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.evaluate.sigma import compile_sigma
from converter.harness.upstream import STOCK, compile_stock, stock_query
from converter.taxonomy import load_taxonomy

FAULTS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "upstream_faults.yaml").read_text("utf-8")
)
PAGE = (Path(__file__).parents[2] / "docs" / "upstream-faults.md").read_text("utf-8")


def rule_text(fault: dict[str, Any]) -> str:
    """The fault's Sigma rule, or its rules and the correlation of them."""
    source = {"product": "windows", "category": fault["category"]}
    documents: list[dict[str, Any]] = [
        {"title": "First", "name": "first", "logsource": source, "detection": fault["detection"]}
    ]
    if "second" in fault:
        second = {"title": "Second", "name": "second", "logsource": source, "detection": fault["second"]}
        documents.append(second)
    if "correlation" in fault:
        documents.append({"title": "Both", "correlation": fault["correlation"]})
    return str(yaml.safe_dump_all(documents, sort_keys=False))


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["fault"] for fault in FAULTS])
def test_fault_is_there(fault: dict[str, Any]) -> None:
    rule = rule_text(fault)
    assert bool(compile_sigma(rule).run(fault["events"])) is fault["alerts"], "what Sigma means"
    profile = load_taxonomy().profiles[fault["profile"]]
    query, refusal = stock_query(rule, profile)
    assert fault.get("refusal", "") in refusal
    assert bool(refusal) is ("refusal" in fault), refusal
    if refusal:
        return
    assert fault.get("query", "") in query
    source = STOCK[fault["profile"]].source
    rows = [{"source": source, **row} if source else row for row in fault["rows"]]
    assert bool(compile_stock(query, profile).run(rows)) is not fault["alerts"], query


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["fault"] for fault in FAULTS])
def test_page_shows_the_fault(fault: dict[str, Any]) -> None:
    assert shown(fault) in PAGE, "run this file and put what it prints into the page"


def shown(fault: dict[str, Any]) -> str:
    """The fault's section of the page."""
    query, refusal = stock_query(rule_text(fault), load_taxonomy().profiles[fault["profile"]])
    events = "\n".join(json.dumps(row) for row in fault.get("rows", fault["events"]))
    should = "an alert" if fault["alerts"] else "no alert"
    got = "a refusal" if refusal else "no alert" if fault["alerts"] else "an alert"
    return (
        f"### {fault['fault'][0].upper()}{fault['fault'][1:]}\n\n"
        f"`{fault['profile']}`: {fault['why']}.\n\n"
        f"```yaml\n{rule_text(fault)}```\n\n"
        f"Stock output:\n\n```\n{refusal or query}\n```\n\n"
        f"Events:\n\n```json\n{events}\n```\n\n"
        f"Should be: {should}. Is: {got}.\n"
    )


if __name__ == "__main__":
    print("\n".join(map(shown, FAULTS)), end="")
