"""Conversion of units: `convert_length` and its kin, from the table beside this module.

`convert_temperature` is not there: the example of its page contradicts the scales that it names.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from converter.evaluate.kusto.functions.registry import function
from converter.kept import read_yaml
from converter.source import NotSupportedError

Factors = dict[str, Decimal]


@lru_cache(maxsize=1)
def _tables() -> dict[str, Factors]:
    loaded = read_yaml(Path(__file__).with_name("units.yaml"))
    return {
        name: {unit: _factor(str(text)) for unit, text in units.items()} for name, units in loaded.items()
    }


def _factor(text: str) -> Decimal:
    numerator, _, denominator = text.partition("/")
    return Decimal(numerator) / Decimal(denominator or 1)


def _register(name: str) -> None:
    def convert(value: float, source: str, target: str) -> float:
        factors = _tables()[name]
        for unit in (source, target):
            if unit not in factors:
                raise NotSupportedError(f"unit {unit} of {name}()", code="kql-unit")
        return float(Decimal(str(value)) * factors[source] / factors[target])

    function(name, "real, string, string -> real")(convert)


for _name in ("angle", "energy", "force", "length", "mass", "speed", "volume"):
    _register(f"convert_{_name}")
