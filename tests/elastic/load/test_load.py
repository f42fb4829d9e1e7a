"""Rule files in: what is read of them, and the one clear message for each that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.elastic.load import load_paths
from converter.elastic.rule import Rule

_HERE = Path(__file__).parent
_CASES = YAML(typ="safe").load(_HERE / "cases.yaml")


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("latin-1" if name.startswith("latin1") else "utf-8"))


def _shown(rule: Rule, name: str) -> Any:
    value = getattr(rule, name)
    if name == "query_position":
        return str(value)
    return [list(item) for item in value] if name == "pairs" else value


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in _CASES])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    _write(tmp_path, case["files"])
    given = [tmp_path / name for name in case.get("paths", ["."])]
    loaded = load_paths(given)
    errors = [str(error).replace(tmp_path.as_posix(), "$TMP") for error in loaded.errors]
    assert errors == case.get("errors", [])
    expected = case.get("rules", [])
    assert len(loaded.rules) == len(expected)
    for rule, wanted in zip(loaded.rules, expected, strict=True):
        assert {name: repr_plain(_shown(rule, name)) for name in wanted} == wanted


def repr_plain(value: Any) -> Any:
    """Tuples as lists and records as lists of their fields, so that YAML can state them."""
    if hasattr(value, "__dataclass_fields__"):
        return [repr_plain(getattr(value, name)) for name in value.__dataclass_fields__]
    if isinstance(value, tuple | list):
        return [repr_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: repr_plain(item) for key, item in value.items()}
    return value


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    _write(tmp_path, {"a.toml": _rule("x")})
    loaded = load_paths([tmp_path, tmp_path / "a.toml"])
    assert [rule.rule_id for rule in loaded.rules] == ["x"]
    assert loaded.errors == []


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, {"a.toml": _rule("x") + "#" * 10_000_000, "b.toml": _rule("y")})
    loaded = load_paths([tmp_path])
    assert [rule.rule_id for rule in loaded.rules] == ["y"]
    assert [str(error) for error in loaded.errors] == [
        "a.toml:1:1: the file has 10,000,081 bytes, more than the 5,000,000 allowed"
    ]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its rules would seem to have vanished, and their outputs would be deleted."""
    _write(tmp_path, {"a.toml": _rule("x"), "closed/b.toml": _rule("y")})
    real = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    loaded = load_paths([tmp_path])
    assert [rule.rule_id for rule in loaded.rules] == ["x"]
    (error,) = loaded.errors
    assert (error.message, error.path) == ("cannot be read: Permission denied", "closed")


def test_a_file_name_that_is_no_utf8_is_shown(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.toml")).write_text(_rule("x"), "utf-8")
    except OSError:
        pytest.skip("the file system takes no such names")
    (rule,) = load_paths([tmp_path]).rules
    assert rule.source == "\ufffd.toml"


@pytest.mark.parametrize("nest", ["[", "{a="])
def test_deep_nesting_is_an_error_and_no_traceback(tmp_path: Path, nest: str) -> None:
    _write(tmp_path, {"a.toml": "a = " + nest * 100_000})
    (error,) = load_paths([tmp_path]).errors
    assert str(error).startswith("a.toml:1:")


def test_deep_json_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    _write(tmp_path, {"a.ndjson": "[" * 100_000})
    errors = load_paths([tmp_path / "a.ndjson"]).errors
    assert str(errors[0]) == "a.ndjson:1:1: invalid JSON: nested too deep or a number too long"


def test_where_each_query_of_the_corpus_begins(rule_folder: Path) -> None:
    loaded = load_paths([rule_folder])
    assert loaded.errors == []
    assert len(loaded.rules) > 1500
    for rule in loaded.rules:
        if rule.query is not None:
            lines = (rule_folder / rule.source).read_text(encoding="utf-8").split("\n")
            assert rule.query_position is not None
            at = rule.query_position
            rest = "\n".join([lines[at.line - 1][at.column - 1 :], *lines[at.line :]])
            assert rest.startswith(rule.query), rule.source


def _rule(rule_id: str) -> str:
    return f'[rule]\nrule_id = "{rule_id}"\nname = "n"\ntype = "query"\nquery = "a:1"\nlanguage = "kuery"\n\n'
