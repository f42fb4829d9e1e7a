"""Splunk's SPL: text and events in, alerts or a table out. See docs/spl.md."""

from converter.evaluate.spl.compile import CompiledSearch, compile_spl
from converter.evaluate.spl.precedence import precedence_sensitive

__all__ = ["CompiledSearch", "compile_spl", "precedence_sensitive"]
