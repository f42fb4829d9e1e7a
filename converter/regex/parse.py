"""Text of a dialect -> tree. One recursive descent for all; a table says which constructs a dialect has.

Sources: Elasticsearch Reference "Regular expression syntax" and Lucene's RegExp (all operators on,
`\\d \\w \\s` since Lucene 9); PCRE2 pattern syntax; RE2 syntax (google/re2).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from converter.regex.ast import (
    EMPTY,
    Alternation,
    Anchor,
    Any,
    Back,
    Char,
    Class,
    Complement,
    Dialect,
    Flags,
    Group,
    Intersection,
    Interval,
    Look,
    Node,
    Nothing,
    Repeat,
    Sequence,
)
from converter.source import Position, QuerySyntaxError

MAX_DEPTH = 150
"""Groups nested deeper than this are refused."""

_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}
_POSIX: Mapping[str, str] = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "punct": "!-/:-@[-`{-~",
    "space": " \t\n\r\f\v",
    "xdigit": "0-9A-Fa-f",
    "word": "A-Za-z0-9_",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What a dialect has beyond what all have."""

    groups: bool = True
    anchors: bool = True
    look: bool = True
    back: bool = True
    possessive: bool = True
    operators: bool = False


TRAITS: Mapping[Dialect, Traits] = {
    "lucene": Traits(groups=False, anchors=False, look=False, back=False, possessive=False, operators=True),
    "pcre": Traits(),
    "re2": Traits(look=False, back=False, possessive=False),
}


def parse_regex(pattern: str, dialect: Dialect) -> Node:
    """The tree of `pattern`. Raises QuerySyntaxError, with the column, for what the dialect does not allow."""
    parser = _Parser(pattern, dialect)
    node = parser.alternation(0)
    if parser.at < len(pattern):
        raise parser.error("unmatched )")
    return node


