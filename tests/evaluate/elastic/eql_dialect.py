"""The conformance suite's queries, which are of EQL's first dialect, as Elasticsearch would have them.

What differs, by Elastic's page of differences from Endgame's EQL: `=` is `==`; comparison of strings
ignores case and takes wildcards; functions ignore case; strings may have single quotes, `?'...'` is raw;
a comparison with a missing field is null, and so is its negation; `field:function()` is a call; spans may
have other units. `case_sensitive` on a query asks for the exact form of each. What Elasticsearch dropped is
told by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

PIPES = "pipes other than head and tail"
RELATIONSHIPS = "descendant of, child of, event of"
ARRAYS = "array functions"
POSITIONS = "array positions"
JOIN = "join"
FORK = "fork"
COMPUTED_KEYS = "join keys that are computed"
NO_ORDER = "order of strings that ignores case"
NO_EXPRESSION = "regular expressions that Lucene lacks"
DROPPED = (PIPES, RELATIONSHIPS, ARRAYS, POSITIONS, JOIN, FORK, COMPUTED_KEYS, NO_ORDER, NO_EXPRESSION)
"""What Elasticsearch does not have."""

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/"""
    r"""|(?P<triple>\"{3}[^\r\n]*?\"{3,5})"""
    r"""|(?P<raw>\?'(?:\\'|[^'\r\n])*'|\?"(?:\\"|[^"\r\n])*")|(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
    r"""|(?P<name>(?:[A-Za-z_@][A-Za-z0-9_]*|`[^`\r\n]+`)"""
    r"""(?:\.\s*(?:[A-Za-z_@][A-Za-z0-9_]*|`[^`\r\n]+`)|\[\s*\d+\s*\])*~?)"""
    r"""|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<sign>==|!=|<=|>=|[^\s\w])""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_CASED = {"between", "endswith", "indexof", "startswith", "stringcontains"}
