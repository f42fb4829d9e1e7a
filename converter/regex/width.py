"""How many characters an expression takes: where it is always as many, and at least."""

from __future__ import annotations

from converter.regex.ast import (
    Alternation,
    Anchor,
    Any,
    Char,
    Class,
    Flags,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
)


def width(node: Node) -> int | None:
    """The number of characters of each match; None where matches differ in it, or it is not known.

    >>> from converter.regex.parse import parse_regex
    >>> width(parse_regex("[a-z]`(?![rn])[a-z]", "pcre")), width(parse_regex("a+", "pcre"))
    (3, None)
    """
    match node:
        case Char() | Any() | Class():
            return 1
        case Anchor() | Look():
            return 0
        case Group(item=item) | Flags(item=item):
            return width(item)
        case Sequence(items=items):
            widths = [width(item) for item in items]
            return None if None in widths else sum(one for one in widths if one is not None)
        case Alternation(branches=branches):
            found = {width(branch) for branch in branches}
            return found.pop() if len(found) == 1 else None
        case Repeat(item=item, least=least, most=most):
            one = width(item)
            return one * least if one is not None and least == most else None
    return None


def least(node: Node) -> int:
    """A number of characters that no match falls below.

    >>> from converter.regex.parse import parse_regex
    >>> least(parse_regex("(?:^|[^a-z])(?:cat|mouse)+", "pcre")), least(parse_regex("a*$", "pcre"))
    (3, 0)
    """
    match node:
        case Char() | Any() | Class():
            return 1
        case Group(item=item) | Flags(item=item):
            return least(item)
        case Sequence(items=items):
            return sum(map(least, items))
        case Alternation(branches=branches):
            return min(map(least, branches))
        case Repeat(item=item, least=times):
            return times * least(item)
    return 0
