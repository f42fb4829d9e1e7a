"""`converter evaluate`: one query over a file of events."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from converter.evaluate.languages import compile_query
from converter.evaluate.result import Matches
from converter.events.reading import read_events
from converter.report import console
from converter.source import SourceError


def evaluate_query(
    lang: str, query: str | None, path: Path | None, events: Path | None, as_json: bool
) -> int:
    """Prints what one query makes of events; None: there are none."""
    text = query if query is not None else _read(path) if path is not None else ""
    documents = [] if events is None else read_events(_read(events), _name(events))
    try:
        result = compile_query(lang, text).run(documents)
    except SourceError as error:
        raise SourceError(
            error.message, error.position, error.path or (str(path) if path else "query")
        ) from None
    if as_json:
        click.echo(_json(_result(result)))
    else:
        console.result(result, documents)
    return 0


def _json(value: dict[str, Any]) -> str:
    """JSON in UTF-8; in ASCII where a text holds half of a surrogate pair, which UTF-8 does not have."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    return text


def _result(result: Any) -> dict[str, Any]:
    if isinstance(result, Matches):
        return {"matches": [list(alert) for alert in result.alerts]}
    return {"columns": list(result.columns), "rows": [list(row) for row in result.rows]}


def _read(path: Path) -> str:
    """A file's text; that of standard input for `-`."""
    name = _name(path)
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=name) from None
    except UnicodeDecodeError as error:
        raise SourceError(f"not UTF-8 at byte {error.start}", path=name) from None


def _name(path: Path) -> str:
    return "standard input" if str(path) == "-" else str(path)
