"""The built-in scalar functions; importing this package fills the table of them."""

from converter.evaluate.kusto.functions import (
    conditions,
    conversions,
    distributions,
    dynamics,
    encodings,
    mathematics,
    networks,
    patterns,
    sorting,
    strings,
    structures,
    tables,
    times,
    units,
    window,
)
from converter.evaluate.kusto.functions.registry import FUNCTIONS, bind_call

__all__ = [
    "FUNCTIONS",
    "bind_call",
    "conditions",
    "conversions",
    "distributions",
    "dynamics",
    "encodings",
    "mathematics",
    "networks",
    "patterns",
    "sorting",
    "strings",
    "structures",
    "tables",
    "times",
    "units",
    "window",
]
