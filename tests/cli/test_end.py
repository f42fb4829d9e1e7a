"""The process ends at once, and all that is to be said of it is said: its status, and every line."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys
atexit.register(print, "Python's own end")
from converter.cli import run
{before}
sys.argv = ["converter", {words}]
run()
"""


def _run(words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(words=words, before=before)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ('"--help"', 0, "Usage: converter"),
        ('"convert", "--help"', 0, "--no-cache"),
        ('"evaluate", "--lang", "kql", "--query", "print a = 1"', 0, "1"),
        ('"convert"', 2, "Usage: converter convert"),
        ('"explain", "no such file.toml"', 1, "no such file.toml"),
    ],
)
def test_status_and_lines(words: str, status: int, said: str) -> None:
    done = _run(words)
    assert done.returncode == status
    assert said in done.stdout + done.stderr
    assert "Python's own end" not in done.stdout


def test_a_profiler_has_pythons_own_end() -> None:
    done = _run('"--help"', before="sys.setprofile(lambda *_: None)")
    assert done.returncode == 0
    assert "Python's own end" in done.stdout


def test_what_nobody_takes_is_no_success() -> None:
    words = [sys.executable, "-m", "converter", "--help"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.wait() != 0
        assert b"Traceback" not in process.stderr.read()
