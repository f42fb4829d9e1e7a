"""What all tests share."""

from __future__ import annotations

import os
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
