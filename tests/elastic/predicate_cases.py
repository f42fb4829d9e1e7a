"""Runs the YAML files of query texts: `query` with `is` (a predicate, see notation.py) or `error`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notation import show
from ruamel.yaml import YAML

from converter.ir import Predicate
from converter.source import SourceError


def cases(folder: Path) -> list[Any]:
    """The cases of all files of a folder, named by file and number."""
    return [
        pytest.param(case, id=f"{path.stem}-{number}")
        for path in sorted(folder.glob("*.yaml"))
        for number, case in enumerate(YAML(typ="safe").load(path), 1)
    ]


def check(case: dict[str, Any], parse: Callable[[Any], Predicate]) -> None:
    """Parse the case's query; compare the predicate, or the error with its place (and code)."""
    if "error" in case:
        with pytest.raises(SourceError) as caught:
            parse(case["query"])
        assert str(caught.value) == case["error"]
        assert getattr(caught.value, "code", None) == case.get("code")
    else:
        assert show(parse(case["query"])) == case["is"]
