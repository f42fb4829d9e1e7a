"""Conditions over several fields: the text that each writer makes; all evaluators say the same of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.backends.kusto_where import write_where as write_kusto
from converter.backends.splunk_where import write_where as write_splunk
from converter.elastic.eql.parse import parse_eql
from converter.elastic.esql.filter import to_predicate
from converter.elastic.esql.parse import parse_esql
from converter.evaluate.elastic import compile_detection
from converter.evaluate.kusto import compile_kusto
from converter.evaluate.result import CompiledQuery
from converter.evaluate.spl import compile_spl
from converter.ir import EventQuery, Predicate
from converter.ir.detection import Where
from converter.ir.predicate import Script
from converter.ir.rewrite import map_leaves
from converter.ir.value import Call, FieldValue, Value
from converter.lowering.scripts import common, map_fields

CASES = yaml.safe_load(Path(__file__).with_name("scripts.yaml").read_text(encoding="utf-8"))
KUSTO = {"long": "long", "keyword": "string"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_written_and_evaluated_alike(case: dict[str, Any]) -> None:
    types = case.get("types", {})
    original, predicate = _read(case, types)
    target = map_leaves(predicate, lambda leaf: _typed(leaf, types))
    splunk, kql = write_splunk(target), write_kusto(target, _columns(types))
    assert splunk == case.get("splunk", splunk)
    assert kql == case.get("kql", kql)
    schemas = {"Log": _columns(types)}
    queries: dict[str, CompiledQuery] = {
        "original": original,
        "splunk": compile_spl(f"* | where {splunk}"),
        "kql": compile_kusto(f"Log | where {kql}", schemas=schemas),
    }
    for expected in (True, False):
        for event in case["takes" if expected else "leaves"]:
            found = {name: bool(query.run([{**event, "$table": "Log"}])) for name, query in queries.items()}
            assert found == dict.fromkeys(queries, expected), (event, splunk, kql)


def _columns(types: dict[str, str]) -> dict[str, str]:
    return {name: KUSTO[types.get(name, "keyword")] for name in "abc"}


def _read(case: dict[str, Any], types: dict[str, str]) -> tuple[CompiledQuery, Predicate]:
    if "eql" in case:
        detection = parse_eql(f"any where {case['eql']}")
        assert isinstance(detection, EventQuery)
        return compile_detection(detection, field_types=types), detection.predicate
    pipeline = parse_esql(f"from logs | where {case['esql']}")
    [stage] = pipeline.stages
    assert isinstance(stage, Where)
    return compile_detection(pipeline, field_types=types), to_predicate(
        stage.condition, lambda name: types.get(name, "")
    )


def _typed(leaf: Predicate, types: dict[str, str]) -> Predicate:
    def change(field: FieldValue) -> Value:
        return Call("to_long", (field,), language="esql") if field.name in types else field

    return Script(map_fields(common(leaf.expression), change)) if isinstance(leaf, Script) else leaf
