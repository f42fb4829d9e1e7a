"""Comparing what the Kusto documentation prints with values: print has lost types, spaces, precision."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from converter.evaluate.kusto.values import parse_datetime, parse_timespan

_INFINITIES = {"∞": math.inf, "-∞": -math.inf, "NaN": math.nan}


def plain(text: str) -> str:
    """A cell without the page's markup."""
    text = re.sub(r"<br\s*/?>", "\n", text).strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == "`" else text


def cell_matches(text: str, value: Any) -> bool:
    """Whether a printed cell can stand for a value."""
    shown = plain(text)
    if value is None:
        return shown in ("", "null")
    if value == "":
        return shown == ""
    if isinstance(value, bool):
        return shown.lower() == str(value).lower() or shown == str(int(value))
    if isinstance(value, int | float):
        return _number_matches(shown, value)
    if isinstance(value, list | dict):
        return _structure_matches(shown, value)
    return _text_matches(shown, str(value))


def _number_matches(shown: str, value: float) -> bool:
    """To as many digits as are printed."""
    shown = shown.replace(",", "")
    if not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", shown):
        return _INFINITIES.get(shown) == value
    decimals = len(re.sub(r"[eE].*", "", shown).partition(".")[2])
    tolerance = max(abs(value) * 1e-9, 0.6 * 10**-decimals if decimals else 0)
    return abs(float(shown) - value) <= tolerance


def _text_matches(shown: str, value: str) -> bool:
    if shown == value.strip() or shown.replace("\\|", "|") == value.strip():
        return True
    if shown in _INFINITIES:
        return {"Infinity": "∞", "-Infinity": "-∞", "NaN": "NaN"}.get(value) == shown
    moment = parse_datetime(value)
    if moment is not None and re.match(r"\d{4}-", value):
        return parse_datetime(shown) == moment
    span = parse_timespan(value)
    if span is not None and ":" in value:
        return parse_timespan(re.sub(r"^(\d+):(\d+:\d+:\d+)$", r"\1.\2", shown)) == span
    return False


def _structure_matches(shown: str, value: Any) -> bool:
    try:
        return bool(_same(json.loads(shown), value))
    except ValueError:
        bare = re.compile(r"[\s\"'`]")
        return bare.sub("", shown) == bare.sub("", json.dumps(value, separators=(",", ":")))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return set(one) == set(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, str) and isinstance(other, str):
        return _text_matches(one.strip(), other)
    return bool(one == other)


def _cells(row: Sequence[str], width: int) -> list[str]:
    """A printed row with as many cells as there are columns; a `|` inside a cell had split it."""
    if width == 1:
        return ["|".join(row)]
    return [*row[:width], *[""] * (width - len(row))]


def rows_match(
    printed_columns: Sequence[str],
    printed_rows: Sequence[Sequence[str]],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    ordered: bool,
) -> str | None:
    """None where the printed rows are the rows; else what differs."""
    names = [plain(name).lower() for name in printed_columns]
    found = [name.lower() for name in columns]
    if sorted(names) != sorted(found):
        return f"columns {list(columns)}, printed {list(printed_columns)}"
    places = [found.index(name) for name in names]
    wanted = [_cells(row, len(names)) for row in printed_rows]
    if len(wanted) != len(rows):
        return f"{len(rows)} rows, printed {len(wanted)}"
    rest = [[row[place] for place in places] for row in rows]
    for cells in wanted:
        candidates = range(min(1, len(rest))) if ordered else range(len(rest))
        place = next(
            (n for n in candidates if all(cell_matches(c, v) for c, v in zip(cells, rest[n], strict=True))),
            None,
        )
        if place is None:
            return f"printed row {cells} is not among {rest[:5]}"
        rest.pop(place)
    return None
