"""YAML tables, kept as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from converter.kept.store import derived

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """A YAML file's one document. Raises OSError, UnicodeDecodeError and yaml.YAMLError."""
    text = path.read_text(encoding="utf-8")
    return derived(("yaml", yaml.__version__, text), lambda: yaml.load(text, _Loader))
