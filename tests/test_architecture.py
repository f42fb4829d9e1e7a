"""Which station may import which: as the table in docs/architecture.md says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "converter"
_ROW = re.compile(r"^\| `([a-z]+)(?:/|\.py)` \|.*\| ([a-z, ]+) \|$", re.MULTILINE)


def table() -> dict[str, set[str]]:
    """Folder -> what it may import, with what these may."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    direct = {name: set(cell.split(", ")) - {"nothing"} for name, cell in _ROW.findall(text)}

    def all_of(name: str) -> set[str]:
        return direct[name].union(*map(all_of, direct[name]))

    return {name: all_of(name) for name in direct}


def modules(station: str) -> list[Path]:
    """A folder's modules, or the one module."""
    one = PACKAGE / f"{station}.py"
    return [one] if one.is_file() else sorted((PACKAGE / station).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The stations that a module imports, also inside of functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("converter."):
                yield name.split(".")[1]


FOLDERS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__"))


def test_the_table_has_every_folder_and_module() -> None:
    assert {*FOLDERS, *MODULES} == set(table())


@pytest.mark.parametrize("station", [*FOLDERS, *MODULES])
def test_a_station_imports_what_it_may(station: str) -> None:
    allowed = table()[station] | {station}
    wrong = {
        f"{path.relative_to(ROOT).as_posix()} imports {name}"
        for path in modules(station)
        for name in imported(path)
        if name not in allowed
    }
    assert not wrong


def test_evaluators_never_see_what_the_text_was_written_from() -> None:
    assert not table()["evaluate"] & {"taxonomy", "lowering", "sigma", "backends"}
