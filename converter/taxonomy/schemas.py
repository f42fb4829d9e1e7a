"""The tables of Microsoft's products with their columns and types, from the Kusto backend's own data.

Source: pySigma-backend-kusto (`sigma.pipelines.*.tables`), which takes them from Microsoft's references.
ASIM's logical types (Enumerated, IP address, ...) are all texts in Kusto. Tables that these data lack are in
`sentinel_tables.yaml` and `defender_tables.yaml`, each with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from converter.kept import derived, read_yaml, version_of
from converter.late import late

Columns = Mapping[str, str]

_TYPES = {
    "string": "string",
    "int": "int",
    "integer": "int",
    "long": "long",
    "bigint": "long",
    "real": "real",
    "double": "real",
    "latitude": "real",
    "longitude": "real",
    "bool": "bool",
    "boolean": "bool",
    "datetime": "datetime",
    "date/time": "datetime",
    "dynamic": "dynamic",
    "guid": "guid",
    "timespan": "timespan",
}
_NAME = late(r"\s*([A-Za-z_]\w*)\s*(?:`.*)?")
_ALIASES = {"Duration": "int"}
"""ASIM's aliases have no type in the reference; all others stand for a text."""
_SENTINEL_TABLES = Path(__file__).parent / "sentinel_tables.yaml"
_DEFENDER_TABLES = Path(__file__).parent / "defender_tables.yaml"
_ASIM_BASE = {"TimeGenerated": "datetime", "Type": "string"}


@cache
def table_schemas(product: str) -> Mapping[str, Columns]:
    """Table -> column -> Kusto type, for "defender_xdr", "sentinel_asim" or "azure_monitor".

    Raises KeyError for any other product. They are kept between runs: the shipped data, and what imports
    come with them, are fifty thousand lines.
    """
    texts = (
        path.read_text(encoding="utf-8") for path in (Path(__file__), _SENTINEL_TABLES, _DEFENDER_TABLES)
    )
    return derived((product, version_of("pysigma_backend_kusto"), *texts), _PRODUCTS[product])


def _defender() -> Mapping[str, Columns]:
    from sigma.pipelines.microsoftxdr.tables import MICROSOFT_XDR_TABLES

    shipped = {table: _columns(columns) for table, columns in MICROSOFT_XDR_TABLES.items()}
    return {**_declared(_DEFENDER_TABLES), **shipped}


def _asim() -> Mapping[str, Columns]:
    from sigma.pipelines.sentinelasim.tables import SENTINEL_ASIM_COMMON_FIELDS, SENTINEL_ASIM_TABLES

    common = {**_ASIM_BASE, **_columns(SENTINEL_ASIM_COMMON_FIELDS["COMMON"])}
    tables = {table: {**common, **_columns(columns)} for table, columns in SENTINEL_ASIM_TABLES.items()}
    # "ASIM Web Session schema reference": it is a superset of the Network Session schema. "ASIM Process Event
    # schema reference": the parsers for processes that start and end have one schema.
    return {
        **tables,
        "imWebSession": {**tables["imNetworkSession"], **tables["imWebSession"]},
        "imProcessTerminate": tables["imProcessCreate"],
    }


def _azure_monitor() -> Mapping[str, Columns]:
    from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

    shipped = {table: _columns(columns) for table, columns in AZURE_MONITOR_TABLES.items()}
    own = _declared(_SENTINEL_TABLES)
    return {**shipped, **{table: {**own[table], **shipped.get(table, {})} for table in own}}


def _declared(path: Path) -> Mapping[str, Columns]:
    """The project's own declarations; the shipped data win where they come to have the column."""
    tables = read_yaml(path)
    return {
        table: {name: kind for kind, names in entry["columns"].items() for name in names}
        for table, entry in tables.items()
    }


def _columns(columns: Mapping[str, Mapping[str, str] | str]) -> Columns:
    """The columns of a table with Kusto's types.

    Names carry marks of the reference's typesetting (" Name", "Name`*"); headings of it ("Dvc fields") stand
    among the columns.
    """
    found = {}
    for written, column in columns.items():
        name = _NAME.fullmatch(written)
        if name is not None:
            kind = column if isinstance(column, str) else column.get("data_type", "")
            found[name[1]] = _ALIASES.get(name[1]) or _TYPES.get(kind.lower(), "string")
    return found


_PRODUCTS = {"defender_xdr": _defender, "sentinel_asim": _asim, "azure_monitor": _azure_monitor}