class _Parser:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.traits = TRAITS[dialect]
        self.at = 0

    def error(self, message: str) -> QuerySyntaxError:
        return QuerySyntaxError(f"regular expression: {message}", Position(1, self.at + 1))

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def next(self) -> str:
        if self.at >= len(self.text):
            raise self.error("ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def alternation(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error("nested too deep")
        branches = [self.intersection(depth)]
        while self.take("|"):
            branches.append(self.intersection(depth))
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def intersection(self, depth: int) -> Node:
        node = self.sequence(depth)
        while self.traits.operators and self.take("&"):
            node = Intersection(node, self.sequence(depth))
        return node

    def sequence(self, depth: int) -> Node:
        items: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if self.traits.operators and self.peek("&"):
                break
            flags = self.inline_flags()
            if flags is not None:
                rest = self.alternation(depth + 1)
                items.append(Flags(flags[0], flags[1], rest))
                break
            items.append(self.repeat(self.atom(depth)))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def inline_flags(self) -> tuple[str, str] | None:
        """`(?i)`: flags for the rest of the group."""
        if not (self.traits.groups and self.peek("(?")):
            return None
        end = self.text.find(")", self.at)
        body = self.text[self.at + 2 : end] if end > 0 else ""
        if not body or any(char not in "imsxU-" for char in body):
            return None
        self.at = end + 1
        on, _, off = body.partition("-")
        return on, off

    def repeat(self, node: Node) -> Node:
        while self.at < len(self.text):
            bounds = self.bounds()
            if bounds is None:
                return node
            kind = ""
            if self.traits.groups:
                kind = "?" if self.take("?") else "+" if self.traits.possessive and self.take("+") else ""
            node = Repeat(node, bounds[0], bounds[1], kind)  # type: ignore[arg-type]
        return node

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        if not self.peek("{"):
            return None
        end = self.text.find("}", self.at)
        body = self.text[self.at + 1 : end] if end > 0 else ""
        least, comma, most = body.partition(",")
        if not least.isdigit() or (most and not most.isdigit()):
            if self.dialect == "lucene":
                raise self.error("{ begins a number of repeats")
            return None
        self.at = end + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def atom(self, depth: int) -> Node:
        char = self.next()
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.char_class()
        if char == "\\":
            return self.escape()
        if char == ".":
            return Any(newline=self.dialect == "lucene")
        if self.traits.anchors and char in "^$":
            return Anchor(char)
        if self.traits.operators:
            return self.operator(char, depth)
        if char in "*+?":
            raise self.error(f"nothing to repeat before {char}")
        return Char(char)

    def operator(self, char: str, depth: int) -> Node:
        """Lucene's own."""
        if char == "@":
            return Repeat(Any(newline=True), 0, None)
        if char == "#":
            return Nothing()
        if char == "~":
            return Complement(self.repeat(self.atom(depth + 1)))
        if char == "<":
            return self.interval()
        if char == '"':
            end = self.text.find('"', self.at)
            if end < 0:
                raise self.error('unclosed "')
            text, self.at = self.text[self.at : end], end + 1
            return Sequence(tuple(map(Char, text)))
        if char in "*+?{":
            raise self.error(f"nothing to repeat before {char}")
        return Char(char)

    def interval(self) -> Node:
        end = self.text.find(">", self.at)
        least, dash, most = self.text[self.at : end].partition("-") if end > 0 else ("", "", "")
        if not (dash and least.isdigit() and most.isdigit()):
            raise self.error("< begins an interval of numbers")
        self.at = end + 1
        width = len(least) if len(least) == len(most) else 0
        low, high = sorted((int(least), int(most)))
        return Interval(low, high, width)

    def group(self, depth: int) -> Node:
        kind = self.group_kind()
        node = self.alternation(depth + 1)
        if not self.take(")"):
            raise self.error("unclosed (")
        return kind(node)

    def group_kind(self) -> Callable[[Node], Node]:
        if not (self.traits.groups and self.take("?")):
            return (
                (lambda node: Group(node, "capture"))
                if self.traits.groups
                else (lambda node: Group(node, "plain"))
            )
        for sign in ("<=", "<!", "=", "!"):
            if self.take(sign):
                if not self.traits.look:
                    raise self.error(f"(?{sign} is not of this dialect")
                return partial(Look, sign)
        if self.take(":"):
            return lambda node: Group(node, "plain")
        if self.take(">"):
            return lambda node: Group(node, "atomic")
        if self.take("P<") or self.take("<") or self.take("'"):
            quote = "'" if self.text[self.at - 1] == "'" else ">"
            end = self.text.find(quote, self.at)
            name, self.at = self.text[self.at : end], end + 1
            if end < 0 or not name.isidentifier():
                raise self.error("not a group name")
            return lambda node: Group(node, "capture", name)
        end = self.text.find(":", self.at)
        body = self.text[self.at : end] if end > 0 else ""
        if body and all(char in "imsx-" for char in body):
            self.at = end + 1
            on, _, off = body.partition("-")
            return lambda node: Flags(on, off, node)
        raise self.error("unknown group (?")

    def escape(self) -> Node:
        char = self.next()
        if char in "dDwWsS":
            return Class(shorthands=(char,))
        if not self.traits.groups:
            return Char(char)
        if char in "bBAzZ":
            return Anchor("\\" + char)
        if char in string.digits and char != "0":
            return self.back(char)
        if char in "pP":
            return Class(shorthands=(f"\\{char}{self.braced()}",))
        if char == "k":
            return self.back(self.braced(">") if self.take("<") else self.braced())
        return Char(self.escaped(char))

    def back(self, group: str) -> Node:
        if not self.traits.back:
            raise self.error("a back-reference is not of this dialect")
        return Back(group.strip("{}<>"))

    def braced(self, close: str = "}") -> str:
        if close == "}" and not self.peek("{"):
            return self.next()
        end = self.text.find(close, self.at)
        if end < 0:
            raise self.error(f"unclosed {close}")
        text, self.at = self.text[self.at : end + 1], end + 1
        return text

    def escaped(self, char: str) -> str:
        if char == "x":
            digits = self.braced().strip("{}") if self.peek("{") else self.next() + self.next()
            return chr(int(digits, 16))
        if char == "u" and self.dialect == "pcre":
            return chr(int("".join(self.next() for _ in range(4)), 16))
        if char in _CONTROL:
            return _CONTROL[char]
        if char.isalnum():
            raise self.error(f"unknown escape \\{char}")
        return char

    def char_class(self) -> Node:
        negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        shorthands: list[str] = []
        first = True
        while first or not self.peek("]"):
            if first and self.dialect == "lucene" and self.peek("]"):
                raise self.error("empty [ ]")
            first = False
            if self.peek("[:") and self.traits.groups and (end := self.text.find(":]", self.at)) > 0:
                name, self.at = self.text[self.at + 2 : end], end + 2
                ranges += _posix(name, self)
                continue
            low = self.class_char()
            if len(low) > 1:
                shorthands.append(low[1:] if low[1] in "dDwWsS" else low)
                continue
            if self.peek("-") and not self.peek("-]"):
                self.at += 1
                high = self.class_char()
                if len(high) > 1 or high < low:
                    raise self.error("not a range of characters")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.at += 1
        return Class(tuple(ranges), tuple(shorthands), negated)

    def class_char(self) -> str:
        """One character, or a shorthand as its escape."""
        char = self.next()
        if char != "\\":
            return char
        char = self.next()
        if char in "dDwWsS":
            return "\\" + char
        if not self.traits.groups:
            return char
        if char in "pP":
            return f"\\{char}{self.braced()}"
        return "\b" if char == "b" else self.escaped(char)


def _posix(name: str, parser: _Parser) -> list[tuple[str, str]]:
    if name not in _POSIX:
        raise parser.error(f"unknown class [:{name}:]")
    inner = _Parser(f"[{_POSIX[name].replace('[', chr(92) + '[')}]", "lucene")
    inner.at = 1
    found = inner.char_class()
    assert isinstance(found, Class)
    return list(found.ranges)


__all__ = ["EMPTY", "TRAITS", "parse_regex"]
