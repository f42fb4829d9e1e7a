"""A user's own table that is none: one message with the file, and never in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from converter.commands.settings import taxonomy_of
from converter.source import SourceError
from converter.taxonomy import load_taxonomy


def _record(more: str) -> str:
    """A table of one record, which has this too."""
    entry = {"title": "A", "when": {}, "shapes": {}} | yaml.safe_load(f"{{{more}}}")
    return yaml.safe_dump({"records": {"a": entry}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record: {}", "the table: unknown key 'record'"),
        ("- a", "a taxonomy table is a mapping"),
        ("\x01", "not YAML: unacceptable character"),
        ("records: 5", "the table: records is not a mapping"),
        ("records: {a: 5}", "record a is not a mapping"),
        (_record("when: 5"), "record a: when is not a mapping"),
        (_record("each: {b: 5}"), "record a: each is not a mapping of mappings"),
        (_record("shapes: {other: {}}"), "record a: missing or unknown 'other'"),
        (_record("shapes: {sysmon: 5}"), "record a: shape sysmon is not a mapping"),
        (_record("shapes: {sysmon: {like: {Image: 5}}}"), "record a: shape sysmon: like is not a mapping of"),
        (_record("include: [g]"), "record a: missing or unknown 'g'"),
        (_record("include: [[g]]"), "record a: not as docs/taxonomy.md says"),
        (_record("fields: {x: Image}"), "field x is not a mapping"),
        (_record("fields: {x: {sysmon: 5}}"), "field x: not a cell"),
        (_record("fields: {x: {sysmon: '|'}}"), "field x: not a cell"),
        # Such a row would be one of a field of just that name, which no rule asks.
        (_record("fields: {'{a, b}.x': {sysmon: '**'}}"), "field {a, b}.x: names in braces stand at the end"),
        ("maps: {a: 5}", "map a is not a mapping"),
        ("groups: {a: 5}", "group a is not a mapping"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(SourceError, match=r"own\.yaml") as caught:
        load_taxonomy(tmp_path)
    assert caught.value.message.startswith(message), caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_record("fields: {x: {sysmon: Image|upper}}"), "record a: field x: no such conversion 'upper'"),
        (_record("fields: {x: {sysmon: Image|values(m)}}"), "record a: field x: no such map 'm'"),
        (_record("fields: {x: {sysmon: Image|told(n)}}"), "record a: field x: map n: not a condition"),
    ],
)
def test_a_cell_that_no_conversion_can_follow(tmp_path: Path, text: str, message: str) -> None:
    """It would be found when a rule asks the field: as a fault of the converter."""
    (tmp_path / "own.yaml").write_text(text + "\nmaps: {n: {a: '>'}}", "utf-8")
    with pytest.raises(SourceError, match=r"own\.yaml") as caught:
        taxonomy_of(tmp_path)
    assert caught.value.message.startswith(message), caught.value.message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        load_taxonomy(tmp_path / "none")
