"""What a person waits for who converts one rule: `python benchmarks/one_rule.py [--cold] [RULES...]`.

Each rule in a new process, with all targets, generated cases and verdicts; what became of it before is not in
the cache. Warm: the derived tables (`converter/kept`) are there, as from the second run after an install on;
`--cold`: they are not. Python keeps its bytecode, as it does where the converter is installed. The best of
five runs, on the clock and of the processors (the time of all processes). Default: the bundled rules; with
RULE_CORPUS set, also every 26th rule of the corpus. Prints a line a rule, and how many took less than a
second; exits with 1 where fewer than nine in ten did.
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
RUNS = 5
EACH = 26
LIMIT = 1.0
SHARE = 0.9


def main() -> int:
    """Times every rule."""
    cold = "--cold" in sys.argv
    rules = [Path(given) for given in sys.argv[1:] if given != "--cold"] or default_rules()
    found = []
    for rule in rules:
        clock, busy = (min(column) for column in zip(*(once(rule, cold) for _ in range(RUNS)), strict=True))
        found.append(clock)
        print(f"{rule.stem:70} {clock:5.2f} s, {busy:5.2f} s of processors")
    fast, ordered = sum(clock < LIMIT for clock in found), sorted(found)
    middle, slow = ordered[len(ordered) // 2], ordered[len(ordered) * 9 // 10]
    print(
        f"{fast} of {len(found)} under {LIMIT} s; half within {middle:.2f} s, nine in ten within {slow:.2f} s"
    )
    return 1 if fast < SHARE * len(found) else 0


def default_rules() -> list[Path]:
    """The bundled rules, and a sample of the corpus where there is one."""
    corpus = os.environ.get("RULE_CORPUS")
    sample = sorted((Path(corpus) / "elastic-rules").rglob("*.toml"))[::EACH] if corpus else []
    return [*sorted((ROOT / "fixtures" / "rules").glob("*.toml")), *sample]


def once(rule: Path, cold: bool) -> tuple[float, float]:
    """Seconds on the clock and of the processors for one conversion."""
    with tempfile.TemporaryDirectory() as place:
        arguments = ["convert", str(rule), "--out", f"{place}/out", "--cache", f"{place}/outcomes"]
        environment = dict(os.environ, **({"XDG_CACHE_HOME": f"{place}/derived"} if cold else {}))
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "converter", *arguments], env=environment, cwd=ROOT, capture_output=True
        )
        clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
