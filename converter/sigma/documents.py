"""Several YAML documents in one file."""

from __future__ import annotations

from collections.abc import Iterable


def join(documents: Iterable[str]) -> str:
    """Several YAML documents as one text."""
    return "---\n".join(documents)
