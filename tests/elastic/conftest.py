"""The tests of the Elastic languages share the notation of predicates and the corpus's place."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("predicate_cases")


@pytest.fixture(scope="session")
def rule_folder() -> Path:
    """The corpus's rules."""
    corpus = os.environ.get("RULE_CORPUS")
    if not corpus:
        pytest.skip("RULE_CORPUS is not set: no corpus to read")
    return Path(corpus) / "elastic-rules"
