"""What RE2 lacks, said without it where the meaning is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.regex import RegexNotSupported, compile_regex, parse_regex, translate
from converter.regex.lookahead import without_lookahead
from converter.regex.possessive import without_possessive
from converter.regex.write import write

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("simpler.yaml").read_text("utf-8"))
TEXTS = (
    "12]",
    "1]2",
    "aab",
    "ab",
    "wx",
    "xx",
    "ad",
    "ae",
    "ab",
    "aab",
    "a1b",
    "abc",
    "acb",
    "AB",
    "AD",
    "a",
    "",
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["pcre"]))
def test_simpler(case: dict[str, Any]) -> None:
    node = without_possessive(without_lookahead(parse_regex(case["pcre"], "pcre")))
    if case["re2"] is None:
        with pytest.raises(RegexNotSupported):
            translate(write(node, "pcre"), "pcre", "re2")
        return
    written = translate(write(node, "pcre"), "pcre", "re2")
    assert written == case["re2"]
    original, simpler = compile_regex(case["pcre"], "pcre"), compile_regex(written, "re2")
    assert [simpler.search(text) for text in TEXTS] == [original.search(text) for text in TEXTS]
