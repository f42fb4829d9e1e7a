"""`report.json`: the machine's view of a run. Its schema: `schema.json` beside this file, docs/report.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from converter.report.account import Account
from converter.report.earlier import Entries
from converter.report.output import Paths
from converter.report.rule_entry import placed
from converter.source import SourceError


def report(
    accounts: Sequence[Account],
    paths: Paths,
    errors: Sequence[SourceError],
    kept: Mapping[str, str],
    earlier: Entries,
) -> bytes:
    """The report as JSON text.

    `paths`: where the files lie below the output folder; `errors`: what could not be read;
    `kept`: path -> source of former outputs that stay, and of which no rule's entry tells: their rule could
    not be read; `earlier`: the entries of translations that the run was not asked for.
    """
    rest: dict[str, Any] = {"errors": [_error(error) for error in errors]}
    if kept:
        rest["kept"] = [{"path": path, "source": source} for path, source in sorted(kept.items())]
    entries = [_entry(account, paths, earlier) for account in accounts if account.row.error is None]
    rules = (b"[\n    ", b",\n    ".join(entries), b"\n  ]") if entries else (b"[]",)
    behind = json.dumps(rest, indent=2, ensure_ascii=False).removeprefix("{").encode()
    return b"".join((b'{\n  "rules": ', *rules, b",", behind, b"\n"))


def _entry(account: Account, paths: Paths, earlier: Entries) -> bytes:
    """The rule's entry as it is at hand, where its files have the names that they would like to have."""
    chosen = [paths[account.rule_id, profile] for profile in account.files]
    more = earlier.get(account.rule_id, ())
    if not more and chosen == list(map(tuple, account.files.values())):
        return account.entry
    return placed(account.entry, chosen, more)


def _error(error: SourceError) -> dict[str, Any]:
    """What could not be read, with its place."""
    line, column = (error.position.line, error.position.column) if error.position else (None, None)
    return {"path": error.path, "line": line, "column": column, "message": error.message}
