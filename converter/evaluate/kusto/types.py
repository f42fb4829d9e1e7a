"""The scalar data types of Kusto and the names by which queries and schemas call them."""

from __future__ import annotations

from enum import Enum


class Type(Enum):
    """A scalar type; UNKNOWN is a column that no event has, in a table without a schema."""

    BOOL = "bool"
    INT = "int"
    LONG = "long"
    REAL = "real"
    DECIMAL = "decimal"
    STRING = "string"
    DATETIME = "datetime"
    TIMESPAN = "timespan"
    GUID = "guid"
    DYNAMIC = "dynamic"
    UNKNOWN = "unknown"


TYPE_NAMES: dict[str, Type] = {
    **{member.value: member for member in Type if member is not Type.UNKNOWN},
    "boolean": Type.BOOL,
    "int32": Type.INT,
    "int64": Type.LONG,
    "double": Type.REAL,
    "date": Type.DATETIME,
    "time": Type.TIMESPAN,
    "uuid": Type.GUID,
    "uniqueid": Type.GUID,
    "object": Type.DYNAMIC,
}
"""Type names and their synonyms (reference: "Scalar data types")."""

DOTNET_NAMES: dict[Type, str] = {
    Type.BOOL: "System.SByte",
    Type.INT: "System.Int32",
    Type.LONG: "System.Int64",
    Type.REAL: "System.Double",
    Type.DECIMAL: "System.Data.SqlTypes.SqlDecimal",
    Type.STRING: "System.String",
    Type.DATETIME: "System.DateTime",
    Type.TIMESPAN: "System.TimeSpan",
    Type.GUID: "System.Guid",
    Type.DYNAMIC: "System.Object",
    Type.UNKNOWN: "System.Object",
}
"""What `getschema` prints as DataType."""

INTEGERS = frozenset({Type.INT, Type.LONG})
NUMBERS = frozenset({Type.INT, Type.LONG, Type.REAL, Type.DECIMAL})


def widest(types: list[Type]) -> Type:
    """The type that holds all numbers of these types: decimal over real over long over int."""
    for candidate in (Type.DECIMAL, Type.REAL, Type.LONG):
        if candidate in types:
            return candidate
    return Type.INT
