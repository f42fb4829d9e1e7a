"""What one waits for the first time: `python benchmarks/cold.py [RULES...]`.

`converter convert` with all targets, generated cases and verdicts, as many processes as there are cores, and
nothing kept from before: neither derived tables nor outcomes. Default: the bundled rules; with RULE_CORPUS
set, the corpus. Prints the time on the clock and of the processors.

Cores that are shared with others run at half their pace when those are busy, and no time of a process shows
it. So a small loop is timed now and then while the converter runs: the pace is its quickest time by each of
its times. The work at the best pace is the time on the clock by the mean pace.
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
PAUSE = 2.0
"""Seconds between two looks at the pace; each takes some hundredths of a second."""


def main() -> int:
    """Converts once; the converter's exit status."""
    corpus = os.environ.get("RULE_CORPUS")
    rules = [*sys.argv[1:]] or [corpus or str(ROOT / "fixtures" / "rules")]
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "converter", "convert", *rules]
        command += ["--out", f"{place}/out", "--cache", f"{place}/outcomes"]
        environment = dict(os.environ, XDG_CACHE_HOME=f"{place}/derived")
        start, loops = time.perf_counter(), [loop()]
        with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as converting:
            while converting.poll() is None:
                time.sleep(PAUSE)
                loops.append(loop())
        clock = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    pace = sum(min(loops) / one for one in loops) / len(loops)
    print(f"{clock:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processors, {used.ru_maxrss // 1024} MiB")
    print(f"the cores at {pace:.0%} of their best pace ({len(loops)} looks); at that {clock * pace:.0f} s")
    return converting.returncode


def loop() -> float:
    """Seconds of the processor for something that is always the same."""
    start = time.process_time()
    found: dict[str, int] = {}
    for number in range(100_000):
        found[str(number % 5000)] = number
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
