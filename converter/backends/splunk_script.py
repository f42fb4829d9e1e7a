"""Script expressions as Splunk `eval` expressions (three-valued in both)."""

from __future__ import annotations

from converter.ir.value import Value
from converter.lowering.fidelity import Refused


def write_value(value: Value) -> str:
    """The expression in Splunk's words. Raises Refused for what it has no equivalent of."""
    raise Refused.because("script", "an expression over several fields", position=value.pos)
