"""`converter fixtures`: the generated cases as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from converter.commands.settings import taxonomy_of
from converter.commands.status import status
from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.events.generate import generate_cases, write_fixtures
from converter.source import NotSupportedError, SourceError


def write_generated(rules: Sequence[Path], out: Path, taxonomy: Path | None, max_cases: int) -> int:
    """Writes each rule's generated cases as a fixture file. 0, or 1 where a rule could not be read."""
    loaded = load_paths(rules)
    found = taxonomy_of(taxonomy)
    made: list[tuple[Rule, Sequence[Case]]] = []
    errors = list(loaded.errors)
    for rule in loaded.rules:
        try:
            made.append((rule, generate_cases(rule, parse_rule(rule), found, max_cases).cases))
        except NotSupportedError as refusal:
            click.echo(f"{rule.name}: no cases: {refusal.message}", err=True)
        except SourceError as error:
            errors.append(SourceError(error.message, error.position, error.path or rule.source))
    try:
        written = write_fixtures(out, made)
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}", path=str(error.filename or out)) from None
    number = f"{len(written)} rule{'' if len(written) == 1 else 's'}"
    click.echo(f"{sum(len(cases) for _, cases in made)} cases of {number} in {out}")
    return status((), errors)
