"""What the commands' options say of a run: profiles, hand-written cases, generated ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.pipeline import Settings
from converter.report.plain import plain
from converter.taxonomy import Taxonomy, load_taxonomy

_SHOWN = 3
"""So many rules whose cases are not used are named."""


def settings_of(
    rules: Sequence[Path],
    targets: Sequence[str],
    profiles: Sequence[str],
    fixtures: Path | None,
    taxonomy: Path | None,
    max_cases: int | None,
) -> Settings:
    """The settings of a run; `max_cases`: how many cases are generated a rule, at most; None: none.

    Raises UsageError where no profile has these names.
    """
    known = taxonomy_of(taxonomy).profiles
    for name in profiles:
        if name not in known:
            raise click.UsageError(f"no such profile: {name} (there are {', '.join(known)})")
    chosen = tuple(
        name
        for name, profile in known.items()
        if (not targets or profile.target in targets) and (not profiles or name in profiles)
    )
    if not chosen:
        raise click.UsageError(
            f"no profile of the target {' or '.join(targets)} is named {' or '.join(profiles)}"
        )
    return Settings(chosen, written_cases(rules, fixtures), taxonomy, max_cases)


def taxonomy_of(folder: Path | None) -> Taxonomy:
    """The tables, with those of the user's own folder. Raises SourceError for such that can't be used."""
    taxonomy = load_taxonomy(folder)
    if folder is not None:
        from converter.lowering.conversions.check import check  # our own tables are checked by a test

        check(taxonomy)
    return taxonomy


def written_cases(rules: Sequence[Path], folder: Path | None) -> Mapping[str, Sequence[Case]]:
    """The named folder's cases, or those of `events/` beside the folder of rules, where there is one."""
    folders = [folder] if folder is not None else list(_beside(rules))
    if not folders:
        return {}
    from converter.events.fixtures import load_fixtures  # most rules have none

    cases: dict[str, Sequence[Case]] = {}
    for one in folders:
        cases.update(load_fixtures(one))
    return cases


def _beside(rules: Sequence[Path]) -> Iterator[Path]:
    for path in rules:
        beside = (path if path.is_dir() else path.parent).parent / "events"
        if beside.is_dir():
            yield beside


def warn_of_unused(folder: Path | None, cases: Mapping[str, Sequence[Case]], rules: Sequence[Rule]) -> None:
    """One line on the cases of a folder that was named whose rules are not there: they prove nothing."""
    known = {rule.rule_id for rule in rules}
    unused = [
        (rule_id, found[0].origin) for rule_id, found in cases.items() if rule_id not in known and found
    ]
    if folder is None or not unused:
        return
    shown = ", ".join(f"{rule_id} ({origin})" for rule_id, origin in unused[:_SHOWN])
    more = f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else ""
    text = f"converter: warning: {folder}: cases of rules that are not among those read: {shown}{more}"
    click.echo(plain(text), err=True)
