"""PCRE's and Kusto's syntax, which differ by `TRAITS`. All flags but `i` are resolved here."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from itertools import groupby

from converter.frozen import dataclass
from converter.regex.ast import (
    EMPTY,
    Alternation,
    Anchor,
    Any,
    Back,
    Char,
    Class,
    Dialect,
    Flags,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
    Sign,
)
from converter.regex.brackets import bracket_class, shorthand
from converter.regex.cursor import Cursor
from converter.regex.escapes import character


@dataclass(frozen=True, slots=True)
class Traits:
    """What a dialect has beyond what all have. `stacked`: a repeat can be repeated without a group."""

    look: bool = False
    back: bool = False
    possessive: bool = False
    stacked: bool = False
    flags: str = ""
    anchors: Mapping[str, Sign] = field(default_factory=dict)


TRAITS: Mapping[Dialect, Traits] = {
    "pcre": Traits(
        look=True,
        back=True,
        possessive=True,
        flags="imsxU",
        anchors={"^": "\\A", "$": "\\Z", "A": "\\A", "z": "\\z", "Z": "\\Z", "b": "\\b", "B": "\\B"},
    ),
    "re2": Traits(
        stacked=True,
        flags="imsxUu",
        anchors={"^": "\\A", "$": "\\z", "A": "\\A", "z": "\\z", "b": "\\bu", "B": "\\Bu"},
    ),
}
_LETTERS = re.compile(r"[^\\^$.|?*+()\[\]{}]+(?![?*+{])(?!\(\?#)")
"""Characters that stand for themselves, without one that is repeated (a comment may come between)."""
_LOOKS = {"(?=": "=", "(?!": "!", "(?<=": "<=", "(?<!": "<!"}
_ASCII: Mapping[str, Sign] = {"\\bu": "\\b", "\\Bu": "\\B"}


@dataclass(frozen=True, slots=True)
class _Modes:
    """The flags in force."""

    i: bool = False
    m: bool = False
    s: bool = False
    x: bool = False
    U: bool = False
    u: bool = True

    def changed(self, body: str) -> _Modes:
        on, _, off = body.partition("-")
        return replace(self, **dict.fromkeys(on, True), **dict.fromkeys(off, False))


class PerlParser(Cursor):
    """Reads a pattern of PCRE or Kusto."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        super().__init__(text, dialect)
        self.traits = TRAITS[dialect]
        self.modes = _Modes()
        self.groups = 0

    def whole(self) -> Node:
        return self.alternation(0)

    def alternation(self, depth: int) -> Node:
        """The branches up to the end of the group; flags set inside hold from there to the end of it."""
        outside = self.modes
        branches = [self.sequence(depth, outside)]
        while self.take("|"):
            branches.append(self.sequence(depth, outside))
        self.modes = outside
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def sequence(self, depth: int, outside: _Modes) -> Node:
        """Items up to `|` or `)`; those whose case flag is not the group's own stand in Flags."""
        items: list[tuple[bool, Node]] = []
        while self.skip() and self.text[self.at] not in "|)":
            if letters := self.letters():
                items += [(self.modes.i, Char(letter)) for letter in letters]
            elif not self.inline_flags():
                items.append((self.modes.i, self.repeat(depth)))
        parts: list[Node] = []
        for ignore_case, run in groupby(items, key=lambda item: item[0]):
            nodes = [node for _, node in run]
            parts += nodes if ignore_case == outside.i else [_cased(_joined(nodes), ignore_case)]
        return _joined(parts)

    def letters(self) -> str:
        """The characters up to the next sign, which most patterns are made of; empty where there are none."""
        found = None if self.modes.x else _LETTERS.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def skip(self) -> bool:
        """Past comments, and under `x` white space; whether something follows."""
        while self.more():
            if not self.modes.x and self.text[self.at] != "(":
                return True
            if self.take("(?#"):
                self.until(")")
            elif self.modes.x and self.text[self.at] in string.whitespace:
                self.at += 1
            elif self.modes.x and self.peek("#"):
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return True
        return False

    def flags_before(self, close: str) -> str:
        """The letters of flags that end with `close`, from `(?` on; empty where there are none."""
        end = self.text.find(close, self.at)
        body = self.text[self.at : end] if end > 0 else ""
        known = set(self.traits.flags)
        return body if body and set(body) <= known | {"-"} and body.count("-") < 2 else ""

    def inline_flags(self) -> bool:
        """`(?i)`: flags for the rest of the group."""
        if not self.peek("(?"):
            return False
        start = self.at
        self.at += 2
        body = self.flags_before(")")
        if not body:
            self.at = start
            return False
        self.at += len(body) + 1
        self.modes = self.modes.changed(body)
        return True

    def repeat(self, depth: int) -> Node:
        node = self.atom(depth)
        repeated = False
        while self.skip():
            if repeated and not self.traits.stacked and self.text[self.at] in "*+?":
                raise self.error(f"nothing to repeat before {self.text[self.at]}")
            bounds = self.bounds()
            if bounds is None:
                break
            repeated = True
            if self.traits.possessive and self.take("+"):
                node = Repeat(node, *bounds, "+")
            else:
                node = Repeat(node, *bounds, "?" if self.take("?") != self.modes.U else "")
        return node

    def atom(self, depth: int) -> Node:
        char = self.next()
        match char:
            case "(":
                return self.group(self.nested(depth))
            case "[":
                return self.own(bracket_class(self))
            case "\\":
                return self.escape()
            case ".":
                return Any(newline=self.modes.s)
            case "^" | "$":
                return self.anchor(char)
            case "*" | "+" | "?":
                raise self.error(f"nothing to repeat before {char}")
            case "{" if self.dialect == "re2":
                raise self.error("nothing to repeat before {")
        return Char(char)

    def anchor(self, sign: str) -> Anchor:
        if self.modes.m and sign in "^$":
            return Anchor("^" if sign == "^" else "$")
        found = self.traits.anchors[sign]
        return Anchor(found if self.modes.u else _ASCII.get(found, found))

    def own(self, found: Class) -> Class:
        """Without the `u` flag Kusto's shorthands are ASCII."""
        if self.modes.u or not found.shorthands:
            return found
        return replace(found, shorthands=tuple(sign.removeprefix("u") for sign in found.shorthands))

    def escape(self) -> Node:
        char = self.next()
        found = shorthand(self, char)
        if found is not None:
            return self.own(found)
        if char in self.traits.anchors and char.isalpha():
            return self.anchor(char)
        if self.dialect == "pcre" and char in "GKRXCg":
            raise self.not_supported(f"\\{char}", "escape")
        if self.dialect == "pcre" and char in "QE":
            return self.quoted() if char == "Q" else EMPTY
        if char in string.digits[1:] or (char == "k" and self.traits.back):
            return self.back(char)
        return Char(character(self, char))

    def quoted(self) -> Node:
        """`\\Q...\\E`."""
        end = self.text.find("\\E", self.at)
        text = self.text[self.at : end] if end >= 0 else self.text[self.at :]
        self.at = len(self.text) if end < 0 else end + 2
        if self.more() and self.text[self.at] in "*+?{" and len(text) != 1:
            raise self.not_supported("a repeat after \\Q...\\E", "escape")
        return _joined([Char(char) for char in text])

    def back(self, char: str) -> Node:
        if not self.traits.back:
            raise self.error("a back-reference is not of this dialect")
        if char == "k":
            close = {"<": ">", "{": "}", "'": "'"}.get(self.next())
            if close is None:
                raise self.error("\\k wants a group's name")
            return Back(self.until(close))
        while self.more() and self.text[self.at] in string.digits:
            char += self.next()
        if int(char) > 9 and int(char) > self.groups:
            raise self.not_supported(f"\\{char} (an octal escape)", "escape")
        return Back(char)

    def group(self, depth: int) -> Node:
        outside = self.modes
        made = self.group_kind()
        node = self.alternation(depth)
        self.modes = outside
        if not self.take(")"):
            raise self.error("unclosed (")
        return made(node)

    def group_kind(self) -> Callable[[Node], Node]:
        """What the group makes of its content."""
        start = self.at - 1
        if self.dialect == "pcre" and self.peek("*"):
            raise self.not_supported("a verb (*...)", "verb")
        if not self.take("?"):
            self.groups += 1
            return lambda node: Group(node, "capture")
        for opening, sign in _LOOKS.items():
            if self.text.startswith(opening, start):
                if not self.traits.look:
                    raise self.error(f"{opening} is not of this dialect")
                self.at = start + len(opening)
                return lambda node, sign=sign: Look(sign, node)  # type: ignore[misc]
        if self.take(":"):
            return lambda node: Group(node, "plain")
        if self.traits.possessive and self.take(">"):
            return lambda node: Group(node, "atomic")
        if self.take("P<") or self.take("<") or (self.dialect == "pcre" and self.take("'")):
            return self.named("'" if self.text[self.at - 1] == "'" else ">")
        return self.flagged()

    def named(self, close: str) -> Callable[[Node], Node]:
        name = self.until(close)
        if not (name.isidentifier() and name.isascii()):
            raise self.error(f"not a group's name: {name[:40]}")
        self.groups += 1
        return lambda node: Group(node, "capture", name)

    def flagged(self) -> Callable[[Node], Node]:
        """`(?i:...)`; what else begins with `(?` is not done."""
        body = self.flags_before(":")
        if not body:
            raise self.not_supported(f"the group (?{self.text[self.at : self.at + 1]}", "group")
        self.at += len(body) + 1
        before, self.modes = self.modes, self.modes.changed(body)
        within = self.modes.i
        if within == before.i and "i" not in body:
            return lambda node: Group(node, "plain")
        return lambda node: _cased(node, within)


def _joined(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))


def _cased(node: Node, ignore_case: bool) -> Flags:
    return Flags("i", "", node) if ignore_case else Flags("", "i", node)
