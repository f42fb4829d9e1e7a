"""YAML as SigmaHQ lays it out: four blanks, single quotes where they are wanted or needed.

A general YAML library takes half of the time of a conversion for this. What is written here are mappings,
lists and scalars; `tests/sigma/test_layout.py` reads them back with two libraries and compares them with
what one of them writes. Source: YAML 1.2 and 1.1 (Sigma's readers speak 1.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

_STEP = 4
_TEXT = "tag:yaml.org,2002:str"
_PRINTABLE = r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
_PLAIN = re.compile(r"(?![\s#,\[\]{}&*!|>'\"%@`?:+-])(?:(?!: |:$| #| $).)+")
_NUMBER = re.compile(r"0o[0-7]+|(\.[\d_]+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_resolver = Resolver()


def dump(document: dict[str, Any]) -> str:
    """The mapping as a YAML document. Texts of `detection` are quoted, but for the condition."""
    lines: list[str] = []
    for key, value in document.items():
        if key == "detection":
            lines.append("detection:")
            for name, block in value.items():
                lines += _entry(name, block, _STEP, quoted=name != "condition")
        else:
            lines += _entry(key, value, 0, quoted=False)
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Any, indent: int, quoted: bool) -> Iterator[str]:
    """The lines of one key of a mapping that begins at column `indent`."""
    head = f"{' ' * indent}{_text(key, quoted=False)}:"
    if isinstance(value, dict | list) and value:
        yield head
        yield from _nested(value, indent + _STEP, quoted)
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from (f"{' ' * (indent + _STEP)}{line}".rstrip() for line in value.split("\n"))
    else:
        yield f"{head} {_scalar(value, quoted)}"


def _nested(value: dict[str, Any] | list[Any], indent: int, quoted: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(key, item, indent, quoted)
        return
    for item in value:
        if isinstance(item, dict):
            lines = _nested(item, indent + 2, quoted)
            yield f"{' ' * indent}- {next(lines).lstrip()}"
            yield from lines
        else:
            yield f"{' ' * indent}- {_scalar(item, quoted)}"


def _scalar(value: Any, quoted: bool) -> str:
    if isinstance(value, str):
        return _text(value, quoted)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return format(Decimal(repr(value)), "f")  # without an exponent, which YAML 1.1 reads as text
    return "{}" if isinstance(value, dict) else "[]"


def _text(value: str, quoted: bool) -> str:
    is_line = _is_line(value)
    if is_line and not quoted and _PLAIN.fullmatch(value) and _is_text(value):
        return value
    if is_line:
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _is_line(value: str) -> bool:
    """Whether all of it is printable."""
    return value.isprintable() if value.isascii() else _line().fullmatch(value) is not None


@cache
def _line() -> re.Pattern[str]:
    """Takes 5 ms to compile, and hardly a rule asks it."""
    return re.compile(_PRINTABLE)


def _is_text(value: str) -> bool:
    """Whether the plain scalar is text in YAML 1.1 (not `yes`, `null`, `1_0`, `12:30`, a date) and 1.2."""
    tag: str = _resolver.resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag == _TEXT and not _NUMBER.fullmatch(value)


def _is_block(value: str) -> bool:
    """Whether a text of several lines can stand as a block: printable, no blanks at its ends or lines'."""
    lines = value.split("\n")
    plain = all(_is_line(line) and not line.endswith(" ") for line in lines)
    return len(lines) > 1 and plain and value == value.strip()


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if _is_line(char):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
