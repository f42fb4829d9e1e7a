"""What is loaded before the first rule is begun, and for a simple one: all else costs each its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LOADED = "import sys, converter.commands.convert; print(*sys.modules)"
_LATER = ("rich", "yaml", "sigma", "converter.translate", "converter.harness.parity", "converter.sigma.write")
_CONVERTED = """
import sys
from converter.commands.convert import convert_rules
from pathlib import Path

assert convert_rules([Path("rule.toml")], Path("out"), (), (), None, None, jobs=1, max_cases=50) == 0
print(*sys.modules)
"""
_RULE = """
[rule]
name = "A policy is deleted"
rule_id = "00000000-0000-4000-8000-00000000000b"
type = "query"
language = "kuery"
risk_score = 21
severity = "low"
index = ["logs-okta*"]
query = "event.dataset : okta.system and event.action : policy.rule.delete"
"""
_FOR_OTHERS = (
    "lark",
    "regex",
    "rich._emoji_codes",
    "rich.progress",
    "concurrent.futures.process",
    "converter.elastic.eql.parse",
    "converter.elastic.esql.parse",
    "converter.elastic.lucene.reader",
    "converter.evaluate.kusto.aggregates.calls",
    "converter.evaluate.kusto.functions.calls",
    "converter.events.generate.pipelines",
    "converter.lowering.pipelines",
)


def test_a_conversion_begins_without_what_comes_later() -> None:
    run = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert not {*_LATER, *_FOR_OTHERS} & set(run.stdout.split())


def test_a_simple_rule_is_converted_without_what_only_others_need(tmp_path: Path) -> None:
    (tmp_path / "rule.toml").write_text(_RULE)
    program = [sys.executable, "-c", _CONVERTED]
    for _ in range(2):  # the first run may have to make tables
        run = subprocess.run(program, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "converter.evaluate.kusto.query" in run.stdout.split()
    assert not set(_FOR_OTHERS) & set(run.stdout.split())
