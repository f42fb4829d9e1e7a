"""Tree -> text of a dialect, or of the two engines that patterns run on.

`SPELLINGS` says how each target writes what they write differently; what a target lacks is refused. The
targets "google" (google-re2) and "python" (the `regex` module) are for the engine, not for translations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from converter.frozen import dataclass
from converter.regex.ast import (
    Alternation,
    Anchor,
    Any,
    Back,
    Char,
    Class,
    Complement,
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
from converter.regex.characters import (
    ASCII_SHORTHANDS,
    JOINED,
    WHITE_SPACE,
    WORD_CATEGORIES,
    Ranges,
    complement,
)
from converter.regex.errors import RegexNotSupported

Target = Literal["lucene", "pcre", "re2", "google", "python"]
MAX_ALTERNATIVES = 300
"""An interval `<n-m>` of more numbers than this is refused."""
MAX_REPEATS = 1000
"""RE2 counts no further."""

_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_LUCENE_SPECIAL = _SPECIAL | frozenset('~&#@<>"')
_IN_CLASS = frozenset("\\]^-[&~")
_CONTROL = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f"}
_EXPLICIT = {**ASCII_SHORTHANDS, "us": WHITE_SPACE}
_D, _W, _S, _ND = (r"\d", r"\D"), (r"\w", r"\W"), (r"\s", r"\S"), (r"\p{Nd}", r"\P{Nd}")
_UNICODE_WORD = "".join(rf"\p{{{name}}}" for name in WORD_CATEGORIES)


def _braced(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\x{{{code:x}}}"


def _counted(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a target writes what not all write alike; what is in no table it does not have."""

    anchors: Mapping[str, str]
    shorthands: Mapping[str, tuple[str, str]]
    any_char: str = r"[\s\S]"
    nothing: str = r"[^\s\S]"
    back: str = ""
    constructs: frozenset[str] = frozenset()
    number: Callable[[int], str] | None = _braced
    max_repeats: int | None = None


_BACKTRACKING = frozenset(
    {"look-around", "back-reference", "possessive", "atomic", "lazy", "flags", "capture"}
)
_LINEAR = frozenset({"lazy", "flags", "capture"})
_ASCII_WORD = "[0-9A-Za-z_]"
_UNICODE_WORDS = "[" + _UNICODE_WORD + "".join(f"{low}-{high}" for low, high in JOINED) + "]"


def _boundary(word: str) -> str:
    return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"


def _no_boundary(word: str) -> str:
    return f"(?:(?<={word})(?={word})|(?<!{word})(?!{word}))"


SPELLINGS: Mapping[Target, Spelling] = {
    "pcre": Spelling(
        anchors={
            "\\A": "^",
            "\\z": r"\z",
            "\\Z": "$",
            "^": "(?m:^)",
            "$": "(?m:$)",
            "\\b": r"\b",
            "\\B": r"\B",
        },
        shorthands={"d": _D, "w": _W, "s": _S, "ud": _ND},
        back=r"\{}",
        constructs=_BACKTRACKING,
    ),
    "re2": Spelling(
        anchors={
            "\\A": "^",
            "\\z": "$",
            "^": "(?m:^)",
            "$": "(?m:$)",
            "\\b": r"(?-u:\b)",
            "\\bu": r"\b",
            "\\Bu": r"\B",
        },
        shorthands={"ud": _D, "uw": _W, "us": _S},
        constructs=_LINEAR,
        max_repeats=MAX_REPEATS,
    ),
    "lucene": Spelling(anchors={}, shorthands={"d": _D, "w": _W}, any_char=".", number=None),
    "google": Spelling(
        anchors={
            "\\A": r"\A",
            "\\z": r"\z",
            "\\Z": r"\z",
            "^": "(?m:^)",
            "$": "(?m:$)",
            "\\b": r"\b",
            "\\B": r"\B",
            "\\bu": r"\b",
            "\\Bu": r"\B",
        },
        shorthands={"d": _D, "w": _W, "ud": _ND},
        any_char="(?s:.)",
        constructs=_LINEAR,
        max_repeats=MAX_REPEATS,
    ),
    "python": Spelling(
        anchors={
            "\\A": r"\A",
            "\\z": r"\Z",
            "\\Z": r"(?=\n?\Z)",
            "^": "(?m:^)",
            "$": "(?m:$)",
            "\\b": _boundary(_ASCII_WORD),
            "\\B": _no_boundary(_ASCII_WORD),
            "\\bu": _boundary(_UNICODE_WORDS),
            "\\Bu": _no_boundary(_UNICODE_WORDS),
        },
        shorthands={"ud": _ND},
        any_char="(?s:.)",
        nothing="(?!)",
        back=r"(?:\{})",
        constructs=_BACKTRACKING,
        number=_counted,
    ),
}


