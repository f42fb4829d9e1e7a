"""`converter explain`: all about the rules of one file."""

from __future__ import annotations

from pathlib import Path

from converter.commands.settings import settings_of
from converter.commands.status import status
from converter.elastic.load import load_paths
from converter.pipeline import convert_rule
from converter.report.explanation import explanation
from converter.report.rows import row_of


def explain_rule(path: Path, fixtures: Path | None, taxonomy: Path | None, max_cases: int | None) -> int:
    """Prints all about the rules of one file. 0, or 1 where one failed or could not be read."""
    loaded = load_paths([path])
    settings = settings_of([path], (), (), fixtures, taxonomy, max_cases)
    outcomes = [convert_rule(rule, settings) for rule in loaded.rules]
    for outcome in outcomes:
        explanation(outcome)
    return status([row_of(outcome, ()) for outcome in outcomes], loaded.errors)
