"""Which libraries are installed, in which versions: what is derived by their code or from their data."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache


def libraries() -> Iterator[str]:
    """The installed libraries with their versions, `click-8.1.7.dist-info`: as installers name their folders
    (the specification of recorded installs), which costs a tenth of reading what lies in them."""
    for place in sys.path:
        with suppress(OSError):
            yield from (name for name in os.listdir(place) if name.endswith((".dist-info", ".egg-info")))


@cache
def version_of(library: str) -> str:
    """The version of an installed library, which is named as its folder is: `pysigma_backend_kusto`."""
    for name in libraries():
        head, _, version = name.partition("-")
        if head.lower() == library:
            return version
    from importlib.metadata import version as recorded  # takes longer to load than all folders to list

    return recorded(library)
