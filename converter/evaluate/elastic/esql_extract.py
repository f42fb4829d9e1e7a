"""ES|QL's `dissect` and `grok`: one text, split into columns.

Source: the Elasticsearch reference, "Dissect processor" and "Grok processor" (whose patterns ES|QL uses).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import regex

from converter.evaluate.elastic.esql_types import V, collected
from converter.ir.detection import Extract
from converter.regex import RegexTimeout
from converter.source import NotSupportedError

Found = Mapping[str, V]
"""The columns that were found; without a match, none of them."""

_TIMEOUT = 1.0
_MAX_NESTING = 16

_KEY = regex.compile(r"%\{([^}]*)\}")
_REFERENCE = regex.compile(r"%\{(\w+)(?::([^:}]+))?(?::(\w+))?\}|\(\?<(?![=!])([^>]+)>")
_CONVERSIONS: dict[str, Callable[[str], V]] = {
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: text.lower() == "true",
}


def extractor(stage: Extract) -> Callable[[str], Found | None]:
    """The function from a text to the columns of the stage; None where the text does not match."""
    if stage.kind == "dissect":
        return _dissect(stage)
    patterns = [_grok(text, stage) for text in (stage.pattern, *stage.others)]

    def first(text: str) -> Found | None:
        for pattern in patterns:
            if (found := pattern(text)) is not None:
                return found
        return None

    return first


def _dissect(stage: Extract) -> Callable[[str], Found | None]:
    """Keys take what stands before the next delimiter; the last one takes the rest."""
    delimiters = _KEY.split(stage.pattern)[::2]
    keys = [key.strip() for key in _KEY.findall(stage.pattern)]
    if not keys or any(not delimiter for delimiter in delimiters[1:-1]):
        raise NotSupportedError("dissect keys without a delimiter", stage.pos, code="esql-dissect")
    if any(key.lstrip("+").startswith(("*", "&")) for key in keys):
        raise NotSupportedError("dissect with reference keys", stage.pos, code="esql-dissect")

    def split(text: str) -> Found | None:
        if not text.startswith(delimiters[0]):
            return None
        at, values = len(delimiters[0]), []
        for key, delimiter in zip(keys, delimiters[1:], strict=True):
            end = text.find(delimiter, at) if delimiter else len(text)
            if end < 0:
                return None
            values.append(text[at:end])
            at = end + len(delimiter)
            while key.endswith("->") and delimiter and text.startswith(delimiter, at):
                at += len(delimiter)
        return _named(keys, values, stage.separator)

    return split


def _named(keys: list[str], values: list[str], separator: str) -> Found:
    """Keys with a `+` are joined, in the order of `/1`, `/2`, ... where they have one."""
    found: dict[str, list[tuple[int, str]]] = {}
    for key, value in zip(keys, values, strict=True):
        name, _, order = key.removesuffix("->").partition("/")
        plain = name.lstrip("+")
        if not plain or plain.startswith("?"):
            continue
        if not name.startswith("+"):
            found[plain] = []
        found.setdefault(plain, []).append((int(order) if order.isdigit() else 0, value))
    return {
        name: separator.join(value for _, value in sorted(parts, key=lambda part: part[0]))
        for name, parts in found.items()
    }


def _grok(pattern: str, stage: Extract) -> Callable[[str], Found | None]:
    """Finds the pattern anywhere in the text; a name that matches more than once has several values."""
    columns: list[tuple[str, str | None]] = []
    expanded = _expand(pattern, columns, stage, 0)
    try:
        compiled = regex.compile(expanded, regex.VERSION0)
    except regex.error as error:
        raise NotSupportedError(f"grok pattern: {error}", stage.pos, code="esql-grok") from None

    def find(text: str) -> Found | None:
        try:
            match = compiled.search(text, timeout=_TIMEOUT)
        except TimeoutError:
            raise RegexTimeout(f"grok pattern took over {_TIMEOUT:g} s") from None
        if match is None:
            return None
        values: dict[str, list[V]] = {}
        for index, (name, kind) in enumerate(columns):
            value = match.group(f"g{index}")
            if value is not None:
                values.setdefault(name, []).append(_CONVERSIONS[kind](value) if kind else value)
        return {name: collected(items) for name, items in values.items()}

    return find


def _expand(pattern: str, columns: list[tuple[str, str | None]], stage: Extract, depth: int) -> str:
    if depth > _MAX_NESTING:
        raise NotSupportedError("grok patterns nested too deep", stage.pos, code="esql-grok")

    def replaced(match: regex.Match[str]) -> str:
        name, column, kind, group = match.groups()
        if group is not None:
            columns.append((group, None))
            return f"(?P<g{len(columns) - 1}>"
        body = _patterns().get(name)
        if body is None or (kind is not None and kind not in _CONVERSIONS):
            what = f"grok pattern {name}" if body is None else f"grok conversion {kind}"
            raise NotSupportedError(what, stage.pos, code="esql-grok")
        if column is None:
            return f"(?:{_expand(body, columns, stage, depth + 1)})"
        columns.append((column, kind))
        opening = f"(?P<g{len(columns) - 1}>"
        return f"{opening}{_expand(body, columns, stage, depth + 1)})"

    return str(_REFERENCE.sub(replaced, pattern))


@cache
def _patterns() -> dict[str, str]:
    text = Path(__file__).with_name("grok_patterns.tsv").read_text("utf-8")
    rows = (line.split("\t", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}
