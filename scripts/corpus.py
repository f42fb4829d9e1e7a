"""What becomes of a whole corpus of rules: `make corpus` (reads RULE_CORPUS).

Prints the tables of `corpus_tables`: what must be reached, fidelity by profile, coverage by language, rule
type and family of log sources, the reasons ranked, and what the generated cases show. `--quick` leaves the
generated cases out (and with them all that only they show); `--write FILE` writes the tables as Markdown
too (docs/coverage.md). Exits with 1 where a translation does what it does not declare, a rule can't be read,
or a KQL query is not one for Microsoft's parser.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus_tables import Run, as_markdown, as_text, failures, tables

from converter.backends.kusto_check import check_queries
from converter.elastic.load import load_paths
from converter.events.case import MOST_CASES
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, run
from converter.sigma.validation import Checker
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of


def main() -> int:
    """Converts the corpus and prints the tables; 2 without RULE_CORPUS."""
    arguments = _arguments()
    place = os.environ.get("RULE_CORPUS")
    if not place:
        print("RULE_CORPUS is not set: there is nothing to convert", file=sys.stderr)
        return 2
    start = time.perf_counter()
    loaded = load_paths([Path(place) / "elastic-rules"])
    profiles = tuple(load_taxonomy().profiles)
    outcomes = run(loaded.rules, Settings(profiles, max_cases=None if arguments.quick else MOST_CASES))
    seconds = time.perf_counter() - start
    found = Run(
        outcomes,
        profiles,
        len(loaded.errors),
        _invalid_sigma(outcomes, Path(place) / "schemas"),
        _diagnostics(outcomes),
    )
    shown = tables(found)
    print(as_text(shown))
    if arguments.write is not None:
        arguments.write.write_text(as_markdown(shown), encoding="utf-8")
    failed = failures(outcomes)
    for line in failed[: arguments.show]:
        print(f"FAILED {line}")
    own, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"\n{seconds:.1f} s ({own.ru_utime + workers.ru_utime:.0f} s of processor time); "
        f"{own.ru_maxrss // 1024} MiB in the main process, {workers.ru_maxrss // 1024} in the largest other"
    )
    return 1 if failed or found.diagnostics or loaded.errors else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What becomes of the rules in RULE_CORPUS.")
    parser.add_argument("--quick", action="store_true", help="without generated cases")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables as Markdown")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="how many failures are shown")
    return parser.parse_args()


def _invalid_sigma(outcomes: Iterable[Outcome], schemas: Path) -> dict[str, list[str]]:
    """The Sigma files that the schemas, pySigma or SigmaHQ's validators object to, by the rule's path."""
    checker = Checker(schemas if schemas.is_dir() else None)
    wrong: dict[str, list[str]] = {}
    for outcome in outcomes:
        for item in outcome.translations:
            if item.profile.target != "sigma":
                continue
            for name, text in item.files.items():
                issues = checker.check(text, name)
                if issues:
                    wrong.setdefault(outcome.rule.source, []).extend(
                        f"{name}: {issue.rule}: {issue.message}" for issue in issues
                    )
    return wrong


def _diagnostics(outcomes: Sequence[Outcome]) -> list[str]:
    """What Microsoft's parser says of the KQL queries that it objects to."""
    wrong: list[str] = []
    for profile in load_taxonomy().profiles.values():
        if profile.target != "kql":
            continue
        queries = [
            (outcome.rule.source, item.text)
            for outcome in outcomes
            for item in outcome.translations
            if item.profile.name == profile.name and item.text is not None
        ]
        found = check_queries([text for _, text in queries], schemas_of(profile))
        wrong += [
            f"{source} {profile.name}: {diagnostics[0]}"
            for (source, _), diagnostics in zip(queries, found, strict=True)
            if diagnostics
        ]
    return wrong


if __name__ == "__main__":
    sys.exit(main())
