"""Draws the verdict table of the bundled rules as docs/verdicts.svg, which the README shows."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from converter.elastic.load import load_paths
from converter.events.case import MOST_CASES
from converter.events.fixtures import load_fixtures
from converter.pipeline import Settings, run
from converter.report.rows import row_of
from converter.report.verdicts import verdicts
from converter.taxonomy import load_taxonomy

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
PICTURE = ROOT / "docs" / "verdicts.svg"
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """The same table as `make convert` prints; fonts are the viewer's own, nothing is fetched."""
    profiles = tuple(load_taxonomy().profiles)
    rules = load_paths([FIXTURES / "rules"]).rules
    outcomes = run(rules, Settings(profiles, load_fixtures(FIXTURES / "events"), max_cases=MOST_CASES))
    console = Console(width=160, record=True, file=io.StringIO(), highlight=False, force_terminal=True)
    verdicts([row_of(outcome, profiles) for outcome in outcomes], profiles, console)
    picture = console.export_svg(title="make convert", unique_id="verdicts")
    PICTURE.write_text(_FONTS.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
