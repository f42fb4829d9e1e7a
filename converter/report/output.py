"""The output folder: whole files or none, nothing of others' touched.

Files are written beside their place and renamed. What a former run wrote (its `report.json` says so) and
this one does not is deleted, unless its rule is there and could not be read; a file that the tool did not
write never is.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from converter.harness.outcome import Outcome
from converter.source import SourceError

REPORT = "report.json"


Paths = Mapping[tuple[str, str], tuple[str, ...]]
"""(rule id, profile) -> the paths of the translation's files below the output folder."""


def paths_of(outcomes: Iterable[Outcome]) -> Paths:
    """Where the files go; rules that would share a file name get their id behind it."""
    owners: dict[str, str] = {}
    paths: dict[tuple[str, str], tuple[str, ...]] = {}
    for outcome in outcomes:
        rule_id = outcome.rule.rule_id
        for translation in outcome.translations:
            wanted = [f"{translation.folder}/{name}" for name in translation.files]
            if any(owners.setdefault(path.lower(), rule_id) != rule_id for path in wanted):
                wanted = [_with_id(path, rule_id) for path in wanted]
                owners.update((path.lower(), rule_id) for path in wanted)
            paths[rule_id, translation.profile.name] = tuple(wanted)
    return paths


def _with_id(path: str, rule_id: str) -> str:
    stem, dot, suffix = path.rpartition(".")
    return f"{stem}_{rule_id[:8]}{dot}{suffix}"


def kept(folder: Path, paths: Paths, errors: Iterable[SourceError]) -> dict[str, str]:
    """Former outputs that stay, path -> source: those of rules that could not be read this time.

    An error without a place (a folder that is not there) does not tell which rules it costs: all stay.
    """
    unread = list(errors)
    sources = {error.path for error in unread}
    everything = any(error.position is None for error in unread)
    current = set(chain.from_iterable(paths.values()))
    return {
        path: source
        for path, source in written_before(folder).items()
        if (everything or source in sources) and path not in current and (folder / path).is_file()
    }


def write(
    folder: Path,
    outcomes: Iterable[Outcome],
    paths: Paths,
    report: str,
    stay: Iterable[str] = (),
) -> None:
    """All translations and the report; of the former outputs only `stay` are left. Raises SourceError where
    the folder cannot be written."""
    former = set(written_before(folder)) - set(stay)
    try:
        for outcome in outcomes:
            for translation in outcome.translations:
                places = paths[outcome.rule.rule_id, translation.profile.name]
                for path, text in zip(places, translation.files.values(), strict=True):
                    replace(folder / path, text)
        replace(folder / REPORT, report)
        for path in sorted(former.difference(*paths.values())):
            remove(folder, path)
    except OSError as error:
        raise SourceError(
            f"cannot be written: {error.strerror}", path=str(error.filename or folder)
        ) from None


def replace(path: Path, text: str) -> None:
    """Writes a file whole: a new file beside it, then a rename. An equal file is left alone."""
    data = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def written_before(folder: Path) -> dict[str, str]:
    """What the folder's report says that former runs wrote, path -> source; none without such a report."""
    try:
        document = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        written = {
            path: rule["source"]
            for rule in document["rules"]
            for translation in rule["translations"]
            for path in translation.get("paths") or [translation["path"]]
            if path
        }
        return written | {item["path"]: item["source"] for item in document.get("kept", ())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


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
