"""`dissect` and `grok` as captures: each column an expression over the text, null where it does not fit.

    dissect f "%{}://%{host}/%{}"     ->   host = capture(f, "^.*?://(.*?)/.*$")
    grok f "id=(?<id>[0-9]+)"         ->   id = capture(f, "id=([0-9]+)")

A delimiter of `dissect` is its first occurrence behind the one before, which a shortest match finds as well.
"""

from __future__ import annotations

import re

from converter.ir.detection import Extract
from converter.ir.value import Call, Literal_, Value
from converter.late import late
from converter.lowering.conversions.pieces import escape
from converter.lowering.fidelity import Refused

_KEY = late(r"%\{([^}]*)\}")
_REFERENCE = late(r"%\{(\w+)(?::([^:}]+))?(?::(\w+))?\}|\(\?<(?![=!])([^>]+)>")
_PATTERNS = {
    "DATA": ".*?",
    "GREEDYDATA": ".*",
    "NOTSPACE": r"\S+",
    "SPACE": r"\s*",
    "WORD": r"\b\w+\b",
    "USERNAME": "[a-zA-Z0-9._-]+",
    "USER": "[a-zA-Z0-9._-]+",
    "INT": r"(?:[+-]?(?:[0-9]+))",
    "POSINT": r"\b(?:[1-9][0-9]*)\b",
    "NONNEGINT": r"\b(?:[0-9]+)\b",
}
"""Grok's patterns that both targets' regular expressions say as they are."""


def captures(stage: Extract) -> dict[str, Value]:
    """The stage's columns. Raises Refused for what is more than captures of one text."""
    patterns = _dissect(stage) if stage.kind == "dissect" else _grok(stage)
    return {
        name: Call("$capture", (stage.source, Literal_(pattern)), pos=stage.pos, language="esql")
        for name, pattern in patterns.items()
    }


def _refused(stage: Extract, what: str) -> Refused:
    return Refused.because(f"esql-{stage.kind}", f"{stage.kind} with {what}", position=stage.pos)


def _dissect(stage: Extract) -> dict[str, str]:
    first, *delimiters = _KEY.split(stage.pattern)[::2]
    keys = [key.strip() for key in _KEY.findall(stage.pattern)]
    if not keys or any(not delimiter for delimiter in delimiters[:-1]):
        raise _refused(stage, "keys without a delimiter")
    if any(key.startswith(("+", "*", "&")) or key.endswith("->") or "/" in key for key in keys):
        raise _refused(stage, "keys that are joined, named by others or padded")
    names = [key for key in keys if key and not key.startswith("?")]
    if len(set(names)) < len(names):
        raise _refused(stage, "a key that stands twice")
    found = {}
    for wanted in names:
        pattern = f"^{escape(first)}"
        for key, delimiter in zip(keys, delimiters, strict=True):
            part = ".*?" if delimiter else ".*"
            pattern += (f"({part})" if key == wanted else part) + escape(delimiter)
        found[wanted] = pattern + ("" if delimiters[-1] else "$")
    return found


def _grok(stage: Extract) -> dict[str, str]:
    if stage.others:
        raise _refused(stage, "several patterns")
    names = [column or group for _, column, _, group in _REFERENCE.findall(stage.pattern) if column or group]
    if len(set(names)) < len(names):
        raise _refused(stage, "a column that stands twice")
    if re.search(r"(?<!\\)\((?!\?)", stage.pattern):
        pattern = re.sub(r"((?<!\\)(?:\\\\)*)\((?!\?)", r"\1(?:", stage.pattern)
    else:
        pattern = stage.pattern
    return {wanted: _captured(pattern, wanted, stage) for wanted in names}


def _captured(pattern: str, wanted: str, stage: Extract) -> str:
    def replaced(match: re.Match[str]) -> str:
        name, column, kind, group = match.groups()
        if group is not None:
            return "(" if group == wanted else "(?:"
        if name not in _PATTERNS or kind:
            raise _refused(stage, f"the pattern {name}" + (f" as {kind}" if kind else ""))
        return f"({_PATTERNS[name]})" if column == wanted else f"(?:{_PATTERNS[name]})"

    return _REFERENCE.sub(replaced, pattern)
