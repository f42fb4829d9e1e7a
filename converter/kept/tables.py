"""YAML tables, kept as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from converter.kept.store import derived

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """A YAML file's one document. Raises OSError, UnicodeDecodeError and yaml.YAMLError."""
    return yaml_of(path.read_text(encoding="utf-8"))


def yaml_of(text: str) -> Any:
    """A YAML text's one document. Raises yaml.YAMLError."""
    return derived(("yaml", yaml.__version__, text), lambda: yaml.load(text, _Loader))
