"""ES|QL: text to pipeline."""

from converter.ir import Pipeline
from converter.source import NotSupportedError, Position


def parse_esql(text: str) -> Pipeline:
    """Not read yet: every text is refused."""
    raise NotSupportedError("ES|QL", Position(1, 1), code="esql")
