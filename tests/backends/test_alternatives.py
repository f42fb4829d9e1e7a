"""Several regular expressions written as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.backends.alternatives import MOST_CHARACTERS, joinable, joined
from converter.backends.kusto_where import write_where as write_kusto
from converter.backends.splunk_where import write_where as write_splunk
from converter.elastic.eql.parse import parse_eql
from converter.ir import EventQuery
from converter.ir.predicate import Or, Predicate, Regex
from converter.regex import compile_regex

CASES = yaml.safe_load(Path(__file__).with_name("alternatives.yaml").read_text(encoding="utf-8"))
TEXTS = [
    *(
        "",
        "a",
        "b",
        "c",
        "-",
        "--",
        "x",
        "-x",
        "a-b",
        "abc",
        "A.EXE",
        "a.exe",
        "b.exe",
        "c.exe",
        "cmd",
        "cmd.exe",
    ),
    *(r"C:\cmd.exe", r"C:\pwsh.exe", r"pwsh.exe", "bash.exe", "powershell.exe", r"c:\a\1.exe", r"c:\b\x.dll"),
    *(r"c:\b\1.exe", r"c:\a\x.dll", "y /a", '"/a" y', "-b", 'z "-b"', "z-b", "/ab", "ac"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case["of"]))
def test_one_expression_takes_what_any_of_them_takes(case: dict[str, Any]) -> None:
    found = joined(case["of"])
    assert found == case["one"]
    for text in TEXTS:
        one = any(compile_regex(pattern, "pcre").search(text) for pattern in found)
        assert one == any(compile_regex(pattern, "pcre").search(text) for pattern in case["of"]), text


def test_what_would_be_too_long_for_pcre_is_several() -> None:
    patterns = [rf"\\{place:04}{'x' * 90}\.exe$" for place in range(200)]
    found = joined(patterns)
    assert 1 < len(found) < 5
    assert all(len(pattern) < MOST_CHARACTERS for pattern in found)
    assert all(
        any(compile_regex(one, "pcre").search(f"\\{n:04}{'x' * 90}.exe") for one in found) for n in range(200)
    )


def test_a_reference_to_a_group_stays_by_itself() -> None:
    """Beside another group's parentheses `\\1` would be that group."""
    assert not joinable(r"(a)\1")
    either = Or((Regex("a", r"(x)\1", "pcre"), Regex("a", "(y)", "pcre"), Regex("a", "(z)", "pcre")))
    assert write_splunk(either) == r'isnotnull(mvfind(a, "(?:(y)|(z))")) OR isnotnull(mvfind(a, "(x)\\1"))'
    two = Or((Regex("a", r"(x)\1", "pcre"), Regex("a", "(y)", "pcre")))
    assert write_splunk(two) == r'isnotnull(mvfind(a, "(y)")) OR isnotnull(mvfind(a, "(x)\\1"))'


def predicate(eql: str) -> Predicate:
    detection = parse_eql(f"any where {eql}")
    assert isinstance(detection, EventQuery)
    return detection.predicate


@pytest.mark.parametrize(
    ("eql", "splunk", "kusto"),
    [
        (
            'a in ("x", "y") or b == "x"',
            'isnotnull(mvfind(a, "^(?:x|y)$")) OR isnotnull(mvfind(b, "^x$"))',
            'a in ("x", "y") or b == "x"',
        ),
        (
            'a : ("x?z", "y?z", "w")',
            'isnotnull(mvfind(a, "(?is)^(?:x.z|y.z|w)$"))',
            'a matches regex "(?is)^(?:x|y).z$" or a =~ "w"',
        ),
        (
            'a : ("x?z", "y?z") and not a like ("X?*", "Y?*")',
            'isnotnull(mvfind(a, "(?is)^(?:x|y).z$")) AND NOT isnotnull(mvfind(a, "(?s)^(?:X|Y)."))',
            'a matches regex "(?is)^(?:x|y).z$" and not(a matches regex "(?s)^(?:X|Y).")',
        ),
        (
            'a : ("x*", "*y")',
            'isnotnull(mvfind(a, "(?i)(?:^x|y$)"))',
            'a startswith "x" or a endswith "y"',
        ),
    ],
)
def test_a_field_is_asked_once(eql: str, splunk: str, kusto: str) -> None:
    assert write_splunk(predicate(eql)) == splunk
    assert write_kusto(predicate(eql), {}) == kusto
