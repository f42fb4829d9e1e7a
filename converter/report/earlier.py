"""Translations of an earlier run into the same folder, for profiles that this run was not asked for.

Their files stay, and so do their entries in `report.json`: it says all that lies in the folder, and
`validate` runs it. Each remembers the digest of the generated cases of its time, which the names in
`differs` belong to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from converter.harness.entries import files_of
from converter.report.account import Account

Entries = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rule id -> entries of its translations."""


def earlier(
    folder: Path,
    report: Any,
    accounts: Iterable[Account],
    profiles: Collection[str],
    current: Collection[str],
) -> Entries:
    """The entries, of this run's rules, for those of `profiles` that it was not asked for.

    `report`: that of the former run into the folder; none of what is no report. `current`: the paths that
    this run writes.
    """
    ids = {account.rule_id: account.files for account in accounts if account.row.error is None}
    try:
        return {
            rule["rule_id"]: [
                _marked(entry, rule)
                for entry in rule["translations"]
                if entry["profile"] in profiles
                and entry["profile"] not in ids[rule["rule_id"]]
                and all((folder / path).is_file() and path not in current for path in files_of(entry))
            ]
            for rule in report["rules"]
            if rule["rule_id"] in ids
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def paths_in(entries: Entries) -> Iterator[str]:
    """The paths of all files of the entries."""
    return chain.from_iterable(files_of(entry) for listed in entries.values() for entry in listed)


def _marked(entry: Mapping[str, Any], rule: Mapping[str, Any]) -> Mapping[str, Any]:
    digest = rule.get("generated", {}).get("digest")
    return entry if "earlier" in entry else {**entry, "earlier": {"digest": digest}}
