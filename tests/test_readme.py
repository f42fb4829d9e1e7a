"""What the README says and shows is what `make convert` says today."""

from __future__ import annotations

import html
import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
RULES = json.loads((ROOT / "sigma_out" / "report.json").read_text("utf-8"))["rules"]


def test_the_readme_begins_with_the_two_commands_and_the_picture() -> None:
    console, _, rest = README.partition("```console")[2].partition("```")
    assert [line.split("#")[0].strip() for line in console.strip().splitlines()] == [
        "$ make convert",
        "$ make test",
    ]
    assert "](docs/verdicts.svg)" in rest


def test_the_numbers_are_those_of_the_report() -> None:
    positive, negative = RULES[0]["cases"]["positive"], RULES[0]["cases"]["negative"]
    total = positive + negative
    assert (
        f"`exact {total}/{total}`: all {total} cases ({positive} that must alert, {negative} that" in README
    )


def test_the_picture_is_of_this_report() -> None:
    """Else: `make picture`."""
    picture = html.unescape((ROOT / "docs" / "verdicts.svg").read_text("utf-8")).replace("\u00a0", " ")
    for rule in RULES:
        positive, negative = rule["cases"]["positive"], rule["cases"]["negative"]
        assert f"{positive} + {negative} -" in picture
        assert f"{positive + negative}/{positive + negative}" in picture
