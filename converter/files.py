"""Files of a run, written all or none: a reader finds those of one run, never half of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def write_all(texts: Iterable[tuple[Path, bytes]]) -> list[Path]:
    """Writes all files or none: new ones beside their places, then renames. Equal files are left alone.

    Gives the places, in order; data are asked for when they are written. Raises OSError, with the name of
    what can't be written.
    """
    staged: dict[str, str] = {}
    places: list[Path] = []
    folders: set[Path] = set()
    try:
        for path, data in texts:
            places.append(path)
            place = str(path)
            if _holds(place, data):
                continue
            folder = path.parent
            if folder not in folders:
                folder.mkdir(parents=True, exist_ok=True)
                folders.add(folder)
            name = os.path.join(folder, f".converter-{os.getpid()}-{len(staged)}")
            staged[name] = place
            _write(name, data)
        for name, place in staged.items():
            os.replace(name, place)
    except BaseException:
        for name in staged:
            Path(name).unlink(missing_ok=True)
        raise
    return places


def _holds(place: str, data: bytes) -> bool:
    """Whether the file is there and has the data."""
    try:
        with open(place, "rb") as file:
            return file.read() == data
    except FileNotFoundError:
        return False


def _write(name: str, data: bytes) -> None:
    handle = os.open(name, _NEW, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)
