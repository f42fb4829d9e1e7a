"""What an output folder's report says of each rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from converter.source import SourceError

REPORT = "report.json"
Entry: TypeAlias = Mapping[str, Any]
"""What the report says of one rule."""


def entries_of(folder: Path) -> dict[str, Entry]:
    """The report's entries by rule id. Raises SourceError for a folder without a readable report."""
    try:
        return {entry["rule_id"]: entry for entry in _report(folder)["rules"]}
    except (KeyError, TypeError):
        raise SourceError("not a report of the converter", path=str(folder / REPORT)) from None


def files_of(item: Mapping[str, Any]) -> list[str]:
    """The paths of a translation's files, from its entry in the report."""
    return list(item.get("paths") or ([item["path"]] if item["path"] is not None else []))


def _report(folder: Path) -> Any:
    path = folder / REPORT
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=str(path)) from None
    except ValueError as error:
        raise SourceError(f"not a report: {error}", path=str(path)) from None
