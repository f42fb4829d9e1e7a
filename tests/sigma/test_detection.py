"""Predicates and the detections that they become: `detection/*.yaml`, two lines a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma_reader import read

from converter import ir
from converter.ir import And, Equals, Like, Or, Predicate, Regex, Wild
from converter.ir import value as values
from converter.lowering.fidelity import Refused
from converter.sigma.detection import detection
from converter.source import NotSupportedError

FOLDER = Path(__file__).parent / "detection"
CASES = [
    {**case, "file": path.stem}
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def nested(depth: int) -> Predicate:
    found: Predicate = _expression("z")
    for level in range(depth):
        kind = And if level % 2 else Or
        found = kind((_expression(f"a{level}"), _expression(f"b{level}"), found))
    return found


def _expression(text: str, field: str = "CommandLine") -> Predicate:
    return Regex(field, text, "pcre", True)


NAMES: dict[str, Any] = {
    **{name: getattr(ir, name) for name in ir.__all__},
    "Comparison": values.Comparison,
    "FieldValue": values.FieldValue,
    "ANY": Wild.ANY,
    "ONE": Wild.ONE,
    "img": lambda name: Like("Image", (Wild.ANY, f"\\{name}"), True),
    "has": lambda text: Like("CommandLine", (Wild.ANY, text, Wild.ANY), True),
    "eq": lambda field, text: Equals(field, text, True),
    "rx": _expression,
    "nested": nested,
}
"""What a case's predicate is written with: the nodes of the ir, and short forms of the frequent ones."""


def predicate(case: dict[str, Any]) -> Predicate:
    found: Predicate = eval(case["predicate"], {"__builtins__": {}}, NAMES)
    return found


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "detection" in case],
    ids=lambda case: f"{case['file']}: {case['why']}",
)
def test_detection(case: dict[str, Any]) -> None:
    written = detection(predicate(case))
    assert yaml.safe_dump(written, sort_keys=False) == yaml.safe_dump(case["detection"], sort_keys=False)


@pytest.mark.parametrize("case", [case for case in CASES if "code" in case], ids=lambda case: case["why"])
def test_refused(case: dict[str, Any]) -> None:
    with pytest.raises((Refused, NotSupportedError)) as caught:
        detection(predicate(case))
    error = caught.value
    if isinstance(error, Refused):
        assert [reason.code for reason in error.reasons] == [case["code"]]
    else:
        assert isinstance(error, NotSupportedError)
        assert error.code == case["code"]


def test_deep_nesting_is_read() -> None:
    """As deep as is written, pySigma reads it."""
    written = detection(nested(59))
    assert read(written, {"CommandLine": "a58"})
    assert not read(written, {"CommandLine": "b0 z"})