_PATTERNS = {"match": "regex", "matchlite": "regex", "wildcard": "like"}
_NUMBERS = {"add", "subtract", "multiply", "divide", "modulo", "length", "number", "indexof"}
_ARRAYS = {"arraysearch", "arraycontains", "arraycount"}
_COMPARISONS = {"=": "==", "==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LITERALS = ("null", "true", "false")
_UNITS = (("ms", 1, r"ms|milli\w*"), ("s", 1000, r"|s|secs?|seconds?"), ("m", 60_000, r"m|mins?|minutes?"))
_LONG_UNITS = (("h", 3_600_000, r"h|hrs?|hours?"), ("d", 86_400_000, r"d|days?"))


class Dropped(Exception):
    """Elasticsearch does not have what the query uses; the text is one of DROPPED."""


@dataclass(frozen=True)
class _Value:
    """A value: its text, what it is, and the fields that it is null without; a string's own text."""

    text: str
    kind: str
    fields: tuple[str, ...] = ()
    content: str = ""

    @property
    def wild(self) -> bool:
        return self.kind == "string" and any(sign in self.content for sign in "*?")


@dataclass(frozen=True)
class _Logic:
    """`and`, `or`, `not` over conditions."""

    op: str
    parts: tuple[_Condition, ...]


_Condition: TypeAlias = "_Value | _Logic"
_Token: TypeAlias = tuple[str, str]


def translate(case: Mapping[str, Any]) -> str:
    """The query in Elasticsearch's EQL. Raises Dropped, or ValueError for what the dialect does not have."""
    # without a flag the queries of the suite give the same either way
    text = case["query"]
    sensitive, insensitive = bool(case.get("case_sensitive")), bool(case.get("case_insensitive"))
    return _Reader(_tokens(text), sensitive, insensitive).query()


def dropped(case: Mapping[str, Any]) -> str | None:
    """The name of what Elasticsearch's EQL does not have in the query, or None."""
    try:
        translate(case)
    except Dropped as reason:
        return str(reason)
    return None


def _tokens(query: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise ValueError(f"{query[place : place + 20]!r} is no EQL")
        if match.lastgroup:
            found.append((match.lastgroup, match.group()))
        place = match.end()
    return [*found, ("end", "")]


def _string(content: str) -> _Value:
    text = content.replace("\\", "\\\\").replace('"', '\\"')
    for letter, char in _ESCAPES.items():
        text = text.replace(char, "\\" + letter)
    return _Value(f'"{text}"', "string", (), content)


def _written(condition: _Condition, holds: bool = True) -> str:
    """A text that is true where the condition is `holds`; where it is null, neither is."""
    if isinstance(condition, _Value):
        if holds:
            return condition.text
        present = [f"{field} != null" for field in dict.fromkeys(condition.fields)]
        return "(" + " and ".join([*present, f"not ({condition.text})"]) + ")"
    if condition.op == "not":
        return _written(condition.parts[0], not holds)
    op = condition.op if holds else {"and": "or", "or": "and"}[condition.op]
    return "(" + f" {op} ".join(_written(part, holds) for part in condition.parts) + ")"


class _Reader:
    """Reads the older dialect by descent, and writes the newer."""

    def __init__(self, tokens: Sequence[_Token], sensitive: bool, insensitive: bool) -> None:
        self._tokens, self._at = tokens, 0
        self._sensitive, self._insensitive = sensitive, insensitive

    # Tokens

    def _is(self, *texts: str, ahead: int = 0) -> bool:
        kind, text = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return kind in ("name", "sign") and text in texts

    def _next(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, *texts: str) -> str:
        if not self._is(*texts):
            raise ValueError(f"expected {texts}, found {self._tokens[self._at][1]!r}")
        return self._next()[1]

    def _taken(self, *texts: str) -> bool:
        if self._is(*texts):
            self._at += 1
            return True
        return False

    # Queries

    def query(self) -> str:
        if self._is("join"):
            raise Dropped(JOIN)
        base = self._sequence() if self._is("sequence") else self._event()
        pipes = [self._pipe() for _ in iter(lambda: self._taken("|"), False)]
        if self._tokens[self._at][0] != "end":
            raise ValueError(f"found {self._tokens[self._at][1]!r} after the query")
        return base + "".join(pipes)

    def _pipe(self) -> str:
        name = self._next()[1]
        if name not in ("head", "tail"):
            raise Dropped(PIPES)
        count = self._next()[1] if self._tokens[self._at][0] == "number" else "50"
        return f" | {name} {count}"

    def _event(self) -> str:
        category = self._next()[1]
        self._take("where")
        return f"{category} where {_written(self._condition())}"

    def _sequence(self) -> str:
        self._take("sequence")
        keys, span = "", ""
        while self._is("by", "with"):
            if self._is("by"):
                keys = self._keys()
            else:
                span = self._span()
        steps = []
        while self._is("[", "!", "until"):
            steps.append(self._step())
        return " ".join(part for part in ("sequence", keys, span, *steps) if part)

    def _step(self) -> str:
        opening = "until " if self._taken("until") else ""
        opening += "!" if self._taken("!") else ""
        self._take("[")
        event = self._event()
        self._take("]")
        keys = runs = ""
        while self._is("by", "with", "fork"):
            if self._is("by"):
                keys = self._keys()
            elif self._taken("with"):
                runs = "with " + "".join(self._next()[1] for _ in range(3))
            elif not self._not_forked():
                raise Dropped(FORK)
        return " ".join(part for part in (f"{opening}[{event}]", keys, runs) if part)

    def _not_forked(self) -> bool:
        self._take("fork")
        return self._taken("=") and self._next()[1] in ("false", "0")

    def _keys(self) -> str:
        self._take("by")
        keys = [self._key()]
        while self._taken(","):
            keys.append(self._key())
        return "by " + ", ".join(keys)

    def _key(self) -> str:
        value = self._plain(self._sum())
        if value.kind != "field":
            raise Dropped(COMPUTED_KEYS)
        return value.text

    def _span(self) -> str:
        """A span in the largest of Elasticsearch's units in which it is whole."""
        self._take("with")
        self._take("maxspan")
        self._take("=", "==")
        number = float(self._next()[1])
        unit = "" if self._is("by", "[", "!") else self._next()[1].lower()
        for name, milliseconds, pattern in (*_UNITS, *_LONG_UNITS):
            if re.fullmatch(pattern, unit):
                if number.is_integer():
                    return f"with maxspan={int(number)}{name}"
                return f"with maxspan={round(number * milliseconds)}ms"
        raise ValueError(f"{unit!r} is no unit of time")

    # Conditions

    def _condition(self) -> _Condition:
        return self._joined("or", lambda: self._joined("and", self._negation))

    def _joined(self, op: str, read: Any) -> _Condition:
        parts = [read()]
        while self._taken(op):
            parts.append(read())
        return parts[0] if len(parts) == 1 else _Logic(op, tuple(parts))

    def _negation(self) -> _Condition:
        if self._taken("not"):
            return _Logic("not", (self._negation(),))
        return self._comparison()

    def _comparison(self) -> _Condition:
        left = self._sum()
        if self._is("not") and self._is("in", "in~", ahead=1):
            self._take("not")
            return _Logic("not", (self._member(self._plain(left)),))
        if self._is("in", "in~"):
            return self._member(self._plain(left))
        if self._is(":", "like", "like~", "regex", "regex~"):
            return self._matched(self._plain(left))
        if not self._is(*_COMPARISONS):
            return left
        op = _COMPARISONS[self._next()[1]]
        return self._compared(op, self._plain(left), self._plain(self._sum()))

    def _member(self, left: _Value) -> _Condition:
        exact = self._take("in", "in~") == "in" and self._sensitive
        items = self._arguments()
        listed = ", ".join(item.text for item in items)
        fields = left.fields + tuple(field for item in items for field in item.fields)
        return _Value(f"{left.text} {'in' if exact else 'in~'} ({listed})", "boolean", fields)

    def _matched(self, left: _Value) -> _Condition:
        """The operators that came last, which are Elasticsearch's already."""
        op = self._next()[1]
        patterns = self._arguments() if self._is("(") else [self._plain(self._primary())]
        if op.startswith("regex"):
            patterns = [_string(_lucene(pattern.content)) for pattern in patterns]
        listed = ", ".join(pattern.text for pattern in patterns)
        return _Value(f"{left.text} {op} ({listed})", "boolean", left.fields)

    def _compared(self, op: str, left: _Value, right: _Value) -> _Condition:
        if left.kind == "string" and right.kind != "string":
            left, right, op = right, left, _SWAPPED.get(op, op)
        kinds = {left.kind, right.kind}
        fields = left.fields + right.fields
        if "null" in kinds:
            return _Value(f"{left.text} {op} {right.text}", "boolean")
        if op not in ("==", "!="):
            self._check_order(kinds)
            return _Value(f"{left.text} {op} {right.text}", "boolean", fields)
        found = _Value(f"{left.text}{self._equal(left, right)}", "boolean", fields)
        return _Logic("not", (found,)) if op == "!=" else found

    def _check_order(self, kinds: set[str]) -> None:
        if self._insensitive and "number" not in kinds:
            raise Dropped(NO_ORDER)

    def _equal(self, left: _Value, right: _Value) -> str:
        if {left.kind, right.kind} & {"number", "boolean"}:
            return f" == {right.text}"
        if right.kind == "string":
            exact = "like" if right.wild else "=="
            return f" {exact if self._sensitive else ':'} {right.text}"
        return f" == {right.text}" if self._sensitive else f" in~ ({right.text})"

    # Values

    def _plain(self, condition: _Condition) -> _Value:
        """A condition where a value stands: in a comparison or an argument."""
        if isinstance(condition, _Value):
            return condition
        return _Value(_written(condition), "boolean")

    def _sum(self) -> _Condition:
        return self._calculated(("+", "-"), lambda: self._calculated(("*", "/", "%"), self._signed))

    def _calculated(self, ops: tuple[str, ...], read: Any) -> _Condition:
        left = read()
        while self._is(*ops):
            op = self._next()[1]
            one, other = self._plain(left), self._plain(read())
            left = _Value(f"({one.text} {op} {other.text})", "number", one.fields + other.fields)
        return left  # type: ignore[no-any-return]

    def _signed(self) -> _Condition:
        if self._taken("-"):
            value = self._plain(self._signed())
            return _Value(f"-{value.text}", "number", value.fields)
        return self._signed() if self._taken("+") else self._called()

    def _called(self) -> _Condition:
        """A value, and functions written behind it."""
        value = self._primary()
        while self._is(":") and self._tokens[self._at + 1][0] == "name" and self._is("(", ahead=2):
            self._take(":")
            value = self._call(self._next()[1], [self._plain(value), *self._arguments()])
        return value

    def _primary(self) -> _Condition:
        if self._taken("("):
            inner = self._condition()
            self._take(")")
            if isinstance(inner, _Value) and inner.kind != "string":  # a comparison looks into a string
                return _Value(f"({inner.text})", inner.kind, inner.fields)
            return inner
        kind, text = self._next()
        if kind == "triple":
            return _string(text[3:-3])
        if kind == "raw":
            return _string(text[2:-1].replace("\\" + text[1], text[1]))
        if kind == "string":
            return _string(_ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1]))
        if kind == "number":
            return _Value(text, "number")
        if kind != "name":
            raise ValueError(f"found {text!r} where a value should be")
        return self._named(text)

    def _named(self, text: str) -> _Condition:
        if text in _LITERALS:
            return _Value(text, "null" if text == "null" else "boolean")
        if self._is("(") and text.lower() in _ARRAYS:
            raise Dropped(ARRAYS)
        if self._is("("):
            return self._call(text, self._arguments())
        if self._is("of"):
            raise Dropped(RELATIONSHIPS)
        if "[" in text:
            raise Dropped(POSITIONS)
        return _Value(text, "field", (text,))

    def _arguments(self) -> list[_Value]:
        self._take("(")
        found: list[_Value] = []
        while not self._taken(")"):
            found.append(self._plain(self._condition()))
            if not self._is(")"):
                self._take(",")
        return found

    def _call(self, name: str, arguments: list[_Value]) -> _Condition:
        lower = name.lower().rstrip("~")
        fields = tuple(field for argument in arguments for field in argument.fields)
        mark = "" if self._sensitive and not name.endswith("~") else "~"
        if lower in _ARRAYS:
            raise Dropped(ARRAYS)
        if lower == "safe":
            return arguments[0]
        if lower in _PATTERNS:
            patterns = arguments[1:]
            if lower != "wildcard":
                patterns = [_string(_lucene(pattern.content)) for pattern in patterns]
            listed = ", ".join(pattern.text for pattern in patterns)
            return _Value(f"{arguments[0].text} {_PATTERNS[lower]}{mark} ({listed})", "boolean", fields)
        listed = ", ".join(argument.text for argument in arguments)
        kind = "number" if lower in _NUMBERS else "call"
        return _Value(f"{lower}{mark if lower in _CASED else ''}({listed})", kind, fields)


def _lucene(pattern: str) -> str:
    """A pattern of the first engine's dialect in Lucene's, which knows no groups but plain ones.

    The first engine looks at the start of the text only, Lucene at the whole of it; laziness says nothing.
    """
    text = re.sub(r"\(\?:", "(", pattern.removeprefix("^"))
    ended = text.endswith("$") and not text.endswith("\\$")
    text = text[:-1] if ended else text
    if "(?" in text or re.search(r"\\[bBAzZ1-9]", text):
        raise Dropped(NO_EXPRESSION)
    text = re.sub(r"(?<!\\)([*+?}])\?", r"\1", text)
    return text if ended or text.endswith(".*") else f"({text}).*"
