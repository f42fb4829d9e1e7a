"""What each command does: from its options to an exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import click

from converter.cache import run_cached
from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.result import CompiledQuery, Matches
from converter.events.case import Case
from converter.events.fixtures import load_fixtures
from converter.events.generate import generate_cases, write_fixtures
from converter.events.reading import read_events
from converter.harness.outcome import Outcome, folder_of
from converter.mutate import MutationSettings, print_score, sampled, score_folder
from converter.pipeline import Settings, convert_rule, validate
from converter.report import console
from converter.report.document import report
from converter.report.earlier import earlier, paths_in
from converter.report.output import kept, paths_of, write
from converter.source import NotSupportedError, SourceError
from converter.taxonomy import load_taxonomy


def convert_rules(
    rules: Sequence[Path],
    out: Path,
    targets: Sequence[str],
    profiles: Sequence[str],
    fixtures: Path | None,
    taxonomy: Path | None,
    jobs: int | None,
    generated: tuple[bool, int] = (False, 400),
    cache: Path | None = None,
) -> int:
    """Converts, writes, prints the verdict table. 0, or 1 where a rule failed or could not be read.

    `generated`: whether cases are generated, and how many a rule at most. `cache`: where outcomes are kept
    for the next run.
    """
    loaded = load_paths(rules)
    settings = _settings(rules, targets, profiles, fixtures, taxonomy)
    settings = replace(settings, generate=generated[0], max_cases=generated[1])
    with console.progress(len(loaded.rules)) as advance:
        outcomes, converted = run_cached(loaded.rules, settings, cache, jobs, advance)
    paths = paths_of(outcomes)
    errors = _errors(outcomes, loaded.errors)
    profiles_of = load_taxonomy(taxonomy).profiles
    stay = kept(out, paths, errors, {folder_of(profiles_of[name]) for name in settings.profiles})
    before = earlier(out, outcomes, profiles_of, set(chain.from_iterable(paths.values())))
    told = set(paths_in(before))
    untold = {path: source for path, source in stay.items() if path not in told}
    write(out, outcomes, paths, report(outcomes, paths, errors, untold, before), {*stay, *told})
    console.verdicts(outcomes, settings.profiles)
    click.echo(console.tally(len(outcomes) - converted, outcomes, len(loaded.errors)))
    if stay:
        click.echo(console.stayed(len(stay)))
    return _status(outcomes, loaded.errors)


def mutate_folder(
    settings: MutationSettings,
    rules: Sequence[Path],
    fixtures: Path | None,
    sample: tuple[int | None, int],
    survivors: tuple[int, int | None],
    jobs: int | None,
) -> int:
    """Prints what share of the folder's mutants its cases catch. 0, or 1 where a rule could not be read.

    `sample`: of how many rules, and the seed that chooses them; `survivors`: how many of them are listed,
    and the seed that draws these; None for the first ones.
    """
    loaded = load_paths(rules)
    written = _fixtures(rules, fixtures)
    chosen = [(rule, written.get(rule.rule_id, ())) for rule in sampled(loaded.rules, *sample)]
    with console.progress(len(chosen)) as advance:
        score = score_folder(settings, chosen, jobs, advance)
    print_score(score, survivors[0], console.console(), survivors[1])
    return _status((), loaded.errors)


def validate_folder(
    folder: Path,
    rules: Sequence[Path],
    fixtures: Path | None,
    taxonomy: Path | None,
    generated: tuple[bool, int],
    jobs: int | None,
) -> int:
    """Runs the cases through the files in the folder. 0, or 1 where one does what it does not declare."""
    loaded = load_paths(rules)
    settings = _settings(rules, (), (), fixtures, taxonomy)
    settings = replace(settings, generate=generated[0], max_cases=generated[1])
    with console.progress(len(loaded.rules)) as advance:
        outcomes = validate(folder, loaded.rules, settings, jobs, advance)
    console.verdicts(outcomes, settings.profiles)
    return _status(outcomes, loaded.errors)


def write_generated(rules: Sequence[Path], out: Path, taxonomy: Path | None, max_cases: int) -> int:
    """Writes each rule's generated cases as a fixture file. 0, or 1 where a rule could not be read."""
    loaded = load_paths(rules)
    found = load_taxonomy(taxonomy)
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
    click.echo(f"{sum(len(cases) for _, cases in made)} cases of {len(written)} rules in {out}")
    return _status((), errors)


def evaluate_query(
    lang: str, query: str | None, path: Path | None, events: Path | None, as_json: bool
) -> int:
    """Prints what one query makes of events; None: there are none."""
    text = query if query is not None else _read(path) if path is not None else ""
    documents = [] if events is None else _events(events)
    try:
        result = _compile(lang, text).run(documents)
    except SourceError as error:
        raise SourceError(
            error.message, error.position, error.path or (str(path) if path else "query")
        ) from None
    if as_json:
        click.echo(_json(_result(result)))
    else:
        console.result(result, documents)
    return 0


def explain_rule(
    path: Path, fixtures: Path | None, taxonomy: Path | None, generated: tuple[bool, int]
) -> int:
    """Prints all about the rules of one file."""
    loaded = load_paths([path])
    settings = _settings([path], (), (), fixtures, taxonomy)
    settings = replace(settings, generate=generated[0], max_cases=generated[1])
    outcomes = [convert_rule(rule, settings) for rule in loaded.rules]
    for outcome in outcomes:
        console.explanation(outcome)
    return _status(outcomes, loaded.errors)


def _status(outcomes: Sequence[Outcome], errors: Sequence[SourceError]) -> int:
    broken = _errors(outcomes, errors)
    for error in broken:
        click.echo(console.plain(f"converter: {error}"), err=True)
    return 1 if broken or any(outcome.failed for outcome in outcomes) else 0


def _errors(outcomes: Sequence[Outcome], errors: Sequence[SourceError]) -> list[SourceError]:
    """All that could not be read: while loading, and while parsing."""
    return [*errors, *(outcome.error for outcome in outcomes if outcome.error is not None)]


def _settings(
    rules: Sequence[Path],
    targets: Sequence[str],
    profiles: Sequence[str],
    fixtures: Path | None,
    taxonomy: Path | None,
) -> Settings:
    known = load_taxonomy(taxonomy).profiles
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
    return Settings(chosen, _fixtures(rules, fixtures), taxonomy)


def _fixtures(rules: Sequence[Path], folder: Path | None) -> Mapping[str, Sequence[Case]]:
    """The named folder's cases, or those of `events/` beside the folder of rules, where there is one."""
    if folder is not None:
        return load_fixtures(folder)
    cases: dict[str, Sequence[Case]] = {}
    for path in rules:
        base = path if path.is_dir() else path.parent
        beside = base.parent / "events"
        if beside.is_dir():
            cases.update(load_fixtures(beside))
    return cases


def _compile(lang: str, text: str) -> CompiledQuery:
    from converter.evaluate import languages

    return languages.compile_query(lang, text)


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


def _events(path: Path) -> list[dict[str, Any]]:
    return read_events(_read(path), _name(path))
