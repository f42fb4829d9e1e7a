"""Relative times of Splunk, which people read and Splunk counts."""

from __future__ import annotations

import pytest

from converter.backends.splunk_aggregate import ago
from converter.evaluate.spl import compile_spl


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(604_800_000, "-168h"), (3_600_000, "-1h"), (360_000, "-6m"), (90_000, "-90s"), (5_000, "-5s")],
)
def test_a_time_in_its_largest_even_unit(milliseconds: int, text: str) -> None:
    """Not in days, which have 23 hours or 25 where the clock changes."""
    assert ago(milliseconds) == text
    query = compile_spl(f'* | where _time>=relative_time(now(), "{text}")')
    now, seconds = 1_700_000_000, milliseconds / 1000
    assert query.run([{"_time": now - seconds}], now=now)
    assert not query.run([{"_time": now - seconds - 1}], now=now)
