"""Words and phrases of a search: found in the raw event where segments of it begin and end.

Events without `_raw` are searched value by value.
Source: Splunk `segmenters.conf` (default major and minor breakers); Search Manual, "Use CASE() and TERM()
to match phrases".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from converter.evaluate.spl.rows import Predicate
from converter.evaluate.spl.terms import Literal
from converter.evaluate.spl.values import several, text

_MAJOR = r"\s\[\]<>(){}|!;,'\"*&?+"
_MINOR = r"/:=@.\-$#%\\_"


def keyword_test(literal: Literal) -> Predicate:
    """Whether the event holds the words; `*` alone takes every event."""
    if literal.text.strip("*") == "":
        return lambda fields: True
    find = _finder(literal)

    def test(fields: Mapping[str, Any]) -> bool:
        raw = fields.get("_raw")
        if raw is not None:
            return any(find(text(value)) for value in several(raw))
        return any(
            find(text(single))
            for name, value in fields.items()
            if not name.startswith(("_", "$"))
            for single in several(value)
        )

    return test


def _finder(literal: Literal) -> Callable[[str], Any]:
    breakers = _MAJOR if literal.term else _MAJOR + _MINOR
    pieces = literal.text.split("*")
    body = f"[^{_MAJOR}]*".join(map(re.escape, pieces))
    if pieces[0] and not re.match(f"[{breakers}]", pieces[0]):
        body = f"(?:^|(?<=[{breakers}])){body}"
    if pieces[-1] and not re.search(f"[{breakers}]\\Z", pieces[-1]):
        body = f"{body}(?=[{breakers}]|\\Z)"
    return re.compile(body, 0 if literal.cased else re.IGNORECASE).search
