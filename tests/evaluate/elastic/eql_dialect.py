"""The conformance suite's queries, which are of EQL's first dialect, as Elasticsearch would have them.

What differs: `=` is `==`; comparison of strings ignores case and takes wildcards; functions ignore case;
strings may have single quotes, `?'...'` is raw. `case_sensitive` on a query asks for the exact form of each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

DROPPED = (
    (r"\b(?:descendant|child|event) of\b", "descendant of, child of, event of"),
    (r"\|\s*(?:filter|unique|unique_count|count|sort)\b", "pipes other than head and tail"),
    (r"^\s*join\b", "join"),
    (r"\bfork\b", "fork"),
    (r"\barray(?:Search|Contains|Count)\s*\(", "array functions"),
    (r"\w\[\d+\]", "array positions"),
    (r"\bby\s[^\[\]]*(?:\*|\w\()", "join keys that are computed"),
)
"""What Elasticsearch does not have: a pattern that finds it outside strings, and its name."""

_TOKEN = re.compile(
    r"""\?'(?:\\'|[^'\r\n])*'|\?"(?:\\"|[^"\r\n])*"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|//[^\n]*"""
    r"""|[A-Za-z_@][\w.]*|\d+(?:\.\d+)?|==|!=|<=|>=|[^\s\w]|\s+"""
)
_CASED = {"between", "endsWith", "indexOf", "startsWith", "stringContains", "match"}
_ORDERS = {"<", "<=", ">", ">="}


def dropped(query: str) -> str | None:
    """The name of what Elasticsearch's EQL does not have in the query, or None."""
    bare = re.sub(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""", "''", query)
    return next((name for pattern, name in DROPPED if re.search(pattern, bare)), None)


def translate(case: Mapping[str, Any]) -> str | None:
    """The query in Elasticsearch's EQL; None where that has no order of strings that ignores case."""
    exact = bool(case.get("case_sensitive"))
    tokens = [token for token in _TOKEN.findall(case["query"]) if not token.startswith("//")]
    tokens = _swapped([_string(token) for token in tokens])
    if case.get("case_insensitive") and _orders_strings(tokens):
        return None
    out: list[str] = []
    for at, token in enumerate(tokens):
        following = _following(tokens, at)
        if token in ("=", "==", "!=") and _previous(tokens, at) != "maxspan":
            fields = bool(case.get("case_insensitive")) and _is_name(following)
            _comparison(out, token, following, exact, fields)
        elif token == "in" and not exact:
            out.append("in~")
        elif token == "matchLite":
            out.append("match" if exact else "match~")
        elif token in _CASED and following == "(" and not exact:
            out.append(token + "~")
        else:
            out.append(token)
            if token.strip() and _closes(out):
                out[-1] += ")"
    return "".join(out)


_OPEN = " in~ ("


def _closes(out: list[str]) -> bool:
    """Whether the token just written is the field of `a == b`, which became `a in~ (b)`."""
    words = [word for word in out if word.strip()]
    return len(words) > 1 and words[-2] == _OPEN


def _comparison(out: list[str], op: str, right: str, exact: bool, fields: bool) -> None:
    if op == "=":
        op = "=="
    if fields:
        out.append(_OPEN)
        assert op == "=="
        return
    if not right.startswith('"'):
        out.append(op)
        return
    if exact and "*" not in right and "?" not in right:
        out.append(op)
        return
    if op == "!=":
        _negate_left(out)
    out.append(" like " if exact else " : ")


def _negate_left(out: list[str]) -> None:
    """Put `not` before the field or the call that ends here."""
    at = len(out) - 1
    depth = 0
    while at >= 0:
        depth += out[at].count(")") - out[at].count("(")
        if depth == 0 and out[at].strip() and (out[at] != "(" or re.fullmatch(r"[\w~.]+", out[at])):
            break
        at -= 1
    if out[at] == "(":
        at -= 1
    out.insert(at, "not ")


def _string(token: str) -> str:
    if token[:2] in ("?'", '?"'):
        return f'"""{token[2:-1]}"""'
    if token[0] == "'" and len(token) > 1:
        return '"' + token[1:-1].replace('"', '\\"') + '"'
    return token


def _swapped(tokens: list[str]) -> list[str]:
    """`"a" == field` as `field == "a"`."""
    words = [at for at, token in enumerate(tokens) if token.strip()]
    for left, op, right in zip(words, words[1:], words[2:], strict=False):
        if tokens[op] in ("=", "==", "!=") and tokens[left].startswith('"') and _is_name(tokens[right]):
            tokens[left], tokens[right] = tokens[right], tokens[left]
    return tokens


def _following(tokens: list[str], at: int) -> str:
    return next((token for token in tokens[at + 1 :] if token.strip()), "")


def _previous(tokens: list[str], at: int) -> str:
    return next((token for token in reversed(tokens[:at]) if token.strip()), "")


def _is_name(token: str) -> bool:
    return re.fullmatch(r"[A-Za-z_@][\w.]*", token) is not None and token not in ("null", "true", "false")


def _orders_strings(tokens: list[str]) -> bool:
    words = [token for token in tokens if token.strip()]
    return any(
        op in _ORDERS and (right.startswith('"') or (_is_name(left) and _is_name(right)))
        for left, op, right in zip(words, words[1:], words[2:], strict=False)
    )
