"""The codes of reasons are a promise to who reads `report.json`: docs/report.md has each, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATIONS = ("regex", "elastic", "lowering", "sigma", "backends", "pipeline.py")
"""Where a translation is refused, or its difference noted; what an evaluator does not do is no reason."""
_PLACES = {"Reason": 0, "note": 0, "because": 0, "Lost": 0, "Assumption": 0, "Approximation": 2}
"""The call, and which of its arguments is the code."""


def codes() -> Iterator[str]:
    """The codes that stand in the code as they are."""
    for station in STATIONS:
        path = ROOT / "converter" / station
        for module in path.rglob("*.py") if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from code_of(node)


def code_of(call: ast.Call) -> Iterator[str]:
    """The code that a call gives, if it gives one."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    place = _PLACES.get(name)
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    given += call.args[place : place + 1] if place is not None else []
    for value in given:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def documented() -> list[str]:
    """What the document has for codes; `...` stands for any."""
    text = (ROOT / "docs" / "report.md").read_text("utf-8")
    found = re.findall(r"`([a-z.][a-z.-]*)`", text[text.index("## What is taken for granted") :])
    return [code.replace("...", "*") for code in found]


def test_each_code_is_documented() -> None:
    patterns = documented()
    missing = {code for code in codes() if not any(fnmatchcase(code, one) for one in patterns)}
    assert not missing


def test_each_documented_code_is_one() -> None:
    known = set(codes())
    gone = {one for one in documented() if "-" in one and not any(fnmatchcase(code, one) for code in known)}
    assert not gone
