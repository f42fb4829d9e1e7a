"""The report of a former run into the output folder: what that run wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from converter.harness.entries import REPORT, files_of
from converter.report.account import Account

_BEFORE = b"\n    "
_OPEN, _CLOSE = b"\n    {\n", b"\n    }"
"""How an entry begins and ends where it stands in the report. What is inside of it is further to the right,
and no text in JSON has a line break."""


def former_report(folder: Path, accounts: Iterable[Account]) -> Any:
    """The report in the folder, as JSON; None where there is none that can be read.

    Most rules are as they were: where an entry is, byte for byte, that of an account, it is not read, and has
    no more in it than its rule, its source, and the files of its translations.
    """
    known = {account.entry: account for account in accounts if account.row.error is None}
    try:
        return json.loads(_shortened((folder / REPORT).read_bytes(), known).decode())
    except (OSError, ValueError):
        return None


def _shortened(text: bytes, known: Mapping[bytes, Account]) -> bytes:
    """The report with short entries in the place of those that are known."""
    pieces: list[bytes] = []
    start, end = 0, 0
    while (begin := text.find(_OPEN, end)) >= 0 and (end := text.find(_CLOSE, begin)) >= 0:
        begin, end = begin + len(_BEFORE), end + len(_CLOSE)
        account = known.get(text[begin:end])
        if account is not None:
            pieces += text[start:begin], json.dumps(_short(account)).encode()
            start = end
    return b"".join((*pieces, text[start:]))


def _short(account: Account) -> Mapping[str, Any]:
    translations = [
        {"profile": profile, "path": None, "paths": list(files)} for profile, files in account.files.items()
    ]
    return {"rule_id": account.rule_id, "source": account.source, "translations": translations}


def written_before(report: Any) -> dict[str, str]:
    """What the report says that former runs wrote, path -> source; none of what is no report."""
    try:
        written = {
            path: rule["source"]
            for rule in report["rules"]
            for translation in rule["translations"]
            for path in files_of(translation)
        }
        return written | {item["path"]: item["source"] for item in report.get("kept", ())}
    except (KeyError, TypeError, AttributeError):
        return {}