def write(node: Node, target: Target) -> str:
    """The tree as a pattern of the target, without the anchors Lucene implies. Raises RegexNotSupported."""
    return _Writer(target).text(node)


@lru_cache(maxsize=1024)
def _class(node: Class, target: Target) -> str:
    """A class of characters, which patterns repeat more than anything else."""
    return _Writer(target).char_class(node)


class _Writer:
    def __init__(self, target: Target) -> None:
        self.target = target
        self.spelling = SPELLINGS[target]
        self.special = _LUCENE_SPECIAL if target == "lucene" else _SPECIAL

    def need(self, construct: str, text: str) -> None:
        if construct not in self.spelling.constructs:
            raise RegexNotSupported(f"{text} in a regular expression", code=f"regex-{construct}")

    def text(self, node: Node) -> str:
        match node:
            case Char(char):
                return self.char(char, self.special)
            case Any(newline):
                return self.spelling.any_char if newline else "[^\n]" if self.target == "lucene" else "."
            case Class():
                return _class(node, self.target)
            case Sequence(items):
                return "".join(map(self.item, items)) or self.empty()
            case Alternation(branches):
                return "|".join(self.text(branch) for branch in branches)
            case Repeat():
                return self.repeat(node)
            case Group(item, kind, name):
                return self.group(item, kind, name)
            case Flags(on, off, item):
                self.need("flags", "an inline flag")
                return f"(?{on}{'-' + off if off else ''}:{self.text(item)})"
            case Anchor(sign):
                return self.anchor(sign)
            case Look(sign, item):
                self.need("look-around", "look-around")
                return f"(?{sign}{self.text(item)})"
            case Back(group):
                return self.back(group)
            case _:
                return self.operator(node)

    def item(self, node: Node) -> str:
        """One of several in a row, most of which are characters."""
        if isinstance(node, Char):
            return self.char(node.char, self.special)
        return self.grouped(node, Alternation, Intersection)

    def operator(self, node: Interval | Complement | Intersection | Nothing) -> str:
        """Lucene's own."""
        lucene = self.target == "lucene"
        match node:
            case Interval(least, most, width):
                written = f"<{str(least).zfill(width)}-{str(most).zfill(width)}>"
                return written if lucene else _numbers(node)
            case Nothing():
                return "#" if lucene else self.spelling.nothing
            case Complement(item) if lucene:
                return f"~({self.text(item)})"
            case Intersection(left, right) if lucene:
                return f"{self.grouped(left, Alternation)}&{self.grouped(right, Alternation)}"
            case Complement():
                raise RegexNotSupported("the complement ~ in a regular expression", code="regex-complement")
        raise RegexNotSupported("the intersection & in a regular expression", code="regex-intersection")

    def empty(self) -> str:
        return "()" if self.target == "lucene" else ""

    def grouped(self, node: Node, *kinds: type[Node]) -> str:
        text = self.text(node)
        return self.plain(text) if isinstance(node, kinds) else text

    def plain(self, text: str) -> str:
        return f"({text})" if self.target == "lucene" else f"(?:{text})"

    def repeat(self, node: Repeat) -> str:
        kind = "" if self.target == "lucene" and node.kind == "?" else node.kind
        if kind:
            self.need("lazy" if kind == "?" else "possessive", "a possessive repeat")
        limit = self.spelling.max_repeats
        if limit is not None and max(node.least, node.most or 0) > limit:
            raise RegexNotSupported(f"more than {limit} repeats", code="regex-repeat")
        loose = isinstance(
            node.item, Alternation | Sequence | Repeat | Intersection | Interval | Anchor | Complement
        )
        inner = self.plain(self.text(node.item)) if loose else self.text(node.item)
        return inner + _bounds(node.least, node.most) + kind

    def group(self, item: Node, kind: str, name: str) -> str:
        if kind == "atomic":
            self.need("atomic", "an atomic group")
            return f"(?>{self.text(item)})"
        if kind == "plain" or self.target == "lucene":
            return self.plain(self.text(item))
        return f"({'?P<' + name + '>' if name else ''}{self.text(item)})"

    def back(self, group: str) -> str:
        self.need("back-reference", "a back-reference")
        if group.isdigit():
            return self.spelling.back.format(group)
        return f"(?P={group})" if self.target == "python" else f"\\k<{group}>"

    def anchor(self, sign: str) -> str:
        written = self.spelling.anchors.get(sign)
        if written is None:
            word = sign[1:2] in "bB" and sign != "$"
            raise RegexNotSupported(
                f"{sign} in a regular expression", code="regex-word-boundary" if word else "regex-anchor"
            )
        return written

    def char_class(self, node: Class) -> str:
        signs, negated = node.shorthands, node.negated
        if len(signs) == 1 and not node.ranges:
            known = signs[0].startswith("\\") or signs[0].lower() in self.spelling.shorthands
            if known and not negated:
                return self.shorthand(signs[0])
            if not known and signs[0][-1].isupper():
                signs, negated = (signs[0].lower(),), not negated
        inside = "".join(map(self.shorthand, signs)) + self.ranges(node.ranges)
        return f"[{'^' if negated else ''}{inside}]"

    def shorthand(self, sign: str) -> str:
        """A shorthand, as it stands inside a class."""
        if sign.startswith("\\") and self.target != "lucene":
            return sign
        positive, others = sign.lower(), sign[-1].isupper()
        if positive in self.spelling.shorthands:
            return self.spelling.shorthands[positive][others]
        ranges = _EXPLICIT.get(positive)
        if ranges is not None:
            return self.ranges(complement(ranges) if others else ranges)
        if others or self.target == "lucene":
            raise RegexNotSupported(f"the class {sign} in a regular expression", code="regex-unicode-class")
        return _UNICODE_WORD + self.ranges(JOINED)

    def ranges(self, ranges: Ranges) -> str:
        parts = []
        for low, high in ranges:
            parts.append(self.char(low, _IN_CLASS))
            if high != low:
                parts.append(("-" if ord(high) > ord(low) + 1 else "") + self.char(high, _IN_CLASS))
        return "".join(parts)

    def char(self, char: str, special: frozenset[str]) -> str:
        if char in special:
            return f"\\{char}"
        if self.spelling.number is None or (char.isprintable() and char != "\xad"):
            return char
        return _CONTROL.get(char) or self.spelling.number(ord(char))


def _bounds(least: int, most: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
    if short is not None:
        return short
    if most is None:
        return f"{{{least},}}"
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def _numbers(node: Interval) -> str:
    """Each number; any zeros before it where the interval fixes no number of digits."""
    if node.most - node.least > MAX_ALTERNATIVES:
        raise RegexNotSupported(f"the interval <{node.least}-{node.most}>", code="regex-interval")
    numbers = (str(number).zfill(node.width) for number in range(node.least, node.most + 1))
    zeros = "" if node.width else "0*"
    return f"(?:{zeros}(?:{'|'.join(numbers)}))" if zeros else f"(?:{'|'.join(numbers)})"
