"""`make conformance`: what it prints and its exit status."""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

_SCRIPT = Path(__file__).parents[2] / "scripts" / "conformance.py"


@pytest.fixture
def conformance() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", _SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_suites_over_the_corpus(conformance: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """It once ended in a traceback, because it asked a test for what had been renamed."""
    if not os.environ.get("RULE_CORPUS"):
        pytest.skip("RULE_CORPUS is not set: no corpus to read")
    assert conformance.main() == 0
    printed = capsys.readouterr().out
    for suite in conformance.SUITES:
        assert f"{suite}: " in printed
    assert printed.count(" 0 failed") == len(conformance.SUITES)


def test_a_failure_is_named_and_the_exit_status(
    conformance: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = (Counter(passed=2, refused=1, failed=1), Counter({"no such pipe": 1}), ["the query"])
    monkeypatch.setattr(conformance, "SUITES", {"some": lambda corpus: suite})
    monkeypatch.setenv("RULE_CORPUS", "somewhere")
    assert conformance.main() == 1
    printed = capsys.readouterr().out
    assert printed.startswith("some: 4 cases, 2 passed, 1 refused, 1 failed\n")
    assert "1 no such pipe" in printed and "FAILED the query" in printed


def test_without_a_corpus_there_is_nothing_to_run(
    conformance: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RULE_CORPUS", raising=False)
    assert conformance.main() == 2
