"""SigmaHQ's conventions from `conventions.yaml`, also in the shapes that its validators read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from converter.kept import read_yaml


@cache
def _conventions() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = read_yaml(Path(__file__).parent / "conventions.yaml")
    return loaded


def filename_prefix(product: str | None, category: str | None, service: str | None) -> str | None:
    """How the name of a rule's file begins, by its log source; None where there is no convention."""
    prefixes: Mapping[str, str] = _conventions()["filename_prefixes"]
    own = "/".join((product or "", category or "", service or "")).rstrip("/")
    return prefixes.get(own) or prefixes.get(product or "")


def spelling(word: str) -> str:
    """A word of a log source's name as a title spells it."""
    spelled: str = _conventions()["spellings"].get(word, word.capitalize())
    return spelled


@cache
def numeric_fields() -> frozenset[str]:
    """Fields that hold nothing but decimal numbers, always spelled the same way: SigmaHQ writes numbers."""
    return frozenset(_conventions()["numeric_fields"])


def published(name: str) -> dict[str, Any] | None:
    """The conventions as the file of that name which SigmaHQ publishes; None for another name."""
    conventions = _conventions()
    if name == "sigmahq_filename.json":
        return {
            "pattern": {key: _pattern(key, text) for key, text in conventions["filename_prefixes"].items()}
        }
    categories: dict[str, list[str]] = {}
    for provider, implied in conventions["providers"].items():
        for category in implied:
            categories.setdefault(category, []).append(provider)
    if name == "sigmahq_windows_provider.json":
        return {"category_provider_name": categories}
    if name == "sigmahq_windows_eventid.json":
        without = set(conventions["several_event_ids"])
        return {"category_no_eventid": [category for category in categories if category not in without]}
    return None


def _pattern(key: str, prefix: str) -> dict[str, Any]:
    product, category, service = (part or None for part in [*key.split("/"), "", ""][:3])
    return {"logsource": {"product": product, "category": category, "service": service}, "prefix": prefix}
