"""A rule's TOML file, with the places of its keys.

A corpus is read at every run, and hardly a file of it is another than the last time: what is read of a text
is kept (`kept/`) as plain data, in a tenth of the time. A text that is no TOML is read each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import tomli

from converter.elastic import places
from converter.elastic.document import QUERY_KEYS, Document
from converter.kept import derived, read_by
from converter.late import late
from converter.source import Position, SourceError

_TOML_PLACE = late(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")
_Plain: TypeAlias = tuple[dict[str, Any], dict[str, tuple[int, int]], dict[str, tuple[int, int]]]
"""The document; the lines and columns of the keys in its tables `rule...`; those of the queries' texts."""


def toml_document(text: str, source: str) -> Document:
    """The rule's document. Raises SourceError for what is no TOML, and for a file without a rule."""
    version = read_by(tomli.__version__, __file__, places.__file__)
    document, keys, queries = derived(("rule", version, text), lambda: _read(text, source))
    table = document.get("rule")
    if not isinstance(table, dict):
        raise SourceError("the file has no [rule] table", Position(1, 1), source)
    metadata = document.get("metadata")
    return Document(
        table,
        _metadata(document, metadata if isinstance(metadata, dict) else {}),
        source,
        {name: Position(*place) for name, place in keys.items()},
        {name: Position(*place) for name, place in queries.items()},
    )


def _read(text: str, source: str) -> _Plain:
    try:
        document = tomli.loads(text)
    except RecursionError:
        raise SourceError("invalid TOML: nested too deep", Position(1, 1), source) from None
    except ValueError as error:
        raise _toml_error(str(error), text, source) from None
    found = places.find_places(text.replace("\r\n", "\n"))
    keys = {name: found.position(offset) for name, offset in found.keys.items() if name.startswith("rule")}
    queries = {key: place for key in QUERY_KEYS if (place := found.string(f"rule.{key}")) is not None}
    return document, _numbers(keys), _numbers(queries)


def _numbers(positions: Mapping[str, Position]) -> dict[str, tuple[int, int]]:
    return {name: (place.line, place.column) for name, place in positions.items()}


def _metadata(document: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata table, with the document's other top-level tables (`[transform]`) beside its keys."""
    others = {key: value for key, value in document.items() if key not in ("rule", "metadata")}
    return {**metadata, **others}


def _toml_error(message: str, text: str, source: str) -> SourceError:
    place = _TOML_PLACE.search(message)
    if place is None or place.group(1) is None:
        lines = text.split("\n")
        position = Position(len(lines), len(lines[-1]) + 1)
    else:
        position = Position(int(place.group(1)), int(place.group(2)))
    reason = message[: place.start()] if place else message.partition(";")[0]  # behind it: how to set Python
    return SourceError(f"invalid TOML: {reason[:1].lower()}{reason[1:]}", position, source)
