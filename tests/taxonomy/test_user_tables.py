"""A user's own table that is none: one message with the file, and never in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.source import SourceError
from converter.taxonomy import load_taxonomy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record: {}", "unknown key 'record'"),
        ("- a", "a taxonomy table is a mapping"),
        ("records: 5", "not a taxonomy table"),
        ("records: {a: 5}", "not a taxonomy table"),
        ("records: {a: {title: A, when: 5, shapes: {sysmon: {}}}}", "not a taxonomy table"),
        ("records: {a: {title: A, when: {}, shapes: {other: {}}}}", "record a: missing or unknown 'other'"),
        ("records: {a: {title: A, when: {}, shapes: {}, fields: {x: {sysmon: '|'}}}}", "not a cell"),
        ("maps: {a: 5}", "map a is not a mapping"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(SourceError, match=r"own\.yaml") as caught:
        load_taxonomy(tmp_path)
    assert caught.value.message.startswith(message), caught.value.message
