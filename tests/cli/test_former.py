"""The report of a former run is read as far as it is another: what it says is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.elastic.load import load_paths
from converter.pipeline import Settings, run_for
from converter.report.account import Account, account
from converter.report.document import report
from converter.report.earlier import earlier
from converter.report.former import former_report, written_before
from converter.report.output import paths_of

RULES = Path(__file__).parents[2] / "fixtures" / "rules"
PROFILES = ("sigma", "sysmon", "cim")
Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def accounts() -> list[Account]:
    rules = load_paths([RULES]).rules
    return run_for(rules, Settings(PROFILES), lambda outcome: account(outcome, PROFILES), 1)


def other_source(text: str) -> str:
    """Of the second rule alone."""
    first, between, rest = text.partition('"source": ')
    second, again, last = rest.partition('"source": "')
    return f"{first}{between}{second}{again}other/{last}"


def entry_as_text(text: str) -> str:
    """What looks like an entry inside of a text."""
    return text.replace('"name": "', '"name": "\\n    {\\n      \\"rule_id\\": 1\\n    }, ', 1)


EDITS: dict[str, Edit] = {
    "as it was written": lambda text: text,
    "on one line": lambda text: json.dumps(json.loads(text)),
    "further to the right": lambda text: json.dumps(json.loads(text), indent=4),
    "other ends of lines": lambda text: text.replace("\n", "\r\n"),
    "another source": other_source,
    "an entry's form inside of a text": entry_as_text,
    "with what stayed": lambda text: text[:-3] + ',\n  "kept": [\n    {"path": "a", "source": "b"}\n  ]\n}\n',
    "rules elsewhere": lambda text: text.replace('"rules"', '"rule"', 1),
    "cut off": lambda text: text[: len(text) // 2],
    "none": lambda text: "",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_a_former_run_wrote_is_as_the_whole_report_says(
    edit: Edit, accounts: list[Account], tmp_path: Path
) -> None:
    text = edit(report(accounts, paths_of(accounts), (), {}, {}).decode())
    (tmp_path / "report.json").write_text(text, "utf-8", newline="")
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    assert written_before(former_report(tmp_path, accounts)) == written_before(whole)


def test_an_entry_that_is_as_it_was_is_not_read(accounts: list[Account], tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(report(accounts, paths_of(accounts), (), {}, {}))
    former = former_report(tmp_path, accounts)
    assert all("cases" not in entry for entry in former["rules"])
    known = former_report(tmp_path, accounts[:1])
    assert ["cases" in entry for entry in known["rules"]] == [False, True, True]


def test_translations_of_other_profiles_are_found(accounts: list[Account], tmp_path: Path) -> None:
    """The run before had one profile more: no entry is as it was."""
    paths = paths_of(accounts)
    (tmp_path / "report.json").write_bytes(report(accounts, paths, (), {}, {}))
    for path in (path for listed in paths.values() for path in listed):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    now = run_for(load_paths([RULES]).rules, Settings(("cim",)), lambda found: account(found, ("cim",)), 1)
    former = former_report(tmp_path, now)
    found = earlier(tmp_path, former, now, PROFILES, set())
    assert {entry["profile"] for entries in found.values() for entry in entries} == {"sigma", "sysmon"}


def test_there_may_be_no_report(accounts: list[Account], tmp_path: Path) -> None:
    assert former_report(tmp_path, accounts) is None
    assert written_before(None) == {}
