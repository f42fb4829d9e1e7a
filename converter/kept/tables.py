"""YAML tables, kept as plain data: who reads what is kept does not wait for a YAML reader to be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from converter.kept.installed import version_of
from converter.kept.store import derived


class NotYaml(Exception):
    """A text that is not YAML: what is wrong, and where (line and column, from 1), if that is known."""

    def __init__(self, problem: str, place: tuple[int, int] | None) -> None:
        super().__init__(problem)
        self.problem, self.place = problem, place


def read_yaml(path: Path) -> Any:
    """A YAML file's one document. Raises OSError, UnicodeDecodeError and NotYaml."""
    return yaml_of(path.read_text(encoding="utf-8"))


def yaml_of(text: str) -> Any:
    """A YAML text's one document. Raises NotYaml."""
    return derived(("yaml", version_of("pyyaml"), text), lambda: _read(text))


def _read(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise NotYaml(str(error.problem), (mark.line + 1, mark.column + 1) if mark else None) from None
    except yaml.YAMLError as error:  # what a YAML reader does not take for text has no mark
        raise NotYaml(str(error).splitlines()[0], None) from None
