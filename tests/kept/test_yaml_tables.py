"""YAML tables: what is no YAML is said with its place, and what is kept needs no YAML reader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from converter.kept import NotYaml, yaml_of

_READ = "import sys; from converter.kept import yaml_of; print(yaml_of('a: [1, x]'), 'yaml' in sys.modules)"


def test_what_is_wrong_is_said_with_its_place() -> None:
    with pytest.raises(NotYaml) as caught:
        yaml_of("a: 1\nb: [1\nc: 2\n")
    assert caught.value.place == (3, 2)
    assert "expected ',' or ']'" in caught.value.problem


def test_what_a_reader_takes_for_no_text_has_no_place() -> None:
    with pytest.raises(NotYaml) as caught:
        yaml_of("a: \x00")
    assert caught.value.place is None


def test_what_is_kept_is_read_without_a_yaml_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = [
        subprocess.run([sys.executable, "-c", _READ], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said == ["{'a': [1, 'x']} True\n", "{'a': [1, 'x']} False\n"]
