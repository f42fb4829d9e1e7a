"""The evaluators against the real engines' own cases: `make conformance` (needs RULE_CORPUS).

Prints for each suite: cases, passed, refused (with reasons), failed; exits with 1 where one failed.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
for _folder in ("elastic", "kusto", "sigma", "spl"):
    sys.path.insert(0, str(ROOT / "tests" / "evaluate" / _folder))

Suite = tuple[Counter[str], Counter[str], list[str]]
"""Counts of passed, refused and failed; the reasons of refusals; the names of failures."""


def eql(corpus: Path) -> Suite:
    """Endgame's EQL queries over its recorded events."""
    import test_eql_conformance as suite

    from converter.source import SourceError

    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failed: list[str] = []
    for case in suite._cases():
        try:
            reason = suite.dropped(case)
            if reason is not None:
                verdicts["refused"] += 1
                reasons[reason] += 1
                continue
            suite.test_query_returns_listed_events(case)
            verdicts["passed"] += 1
        except (AssertionError, SourceError, ValueError) as error:
            verdicts["failed"] += 1
            failed.append(f"{case['query'].strip()}: {error}")
    return verdicts, reasons, failed


def kusto(corpus: Path) -> Suite:
    """The examples of the Kusto documentation."""
    from kusto_examples import outcomes

    names = {"passed": "passed", "outside": "refused", "failed": "failed"}
    found = list(outcomes(corpus))
    verdicts = Counter(names[outcome.verdict] for outcome in found)
    reasons = Counter(outcome.detail for outcome in found if outcome.verdict == "outside")
    return verdicts, reasons, [outcome.name for outcome in found if outcome.verdict == "failed"]


def sigma(corpus: Path) -> Suite:
    """SigmaHQ's rules over the event recorded for each."""
    import test_sigma_regression as suite

    from converter.evaluate.sigma import compile_sigma
    from converter.source import SourceError

    rules = suite._rules()
    failed = []
    for name, text in rules.items():
        try:
            if not compile_sigma(text).run(suite._events(name)):
                failed.append(name)
        except SourceError as error:
            failed.append(f"{name}: {error}")
    return Counter(passed=len(rules) - len(failed), failed=len(failed)), Counter(), failed


def spl(corpus: Path) -> Suite:
    """The same rules through the stock Splunk backend, over the same events as Splunk's fields."""
    import test_sigma_corpus as suite
    from sigma.backends.splunk.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError

    from converter.evaluate.spl import compile_spl
    from converter.source import SourceError

    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failed: list[str] = []
    for folder in sorted(path.parent for path in (corpus / "sigmahq-regression").glob("*/rule.yml")):
        rule = SigmaCollection.from_yaml((folder / "rule.yml").read_text(encoding="utf-8"))
        events = [suite._splunk_fields(event) for event in suite._documents(folder / "event.json")]
        try:
            queries = SplunkBackend(suite._pipelines()).convert(rule)
            verdict = "passed" if any(compile_spl(query).run(events) for query in queries) else "failed"
        except SigmaError as error:
            verdict = "refused"
            reasons[f"the stock backend does not convert it: {error}"] += 1
        except SourceError as error:
            verdict = "refused"
            reasons[f"a fault of the stock backend: {error.message}"] += 1
        verdicts[verdict] += 1
        if verdict == "failed":
            failed.append(folder.name)
    return verdicts, reasons, failed


SUITES: dict[str, Callable[[Path], Suite]] = {"eql": eql, "kusto": kusto, "sigma": sigma, "spl": spl}


def main() -> int:
    """Runs all suites; 1 where a case failed, 2 without RULE_CORPUS."""
    place = os.environ.get("RULE_CORPUS")
    if not place:
        print("RULE_CORPUS is not set: there is nothing to run", file=sys.stderr)
        return 2
    status = 0
    for name, run in SUITES.items():
        verdicts, reasons, failed = run(Path(place))
        counts: dict[str, Any] = {key: verdicts[key] for key in ("passed", "refused", "failed")}
        shown = ", ".join(f"{count} {key}" for key, count in counts.items())
        print(f"{name}: {sum(verdicts.values())} cases, {shown}")
        for reason, count in reasons.most_common():
            print(f"    {count:4} {reason}")
        for case in failed:
            print(f"    FAILED {case.strip()}")
        status |= bool(failed)
    return status


if __name__ == "__main__":
    sys.exit(main())
