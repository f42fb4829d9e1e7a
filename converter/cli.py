"""The command line: options and messages; what they do lies in the stations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from converter.events.case import MOST_CASES
from converter.garbage import collect_rarely, leave
from converter.source import SourceError

TARGETS = ("sigma", "splunk", "kql")


def _example(text: str) -> str:
    return f"\b\nExample:\n  {text}"


_out = click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write into.")
_rules = click.option(
    "--rules", required=True, multiple=True, type=click.Path(path_type=Path), help="The original rules."
)
_fixtures = click.option(
    "--fixtures",
    type=click.Path(path_type=Path),
    help="Folder with cases; default: beside the rules.",
)
_taxonomy = click.option(
    "--taxonomy", type=click.Path(path_type=Path), help="Folder with tables laid over the built-in ones."
)
_jobs = click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one a core.")
_generate = click.option(
    "--generate/--no-generate", default=True, help="Also use cases generated from each rule; on by default."
)
_max_cases = click.option(
    "--max-cases",
    type=click.IntRange(min=1),
    default=MOST_CASES,
    show_default=True,
    help="Generated cases a rule, at most.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Elastic detection rules to Sigma, Splunk SPL and Microsoft KQL, each translation proved on events."""
    collect_rarely()


def run() -> None:
    """The program: a command, and the end of the process."""
    try:
        main(prog_name="converter")
    except SystemExit as end:
        leave(end)
        raise


@main.command(epilog=_example("converter convert rules/ --out out --target splunk --profile sysmon"))
@click.argument("rules", nargs=-1, required=True, type=click.Path(path_type=Path))
@_out
@click.option(
    "--target",
    "targets",
    multiple=True,
    type=click.Choice(TARGETS),
    help="Only this target; other targets' files stay.",
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    help="Only this profile, for example sysmon; other profiles' files stay.",
)
@_fixtures
@_taxonomy
@_jobs
@_generate
@_max_cases
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    help="Folder that keeps what became of each rule; default: in your cache folder. Safe to delete.",
)
@click.option("--no-cache", is_flag=True, help="Convert every rule, and keep none of them.")
def convert(
    rules: tuple[Path, ...],
    out: Path,
    targets: tuple[str, ...],
    profiles: tuple[str, ...],
    fixtures: Path | None,
    taxonomy: Path | None,
    jobs: int | None,
    generate: bool,
    max_cases: int,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Convert RULES (files, folders, Kibana exports) into the folder --out, and prove each translation."""
    from converter.commands.convert import convert_rules
    from converter.kept import default_folder

    kept = None if no_cache else cache or default_folder()
    most = _most(generate, max_cases)
    _exit(lambda: convert_rules(rules, out, targets, profiles, fixtures, taxonomy, jobs, most, kept))


@main.command(epilog=_example("converter mutate out --rules rules/ --sample 200 --seed 1"))
@click.argument("folder", type=click.Path(path_type=Path))
@_rules
@_fixtures
@click.option("--sample", type=click.IntRange(min=1), help="So many of the rules; default: all.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses the rules of the sample.")
@click.option(
    "--per-kind",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Mutants of each kind a file, at most; evenly spread over the file.",
)
@click.option("--survivors", type=click.IntRange(min=0), default=30, help="Survivors to list, at most.")
@click.option(
    "--draw", type=int, help="Seed that draws the listed survivors, in full; default: the first ones, cut."
)
@_taxonomy
@_jobs
@_generate
@_max_cases
def mutate(
    folder: Path,
    rules: tuple[Path, ...],
    fixtures: Path | None,
    sample: int | None,
    seed: int,
    per_kind: int,
    survivors: int,
    draw: int | None,
    taxonomy: Path | None,
    jobs: int | None,
    generate: bool,
    max_cases: int,
) -> None:
    """Change the emitted files in FOLDER one small step at a time; print the share that the cases catch."""
    from converter.commands.mutate import mutate_folder
    from converter.mutate import MutationSettings

    settings = MutationSettings(folder, per_kind, _most(generate, max_cases), taxonomy)
    _exit(lambda: mutate_folder(settings, rules, fixtures, (sample, seed), (survivors, draw), jobs))


@main.command(epilog=_example("converter validate out --rules rules/ --fixtures fixtures/events"))
@click.argument("folder", type=click.Path(path_type=Path))
@_rules
@_fixtures
@_taxonomy
@_jobs
@_generate
@_max_cases
def validate(
    folder: Path,
    rules: tuple[Path, ...],
    fixtures: Path | None,
    taxonomy: Path | None,
    jobs: int | None,
    generate: bool,
    max_cases: int,
) -> None:
    """Read the emitted files in FOLDER back and run every case through every evaluator."""
    from converter.commands.validate import validate_folder

    _exit(lambda: validate_folder(folder, rules, fixtures, taxonomy, _most(generate, max_cases), jobs))


@main.command(epilog=_example("converter fixtures rules/ --out fixtures/generated"))
@click.argument("rules", nargs=-1, required=True, type=click.Path(path_type=Path))
@_out
@_taxonomy
@_max_cases
def fixtures(rules: tuple[Path, ...], out: Path, taxonomy: Path | None, max_cases: int) -> None:
    """Write the cases that are generated from RULES into the folder --out, as fixture files."""
    from converter.commands.fixtures import write_generated

    _exit(lambda: write_generated(rules, out, taxonomy, max_cases))


@main.command(epilog=_example("converter evaluate --lang eql --query 'process where true' events.ndjson"))
@click.option(
    "--lang", required=True, type=click.Choice(["eql", "kuery", "lucene", "esql", "sigma", "spl", "kql"])
)
@click.option("--query", help="The query text.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="A file with the query.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: event numbers, or columns and rows.")
@click.argument("events", required=False, type=click.Path(path_type=Path, allow_dash=True))
def evaluate(lang: str, query: str | None, path: Path | None, as_json: bool, events: Path | None) -> None:
    """Run one query over EVENTS (JSON lines, an array or objects in a row; - is standard input).

    KQL that makes its own rows (datatable, print, range) needs no EVENTS.
    """
    from converter.commands.evaluate import evaluate_query

    if events is None and lang != "kql":
        raise click.UsageError("Missing argument 'EVENTS'.")
    if (query is None) == (path is None):
        raise click.UsageError("one of --query and --file is needed")
    _exit(lambda: evaluate_query(lang, query, path, events, as_json))


@main.command(epilog=_example("converter explain rules/suspicious_cmd_wmi.toml"))
@click.argument("rule", type=click.Path(path_type=Path))
@_fixtures
@_taxonomy
@_generate
@_max_cases
def explain(rule: Path, fixtures: Path | None, taxonomy: Path | None, generate: bool, max_cases: int) -> None:
    """What became of one RULE: source, queries side by side, fidelity, cases and verdicts."""
    from converter.commands.explain import explain_rule

    _exit(lambda: explain_rule(rule, fixtures, taxonomy, _most(generate, max_cases)))


def _most(generate: bool, max_cases: int) -> int | None:
    """How many cases are generated a rule, at most; None: none."""
    return max_cases if generate else None


def _exit(command: Callable[[], int]) -> None:
    """Runs a command and exits with its status; a SourceError is one line on standard error and status 1."""
    try:
        sys.exit(command())
    except SourceError as error:
        from converter.report.plain import plain

        click.echo(plain(f"converter: {error}"), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
