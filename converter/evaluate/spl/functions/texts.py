"""Text functions. Source: Splunk Search Reference, "Text functions" and "Cryptographic functions"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import unquote_plus

from converter.evaluate.spl.expression import Call, Evaluate, Function, scalar
from converter.evaluate.spl.patterns import finder, substituted
from converter.evaluate.spl.values import Value, number, text
from converter.source import SourceError

_BLANKS = " \t"


def _substring(call: Call) -> tuple[Evaluate, bool]:
    """`substr(text, start, length)`: counted from 1, or from the end where negative."""

    def cut(value: Value, start: Value, length: Value = None) -> Value:
        first = number(start)
        count = None if length is None else number(length)
        if first is None or (length is not None and count is None):
            return None
        if first == 0:
            raise call.refuse("from place 0, which is not documented")
        whole = text(value)
        offset = int(first) - 1 if first > 0 else max(len(whole) + int(first), 0)
        return whole[offset:] if count is None else whole[offset : offset + max(int(count), 0)]

    return scalar(cut)(call)


def _replace(call: Call) -> tuple[Evaluate, bool]:
    """Each match of the regular expression replaced; `\\1` is what the first group took."""
    pattern = call.constant_text(1)
    if pattern is not None:
        try:
            finder(pattern)
        except SourceError as error:
            error.position = call.arguments[1].position
            raise
    return scalar(lambda value, regex, replacement: substituted(text(value), text(regex), text(replacement)))(
        call
    )


def _trim(cut: Callable[[str, str], str]) -> Function:
    return Function(1, 2, scalar(lambda value, letters=_BLANKS: cut(text(value), text(letters))))


def _digest(name: str) -> Function:
    return Function(1, 1, scalar(lambda value: hashlib.new(name, text(value).encode()).hexdigest()))


TEXTS: dict[str, Function] = {
    "lower": Function(1, 1, scalar(lambda value: text(value).lower())),
    "upper": Function(1, 1, scalar(lambda value: text(value).upper())),
    "len": Function(1, 1, scalar(lambda value: len(text(value)))),
    "substr": Function(2, 3, _substring),
    "replace": Function(3, 3, _replace),
    "trim": _trim(lambda value, letters: value.strip(letters)),
    "ltrim": _trim(lambda value, letters: value.lstrip(letters)),
    "rtrim": _trim(lambda value, letters: value.rstrip(letters)),
    "urldecode": Function(1, 1, scalar(lambda value: unquote_plus(text(value)))),
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
}
