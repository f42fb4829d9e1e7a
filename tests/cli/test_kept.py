"""What is derived from grammars and tables is kept between runs: never stale, never wrong, never needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from converter.kept import derived, grammars, parser, read_yaml, store, version_of
from converter.kept.nodes import Token, Unexpected

GRAMMAR = 'start: "a" WORD\nWORD: /[b-z]+/\n'
RULE = """
[rule]
name = "R"
rule_id = "00000000-0000-4000-8000-00000000000a"
type = "eql"
language = "eql"
risk_score = 21
severity = "low"
query = 'process where host.os.type == "windows" and process.name : "tool.exe"'
"""


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def count(calls: list[int]) -> list[int]:
    calls.append(1)
    return [len(calls)]


def test_what_is_kept_is_not_derived_again(own_cache: Path) -> None:
    calls: list[int] = []
    assert [derived(("a",), lambda: count(calls)) for _ in range(2)] == [[1], [1]]
    assert len(entries(own_cache)) == 1


@pytest.mark.parametrize(
    "damage",
    [lambda body: b"", lambda body: body[:-1], lambda body: body[:70], lambda body: body[:-2] + b"xx"],
    ids=["empty", "truncated", "only its head", "other bytes"],
)
def test_a_damaged_entry_is_derived_and_written_again(damage: Any, own_cache: Path) -> None:
    calls: list[int] = []
    derived(("a",), lambda: count(calls))
    (entry,) = entries(own_cache)
    sound = entry.read_bytes()
    entry.write_bytes(damage(sound))
    assert derived(("a",), lambda: [1]) == [1]
    assert entry.read_bytes() == sound


def test_other_sources_or_another_python_find_no_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    assert derived(("a", "b"), lambda: [1]) == [1]
    assert derived(("a", "c"), lambda: [2]) == [2]
    monkeypatch.setattr(sys, "version", "4.0")
    assert derived(("a", "b"), lambda: [3]) == [3]


def test_a_changed_grammar_or_option_or_another_lark_has_its_own_tables(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.lark"
    path.write_text(GRAMMAR)
    assert parser(path).parse("ab").children == ["b"]
    assert parser(path, keep_all_tokens=True).parse("ab").children == ["a", "b"]
    path.write_text(GRAMMAR.replace('"a"', '"c"', 1))
    assert parser(path).parse("cd").children == ["d"]
    assert len(entries(own_cache)) == 6  # Lark's form and our loop's
    monkeypatch.setattr(grammars, "version_of", lambda _: "0")
    parser(path)
    assert len(entries(own_cache)) == 8


def test_kept_tables_parse_as_new_ones_do(tmp_path: Path) -> None:
    """With places, with callbacks of the lexer and with a transformer, which are no part of what is kept."""
    path = tmp_path / "x.lark"
    path.write_text(GRAMMAR)
    upper = {"WORD": lambda token: Token(token.type, token.upper(), column=token.column)}
    for _ in range(2):
        tree = parser(path, callbacks=upper, propagate_positions=True).parse("ab")
        assert (tree.children, tree.meta.column) == (["B"], 1)
        with pytest.raises(Unexpected):
            parser(path).parse("a!")


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for number in (1, 2):
        path.write_text(f"a: [{number}]")
        assert read_yaml(path) == {"a": [number]}


def test_what_is_not_plain_is_derived_each_time(tmp_path: Path, own_cache: Path) -> None:
    """A date in a user's own table."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 2024-01-01")
    assert str(read_yaml(path)["a"]) == "2024-01-01"
    assert not entries(own_cache)


@pytest.mark.parametrize("home", ["a file", "no folder"])
def test_a_folder_that_cannot_be_written_is_no_fault(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if home == "a file":
        (tmp_path / "file").touch()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    else:
        monkeypatch.setattr(store, "default_folder", lambda: None)
    calls: list[int] = []
    assert [derived(("a",), lambda: count(calls)) for _ in range(2)] == [[1], [2]]


def test_a_full_disk_leaves_no_half_entry(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert derived(("a",), lambda: [1]) == [1]
    assert not entries(own_cache)


def test_a_user_without_a_home_has_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert store.default_folder() is None


def test_two_processes_write_at_once_and_a_later_one_reads(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.toml").write_text(RULE)
    cache = tmp_path / "cache"
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}

    def start(out: str) -> subprocess.Popen[bytes]:
        words = ["-m", "converter", "convert", str(rules), "--out", str(tmp_path / out), "--no-cache"]
        return subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.DEVNULL)

    both = [start("one"), start("two")]
    assert [process.wait() for process in both] == [0, 0]
    kept = {path: path.read_bytes() for path in entries(cache)}
    assert start("three").wait() == 0
    assert {path: path.read_bytes() for path in entries(cache)} == kept
    reports = [json.loads((tmp_path / out / "report.json").read_text()) for out in ("one", "two", "three")]
    assert reports[0] == reports[1] == reports[2]


def test_a_librarys_version_is_in_the_name_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the standard library reads it out of the folder; of another case, as some installers write it."""
    assert version_of("pysigma_backend_kusto").startswith(version("pysigma-backend-kusto"))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(PackageNotFoundError):
        version_of("some_library")
    (tmp_path / "Some_Library-2.0.dist-info").mkdir()
    assert version_of("some_library").startswith("2.0")
