"""A profile whose shapes and cells follow from another one's."""

from __future__ import annotations

import pytest

from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Record
from converter.taxonomy.streamed import Stream

TAXONOMY = load_taxonomy()
RECORDS = {record.name: record for record in TAXONOMY.records}


def test_every_table_of_devices_is_streamed() -> None:
    tables = {
        record.name
        for record in TAXONOMY.records
        if "defender_xdr" in record.shapes
        and (record.shapes["defender_xdr"].table or "").startswith("Device")
    }
    assert tables == {record.name for record in TAXONOMY.records if "defender" in record.shapes}
    assert len(tables) > 10


def test_columns_lie_under_properties() -> None:
    record = RECORDS["windows_process_creation"]
    shape = record.shapes["defender"]
    assert shape.where["category"] == ("AdvancedHunting-DeviceProcessEvents",)
    assert shape.where["properties.ActionType"] == ("ProcessCreated",)
    assert shape.unlike == {"properties.FolderPath": "/*"}
    assert str(record.cell("process.args", "defender")) == "properties.ProcessCommandLine|argument"


def test_the_field_of_a_joined_key_is_renamed_too() -> None:
    """The argument of `joined` names a column: left alone, the key is null and no sequence alerts."""
    cell = RECORDS["windows_process_creation"].cell("process.entity_id", "defender")
    assert str(cell) == "properties.DeviceId|joined(properties.ProcessId)"


def test_a_computed_column_is_written_for_splunk() -> None:
    """A key without a value has no value name: concatenated with null, its path would be null."""
    extend = RECORDS["registry_set"].shapes["defender"].extend
    expected = "'properties.RegistryKey'.\"\\\\\".coalesce('properties.RegistryValueName', \"\")"
    assert extend == {"properties.RegistryPath": expected}


def test_a_computed_column_of_another_form_is_refused() -> None:
    stream = Stream("defender", "defender_xdr", "Device", "properties.{}", {}, "Timestamp", "%s")
    record: Record = RECORDS["registry_set"]
    shape = record.shapes["defender_xdr"]
    changed = type(shape)(profile="defender_xdr", table=shape.table, extend={"X": "toupper(Y)"})
    with pytest.raises(ValueError, match="toupper"):
        stream.over(Record(**{**_fields(record), "shapes": {"defender_xdr": changed}}))


def _fields(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
