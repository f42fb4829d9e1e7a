"""Translations of an earlier run into the same folder, for profiles that this run was not asked for.

Their files stay, and so do their entries in `report.json`: it says all that lies in the folder, and
`validate` runs it. Each remembers the digest of the generated cases of its time, which the names in
`differs` belong to.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from converter.harness.outcome import Outcome
from converter.harness.readback import REPORT, files_of

Entries = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rule id -> entries of its translations."""


def earlier(
    folder: Path, outcomes: Iterable[Outcome], profiles: Collection[str], current: Collection[str]
) -> Entries:
    """The entries, of this run's rules, for those of `profiles` that it was not asked for.

    `current`: the paths that this run writes. None without a report that can be read.
    """
    ids = {item.rule.rule_id: _profiles(item) for item in outcomes if item.error is None}
    try:
        former = json.loads((folder / REPORT).read_text(encoding="utf-8"))["rules"]
        return {
            rule["rule_id"]: [
                _marked(entry, rule)
                for entry in rule["translations"]
                if entry["profile"] in profiles
                and entry["profile"] not in ids[rule["rule_id"]]
                and all((folder / path).is_file() and path not in current for path in files_of(entry))
            ]
            for rule in former
            if rule["rule_id"] in ids
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def paths_in(entries: Entries) -> Iterator[str]:
    """The paths of all files of the entries."""
    return chain.from_iterable(files_of(entry) for listed in entries.values() for entry in listed)


def _profiles(outcome: Outcome) -> set[str]:
    return {translation.profile.name for translation in outcome.translations}


def _marked(entry: Mapping[str, Any], rule: Mapping[str, Any]) -> Mapping[str, Any]:
    digest = rule.get("generated", {}).get("digest")
    return entry if "earlier" in entry else {**entry, "earlier": {"digest": digest}}
