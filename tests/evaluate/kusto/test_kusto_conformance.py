"""All documentation examples that stay within detections give the printed rows."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from kusto_examples import outcomes


@pytest.fixture(scope="module")
def corpus() -> Path:
    place = os.environ.get("RULE_CORPUS")
    if not place:
        pytest.skip("RULE_CORPUS is not set: the documentation examples are not here")
    return Path(place)


def test_documentation_examples(corpus: Path) -> None:
    found = list(outcomes(corpus))
    failed = [f"{outcome.name}: {outcome.detail}" for outcome in found if outcome.verdict == "failed"]
    assert not failed, "\n".join(failed)
    counts = Counter(outcome.verdict for outcome in found)
    assert counts["passed"] >= 190, counts
    reasons = Counter(outcome.detail for outcome in found if outcome.verdict == "outside")
    print(dict(counts), dict(reasons))
