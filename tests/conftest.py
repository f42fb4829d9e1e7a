"""What all tests share."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `make test` says the same of the same commit each time; the nightly profile looks for what is new.
settings.register_profile(
    "ci", max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test finds what another one, or the user, converted before."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def rule_folder() -> Path:
    """The corpus's rules."""
    corpus = os.environ.get("RULE_CORPUS")
    if not corpus:
        pytest.skip("RULE_CORPUS is not set: no corpus to read")
    return Path(corpus) / "elastic-rules"


@pytest.fixture
def pace() -> float:
    """Seconds of the processor for a fixed piece of work of the converter's sort (0.1 on a common machine):
    limits are told in it, since seconds alone would measure the machine, and what else it does."""
    start = time.process_time()
    counts: dict[str, int] = {}
    for place in range(200_000):
        word = f"p{place % 5000}.exe".upper()
        counts[word] = counts.get(word, 0) + len(word)
    return time.process_time() - start
