"""Plain data that cost time to derive, kept between processes: parse tables, tables as they were read.

An entry's name is the hash of all that it is derived from, with Python's version and, by its caller, that of
the library that derives it: an upgrade, or another text, finds no entry. Entries are `marshal`'s bytes behind
a checksum: a damaged or truncated one is no entry, and is written again; reading one runs no code. They are
written beside their place and moved there, so that two processes may do so at once. A folder that cannot be
written costs nothing but the time. It may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

_Plain = TypeVar("_Plain")


def default_folder() -> Path | None:
    """The user's cache folder by the XDG base directory specification; None for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "elastic-rule-converter"
    except RuntimeError:
        return None


def derived(sources: tuple[str, ...], make: Callable[[], _Plain]) -> _Plain:
    """What `make` derives from `sources`, as plain data; out of the folder, where it has it."""
    folder = default_folder()
    if folder is None:
        return make()
    name = sha256("\0".join((sys.version, *sources)).encode("utf-8", "surrogatepass")).hexdigest()
    place = folder / "derived" / name
    body = read(place)
    if body is not None:
        found: _Plain = marshal.loads(body)
        return found
    made = make()
    with suppress(OSError, ValueError):  # ValueError: not plain, such as a date in a user's own table
        write(place, marshal.dumps(made))  # type: ignore[arg-type]
    return made


@cache
def read_by(version: str, *files: str) -> str:
    """What plain data depend on beside the text that is read: the library's version, and the code in these
    files."""
    return " ".join((version, *(sha256(Path(file).read_bytes()).hexdigest() for file in files)))


def read(place: Path) -> bytes | None:
    """An entry's content, if it is sound."""
    try:
        head, _, body = place.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == _checksum(body) else None


def write(place: Path, body: bytes) -> None:
    """Puts an entry at its place, whole or not at all. Raises OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f"{place.name}.{os.getpid()}.{time.time_ns()}")
    try:
        with beside.open("xb") as file:
            file.write(_checksum(body) + b"\n" + body)
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _checksum(body: bytes) -> bytes:
    return sha256(body).hexdigest().encode()
