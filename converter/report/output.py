"""The output folder: whole files or none, nothing of others' touched.

Files are written beside their places, and renamed when all of them are. What a former run wrote (its
`report.json` says so) and this one does not is deleted, unless its rule is there and could not be read, or
this run was not asked for its target or profile; a file that the tool did not write never is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from converter.files import write_all
from converter.harness.entries import REPORT
from converter.report.account import Account
from converter.source import SourceError

_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")
"""What a rule's id may hold and a file's name had better not."""
_MAX_ID = 60
_MAX_BYTES = 240
"""File systems take names of 255 bytes; copies and backups put something behind them."""

Paths = Mapping[tuple[str, str], tuple[str, ...]]
"""(rule id, profile) -> the paths of the translation's files below the output folder."""


def paths_of(accounts: Iterable[Account]) -> Paths:
    """Where the files go; rules that would share a file name get their id behind it."""
    owners: dict[str, str] = {}
    paths: dict[tuple[str, str], tuple[str, ...]] = {}
    for account in accounts:
        for profile, files in account.files.items():
            paths[account.rule_id, profile] = _free(tuple(files), account.rule_id, owners)
    return paths


def _free(wanted: Sequence[str], rule_id: str, owners: dict[str, str]) -> tuple[str, ...]:
    """The paths, or the first of their variants that no other rule has, by names in any case.

    `owners`: lower-case path -> rule id; what is chosen is noted there.
    """
    ident = _UNSAFE.sub("_", rule_id).strip("_")[:_MAX_ID]
    tails = chain(("", ident[:8], ident), (f"{ident}_{number}" for number in count(2)))
    for tail in tails:
        paths = tuple(_named(path, tail) for path in wanted)
        if all(owners.get(path.lower(), rule_id) == rule_id for path in paths):
            break
    owners.update((path.lower(), rule_id) for path in paths)
    return paths


def _named(path: str, tail: str) -> str:
    """The path with the tail behind its name, which is cut where file systems would not take it."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    tail = f"_{tail}" if tail else ""
    room = _MAX_BYTES - len(f"{tail}{dot}{suffix}".encode())
    return f"{folder}{slash}{stem.encode()[:room].decode('utf-8', 'ignore')}{tail}{dot}{suffix}"


def kept(
    folder: Path,
    former: Mapping[str, str],
    paths: Paths,
    errors: Iterable[SourceError],
    folders: Collection[str],
) -> dict[str, str]:
    """Of the `former` outputs, path -> source, those that stay: those of rules that could not be read this
    time, and those outside of the `folders` of the profiles that this run was asked for.

    An error without a place (a folder that is not there) does not tell which rules it costs: all stay.
    """
    unread = list(errors)
    sources = {error.path for error in unread}
    everything = any(error.position is None for error in unread)
    current = set(chain.from_iterable(paths.values()))
    return {
        path: source
        for path, source in former.items()
        if (everything or source in sources or path.rpartition("/")[0] not in folders)
        and path not in current
        and (folder / path).is_file()
    }


def write(
    folder: Path,
    accounts: Iterable[Account],
    paths: Paths,
    report: bytes,
    leave: Iterable[str] = (),
) -> None:
    """All translations and the report; the former outputs `leave` are deleted. Raises SourceError where the
    folder cannot be written; then no file in it is another."""
    texts = {
        path: text
        for account in accounts
        for profile, files in account.files.items()
        for path, text in zip(paths[account.rule_id, profile], files.values(), strict=True)
    }
    try:
        write_all((folder / path, text) for path, text in (*texts.items(), (REPORT, report)))
        for path in sorted(set(leave).difference(*paths.values())):
            remove(folder, path)
    except OSError as error:
        raise SourceError(
            f"cannot be written: {error.strerror}", path=str(error.filename or folder)
        ) from None


def remove(folder: Path, path: str) -> None:
    """Deletes one former output, if it lies inside the folder, and folders that it leaves empty."""
    target = (folder / path).resolve()
    if folder.resolve() not in target.parents or not target.is_file():
        return
    target.unlink()
    for parent in target.parents:
        if parent == folder.resolve() or any(parent.iterdir()):
            break
        parent.rmdir()
