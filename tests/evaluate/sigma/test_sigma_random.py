"""Random values and timelines against plain definitions: pySigma's own regular expression of a string, and
a search through all choices of matches for correlations."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sigma.types import SigmaString

from converter.evaluate.sigma import compile_sigma

_LETTERS = st.text(alphabet="ab\\*?.A\u00e4\n", max_size=8)
_RULE = "title: T\nlogsource: {category: test}\ndetection:\n    sel: {%s}\n    condition: sel\n"


@given(value=_LETTERS, found=_LETTERS)
def test_strings_match_as_pysigma_translates_them(value: str, found: str) -> None:
    compiled = compile_sigma(_RULE % f"f: {json.dumps(value)}")
    pattern = str(SigmaString(value).to_regex().regexp)
    expected = re.fullmatch(pattern, found, re.IGNORECASE | re.DOTALL) is not None
    assert bool(compiled.run([{"f": found}])) == expected


@given(values=st.lists(_LETTERS, min_size=1, max_size=5), found=_LETTERS)
def test_a_list_is_an_or_of_its_values(values: list[str], found: str) -> None:
    """Values of one field are tested together, which must not change what they take."""
    for modifier in ("", "|contains", "|startswith|cased"):
        together = compile_sigma(_RULE % f"f{modifier}: {json.dumps(values)}")
        alone = [compile_sigma(_RULE % f"f{modifier}: {json.dumps(value)}") for value in values]
        assert bool(together.run([{"f": found}])) == any(rule.run([{"f": found}]) for rule in alone)


_TIMELINE = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "ab", "bc"]), st.integers(0, 9), st.sampled_from("xy")),
    max_size=7,
)
_RULES = "".join(
    f"title: {name}\nname: {name}\nlogsource: {{category: test}}\n"
    f"detection: {{sel: {{is: {name}}}, condition: sel}}\n---\n"
    for name in "abc"
)


def _alerts(body: str, events: list[dict[str, Any]]) -> bool:
    text = f"{_RULES}title: C\ncorrelation: {{rules: [a, b, c], group-by: [k], timespan: 4s, {body}}}\n"
    return bool(compile_sigma(text).run(events))


@given(timeline=_TIMELINE)
def test_temporal_correlations_alert_where_some_choice_of_matches_fits(
    timeline: list[tuple[str, int, str]],
) -> None:
    events = [{"is": list(what), "_time": time, "k": key} for what, time, key in timeline]
    ordered = unordered = False
    for chosen in product(*([at for at, row in enumerate(timeline) if name in row[0]] for name in "abc")):
        times = [timeline[at][1] for at in chosen]
        if len({timeline[at][2] for at in chosen}) == 1 and max(times) - min(times) <= 4:
            unordered = True
            places = [(timeline[at][1], at) for at in chosen]
            ordered |= places == sorted(set(places))
    assert _alerts("type: temporal", events) == unordered
    assert _alerts("type: temporal_ordered", events) == ordered


@given(timeline=_TIMELINE, least=st.integers(1, 5))
def test_counts_alert_where_some_window_has_enough(timeline: list[tuple[str, int, str]], least: int) -> None:
    events = [{"is": list(what), "_time": time, "k": key} for what, time, key in timeline]
    windows = [
        [what for what, time, key in timeline if start <= time <= start + 4 and key == group]
        for _, start, _ in timeline
        for group in "xy"
    ]
    counts = max(map(len, windows), default=0)
    values = max((len(set("".join(window))) for window in windows), default=0)
    assert _alerts(f"type: event_count, condition: {{gte: {least}}}", events) == (counts >= least)
    condition = f"condition: {{gte: {least}, field: is}}"
    assert _alerts(f"type: value_count, {condition}", events) == (values >= least)
