"""What a run says and writes of one rule: all that is kept of its outcome, ready as it is written.

An outcome has a verdict for each case and profile; of many rules these are millions, and what is said of
them is the same each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from converter.frozen import dataclass
from converter.harness.outcome import Outcome
from converter.report.rows import Cell, Row, row_of
from converter.report.rule_entry import as_written, rule_entry


@dataclass(frozen=True, slots=True)
class Account:
    """One rule: its `source`, as the rule has it; its row in the verdict table, its entry in the report, its
    files.

    `files`: by profile, for each translation; the texts by their paths below the output folder, as long as no
    other rule has the same. A rule that could not be read has a row alone.
    """

    rule_id: str
    source: str
    row: Row
    entry: bytes
    files: Mapping[str, Mapping[str, bytes]]


def account(outcome: Outcome, profiles: Sequence[str]) -> Account:
    """What is said of the outcome in a run for these profiles."""
    rule, row = outcome.rule, row_of(outcome, profiles)
    if outcome.error is not None:
        return Account(rule.rule_id, rule.source, row, b"", {})
    files = {
        item.profile.name: dict(zip(item.paths, map(str.encode, item.files.values()), strict=True))
        for item in outcome.translations
    }
    return Account(rule.rule_id, rule.source, row, as_written(rule_entry(outcome)), files)


def plain(account: Account) -> tuple[Any, ...]:
    """The account of a rule that was read, as plain data."""
    row = account.row
    cells = {name: tuple(cell) for name, cell in row.cells.items()}
    numbers = (row.positive, row.negative, row.failed)
    told = (row.name, numbers, cells, row.failures)
    return account.rule_id, account.source, told, account.entry, account.files


def account_of(data: Any) -> Account:
    """The account that was made plain. Raises ValueError, TypeError or AttributeError for other data."""
    rule_id, source, (name, (positive, negative, failed), cells, failures), entry, files = data
    cells = {profile: Cell(*cell) for profile, cell in cells.items()}
    return Account(rule_id, source, Row(name, positive, negative, failed, cells, failures), entry, files)
