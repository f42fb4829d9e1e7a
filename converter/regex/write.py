"""Tree -> text of PCRE or RE2, the dialects that translations are written in."""

from __future__ import annotations

from converter.regex.ast import (
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
from converter.source import NotSupportedError

_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_IN_CLASS = frozenset("\\]^-[")
_CONTROL = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f"}
MAX_ALTERNATIVES = 300
"""An interval `<n-m>` of more numbers than this is refused."""


class RegexNotSupported(NotSupportedError):
    """A construct that the target's dialect has no equivalent of; `code` is "regex-<construct>"."""


def write(node: Node, dialect: Dialect) -> str:
    """The tree as an (unanchored) pattern of PCRE or RE2. Raises RegexNotSupported."""
    match node:
        case Char(char):
            return _char(char, _SPECIAL)
        case Any(newline):
            return r"[\s\S]" if newline else "."
        case Class():
            return _class(node)
        case Sequence(items):
            return "".join(_grouped(item, dialect, Alternation) for item in items)
        case Alternation(branches):
            return "|".join(write(branch, dialect) for branch in branches)
        case Repeat():
            return _repeat(node, dialect)
        case Group(item, kind, name):
            return _group(item, kind, name, dialect)
        case Flags(on, off, item):
            sign = on + (f"-{off}" if off else "")
            return f"(?{sign}:{write(item, dialect)})"
        case Anchor(sign):
            return _anchor(sign, dialect)
        case Look(sign, item):
            _only_pcre(dialect, "look-around", "look-around")
            return f"(?{sign}{write(item, dialect)})"
        case Back(group):
            _only_pcre(dialect, "back-reference", "a back-reference")
            return f"\\{group}" if group.isdigit() else f"\\k<{group}>"
        case Interval():
            return _interval(node)
        case Complement():
            raise RegexNotSupported("the complement ~ in a regular expression", code="regex-complement")
        case Intersection():
            raise RegexNotSupported("the intersection & in a regular expression", code="regex-intersection")
        case Nothing():
            return r"[^\s\S]"


def _repeat(node: Repeat, dialect: Dialect) -> str:
    if node.kind == "+":
        _only_pcre(dialect, "possessive", "a possessive repeat")
    if node.most is not None and node.most > 1000 and dialect == "re2":
        raise RegexNotSupported("more than 1000 repeats", code="regex-repeat")
    inner = _grouped(node.item, dialect, Alternation, Sequence, Repeat)
    return inner + _bounds(node.least, node.most) + node.kind


def _bounds(least: int, most: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
    if short is not None:
        return short
    if most is None:
        return f"{{{least},}}"
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def _grouped(node: Node, dialect: Dialect, *kinds: type[Node]) -> str:
    text = write(node, dialect)
    return f"(?:{text})" if isinstance(node, kinds) else text


def _group(item: Node, kind: str, name: str, dialect: Dialect) -> str:
    text = write(item, dialect)
    if kind == "atomic":
        _only_pcre(dialect, "atomic", "an atomic group")
        return f"(?>{text})"
    if kind == "plain":
        return f"(?:{text})"
    return f"({'?P<' + name + '>' if name else ''}{text})"


def _anchor(sign: str, dialect: Dialect) -> str:
    if dialect == "re2" and sign == "\\Z":
        return r"(?:\n?\z)"
    if dialect == "re2" and sign == "$":
        return "$"
    return sign


def _class(node: Class) -> str:
    if not node.negated and not node.ranges and len(node.shorthands) == 1:
        return _shorthand(node.shorthands[0])
    parts = [_shorthand(sign) for sign in node.shorthands]
    for low, high in node.ranges:
        parts.append(_char(low, _IN_CLASS))
        if high != low:
            parts.append(("-" if ord(high) > ord(low) + 1 else "") + _char(high, _IN_CLASS))
    return f"[{'^' if node.negated else ''}{''.join(parts)}]"


def _shorthand(sign: str) -> str:
    return sign if sign.startswith("\\") else f"\\{sign}"


def _char(char: str, special: frozenset[str]) -> str:
    if char in _CONTROL:
        return _CONTROL[char]
    if ord(char) < 32 or ord(char) == 127:
        return f"\\x{ord(char):02x}"
    return f"\\{char}" if char in special else char


def _interval(node: Interval) -> str:
    if node.most - node.least > MAX_ALTERNATIVES:
        raise RegexNotSupported(f"the interval <{node.least}-{node.most}>", code="regex-interval")
    numbers = (str(number).zfill(node.width) for number in range(node.least, node.most + 1))
    return f"(?:{'|'.join(numbers)})"


def _only_pcre(dialect: Dialect, construct: str, text: str) -> None:
    if dialect != "pcre":
        raise RegexNotSupported(f"{text} in a regular expression", code=f"regex-{construct}")
