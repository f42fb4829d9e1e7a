"""Files of a run, written all or none: a reader finds those of one run, never half of them."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_all(texts: Iterable[tuple[Path, str]]) -> list[Path]:
    """Writes all files or none: new ones beside their places, then renames. Equal files are left alone.

    Gives the places, in order; a text is asked for when it is written. Raises OSError, with the name of what
    can't be written.
    """
    staged: dict[str, Path] = {}
    places: list[Path] = []
    try:
        for path, text in texts:
            places.append(path)
            if (name := _staged(path, text.encode("utf-8"))) is not None:
                staged[name] = path
        for name, path in staged.items():
            os.replace(name, path)
    except BaseException:
        for name in staged:
            Path(name).unlink(missing_ok=True)
        raise
    return places


def _staged(path: Path, data: bytes) -> str | None:
    """The name of a new file with the data beside its place; None where the place has it already."""
    if path.is_file() and path.read_bytes() == data:
        return None
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".converter-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
    except BaseException:
        os.unlink(name)
        raise
    return name
