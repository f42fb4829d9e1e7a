"""A rule's file is kept as it was read: the second time nothing of it, or of its errors, is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.elastic import toml_file
from converter.elastic.load import Loaded, load_paths

RULE = """# a comment
[metadata]
creation_date = "2024/01/02"

[rule]
name = "Näme"
rule_id = "a"
type = "eql"
query = '''
process where true
'''

[[rule.filters]]
meta = { negate = true }
"""
TEXTS = {
    "sound": RULE,
    "a byte order mark and other ends of lines": "\ufeff" + RULE.replace("\n", "\r\n"),
    "a key of the wrong type": RULE.replace('name = "Näme"', "name = 7"),
    "no rule": "[metadata]\na = 1\n",
    "no TOML": RULE.replace("[rule]", "[rule"),
    "a date, which is not kept": RULE.replace('"2024/01/02"', "2024-01-02"),
}


def said(loaded: Loaded) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rules with the places of their keys, in order, and the errors."""
    rules = [(repr(rule), [(key, str(at)) for key, at in rule.places.items()]) for rule in loaded.rules]
    return rules + [(str(error), []) for error in loaded.errors]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_second_time_a_file_is_read_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8", newline="")
    first = said(load_paths([tmp_path]))
    assert said(load_paths([tmp_path])) == first


def test_a_kept_file_is_not_parsed_again_and_has_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.toml").write_text(RULE, "utf-8")
    [rule] = load_paths([tmp_path]).rules
    monkeypatch.delattr(toml_file.tomli, "loads")
    (tmp_path / "a.toml").rename(tmp_path / "b.toml")
    [again] = load_paths([tmp_path]).rules
    assert (rule.source, again.source) == ("a.toml", "b.toml")
    assert (again.query, again.query_position) == (rule.query, rule.query_position)


def test_another_reader_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.toml").write_text(RULE, "utf-8")
    load_paths([tmp_path])
    monkeypatch.setattr(toml_file.tomli, "__version__", "another")
    monkeypatch.setattr(toml_file.tomli, "loads", lambda _: {})
    assert [str(error) for error in load_paths([tmp_path]).errors] == [
        "a.toml:1:1: the file has no [rule] table"
    ]
