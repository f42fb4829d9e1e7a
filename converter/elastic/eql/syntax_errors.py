"""Syntax errors in the user's words: what stands there, what could stand there, and where."""

from __future__ import annotations

import re

from converter.kept.nodes import Unexpected
from converter.late import late
from converter.source import Position, QuerySyntaxError

_NAMES = {
    "STRING": "a string",
    "INTEGER": "a number",
    "FIELD": "a field",
    "FUNCTION": "a function",
    "CATEGORY": "an event category",
    "OPTION": "'runs'",
    "DURATION": "a time span such as 5m",
    "COMPARISON": "a comparison",
    "MATCH": "':', 'like' or 'regex'",
    "IN": "'in'",
    "SIGN": "'+' or '-'",
    "FACTOR": "'*', '/' or '%'",
    "PIPE": "'|'",
    "STEP_OPEN": "'['",
    "MISSING_OPEN": "'!['",
    "LPAR": "'('",
    "RPAR": "')'",
    "RSQB": "']'",
    "COMMA": "','",
    "EQUAL": "'='",
    "WHERE": "'where'",
    "OR": "'or'",
    "AND": "'and'",
    "BY": "'by'",
    "$END": "the end of the query",
}
"""Terminals of the grammar, in the order in which a message lists them; others are their own word."""

_IMPLIED = {"RAW", "DECIMAL", "TRUE", "FALSE", "NULL", "FORK", "JOIN", "OF", "LSQB"}
"""Terminals that a message leaves out: another one stands for them, or they are only read to be refused."""

_STRING = r'"(?:\\[btnfr"\'\\]|\\u\{[0-9A-Fa-f]{2,8}\}|[^\r\n"\\])*"'

_HINTS = (
    (late(r"\?['\"]|'"), "strings stand in double quotes"),
    (late(r'"""'), 'a """ string ends on its own line with """'),
    (
        late(rf'(?!{_STRING})"'),
        r"this string has no end, or an escape other than \b \t \n \f \r \" \' \\ \u{...}",
    ),
    (late(r"`[^`]*\Z"), "this quoted field has no end"),
    (late(r"/\*"), "this comment has no end"),
    (late(r"=(?!=)"), "equality is '=='"),
    (late(r"&&?"), "write 'and'"),
    (late(r"\|\|"), "write 'or'"),
    (late(r"!:"), "write 'not field : value'"),
    (late(r"!(?![=\[])"), "write 'not'"),
    (late(r"(?:AND|OR|NOT|IN|WHERE|LIKE|REGEX|BY)\b"), "keywords are in lower case"),
)

_SHOWN = 30


def explain(error: Unexpected, text: str) -> QuerySyntaxError:
    """One sentence about the error, with the place."""
    if error.is_end:
        return QuerySyntaxError(f"the query ends too early; {_expected(error.expected)}", _end(text))
    position = Position(error.place.line, error.place.column)
    start = error.place.start_pos
    for pattern, hint in _HINTS:
        if pattern.match(text, start):
            return QuerySyntaxError(f"unexpected {_found(text, start)}: {hint}", position)
    return QuerySyntaxError(f"unexpected {_found(text, start)}; {_expected(error.expected)}", position)


def _found(text: str, start: int) -> str:
    match = re.compile(r"[\w@.~]+|.", re.DOTALL).match(text, start)
    found = match.group() if match else ""
    return repr(found if len(found) <= _SHOWN else found[:_SHOWN] + "...")


def _expected(terminals: frozenset[str]) -> str:
    known = terminals - _IMPLIED
    names = [_NAMES[name] for name in _NAMES if name in known]
    names += sorted(f"'{name.lower()}'" for name in known if name not in _NAMES)
    if not names:
        return "the query is not complete"
    return "expected " + (names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1])


def _end(text: str) -> Position:
    """The place just behind the last character that is not white space."""
    kept = text.rstrip()
    line = kept.count("\n") + 1
    return Position(line, len(kept) - (kept.rfind("\n") + 1) + 1)
