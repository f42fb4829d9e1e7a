"""What a person waits for who converts one rule: `python benchmarks/one_rule.py [--cold] [--all] [RULES...]`.

Each rule in a new process, with all targets, generated cases and verdicts; what became of it before is not in
the cache. Warm: the derived tables (`converter/kept`) are there, as from the second run after an install on;
`--cold`: they are not. Python keeps its bytecode, as it does where the converter is installed. The best of
five runs, on the clock and of the processors (the time of all processes). Default: the bundled rules; with
RULE_CORPUS set, also every 26th rule of the corpus. `--all`: every rule of the corpus, each run until it took
less than a second, five times at most. Prints a line a rule, how many took less than a second, and how fast
the machine was meanwhile (`cold.loop`); exits with 1 where a rule took longer.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cold import loop

ROOT = Path(__file__).parents[1]
RUNS = 5
EACH = 26
LIMIT = 1.0
OPTIONS = ("--cold", "--all")


def main() -> int:
    """Times every rule."""
    cold, whole = (option in sys.argv for option in OPTIONS)
    given = [Path(one) for one in sys.argv[1:] if one not in OPTIONS]
    found, loops = [], []
    for rule in given or default_rules(1 if whole else EACH):
        clock, busy = best(rule, cold, LIMIT if whole else 0.0)
        found.append(clock)
        loops.append(loop())
        print(f"{rule.stem:70} {clock:5.2f} s, {busy:5.2f} s of processors", flush=True)
    fast, ordered = sum(clock < LIMIT for clock in found), sorted(found)
    middle, slow = ordered[len(ordered) // 2], ordered[len(ordered) * 9 // 10]
    print(f"{fast} of {len(found)} under {LIMIT} s")
    print(f"half within {middle:.2f} s, nine in ten within {slow:.2f} s, the slowest {ordered[-1]:.2f} s")
    print(
        f"a fixed loop took {min(loops):.3f} s at best, {sorted(loops)[len(loops) // 2]:.3f} s in the middle"
    )
    return 1 if fast < len(found) else 0


def default_rules(each: int) -> list[Path]:
    """The bundled rules, and each of so many of the corpus where there is one."""
    corpus = os.environ.get("RULE_CORPUS")
    sample = sorted((Path(corpus) / "elastic-rules").rglob("*.toml"))[::each] if corpus else []
    return [*sorted((ROOT / "fixtures" / "rules").glob("*.toml")), *sample]


def best(rule: Path, cold: bool, enough: float) -> tuple[float, float]:
    """The least times of all runs; no more runs where one took less than is enough."""
    times: list[tuple[float, float]] = []
    while len(times) < RUNS and not (times and min(times)[0] < enough):
        times.append(once(rule, cold))
    clock, busy = (min(column) for column in zip(*times, strict=True))
    return clock, busy


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
