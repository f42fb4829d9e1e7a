"""Our `convert` against sigma-cli's road over the same rules: `python benchmarks/convert.py` (RULE_CORPUS).

Ours: all targets and profiles, from TOML to files, without generated cases and without the cache. Theirs: the
Sigma rules that ours wrote, through pySigma's Splunk and then Kusto backend, as `sigma convert` runs them
(load the collection, apply the pipeline, convert; what can't be converted is passed over). Each runs in a
fresh process. Prints seconds, memory and the ratio; exits with 1 where ours is slower, or over 60 s or 1 GiB.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_SECONDS = 60
MOST_MEMORY = 1024


def main() -> int:
    """Both, and the ratio."""
    if len(sys.argv) == 3:
        return stock(sys.argv[1], Path(sys.argv[2]))
    corpus = os.environ.get("RULE_CORPUS")
    rules = Path(corpus) / "elastic-rules" if corpus else ROOT / "fixtures" / "rules"
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        arguments = ["convert", str(rules), "--out", str(out), "--no-generate", "--no-cache"]
        ours = timed("converter, all targets", [sys.executable, "-m", "converter", *arguments])
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        theirs = sum(
            timed(f"pySigma, {name}", [sys.executable, __file__, name, str(out / "sigma")])
            for name in ("splunk", "kusto")
        )
    print(f"ours / theirs: {ours / theirs:.2f}; largest process of ours: {memory} MiB")
    return 1 if ours > theirs or ours > MOST_SECONDS or memory > MOST_MEMORY else 0


def timed(name: str, command: list[str]) -> float:
    """Runs the command and prints the seconds that it took, on the clock and of the processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    last = (done.stdout.strip().splitlines() or [""])[-1]
    print(f"{name:26} {seconds:7.1f} s, {busy:7.1f} s of processors; status {done.returncode}; {last}")
    return seconds


def stock(backend: str, folder: Path) -> int:
    """pySigma's backend over the Sigma files, rule by rule."""
    from sigma.backends.kusto.kusto import KustoBackend
    from sigma.backends.splunk.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    from sigma.correlations import SigmaCorrelationRule
    from sigma.pipelines.microsoftxdr.microsoftxdr import microsoft_xdr_pipeline
    from sigma.pipelines.splunk.splunk import splunk_windows_pipeline

    collection = SigmaCollection.load_ruleset([folder], recursion_pattern="**/*.yml")
    if backend == "splunk":
        engine = SplunkBackend(splunk_windows_pipeline(), collect_errors=True)
    else:
        engine = KustoBackend(microsoft_xdr_pipeline(), collect_errors=True)
    collection.resolve_rule_references()
    queries = refused = 0
    for rule in collection.rules:
        correlation = isinstance(rule, SigmaCorrelationRule)
        try:
            made = engine.convert_correlation_rule(rule) if correlation else engine.convert_rule(rule)
            queries += len(made)
        except Exception:  # pipelines raise whatever comes: that is their answer
            refused += 1
    print(f"{len(collection.rules)} Sigma rules, {queries} queries, {refused + len(engine.errors)} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
