"""Text of a dialect -> tree: Lucene's parser, and one for PCRE and Kusto with a table of their differences.

Sources: Elasticsearch Reference "Regular expression syntax" and Lucene's RegExp, whose corners are kept (all
operators on; the first character of a branch is always taken, even `|` or `*`; an escaped letter is an
error); PCRE2's pattern documentation; Kusto's "Regex syntax" page for the dialect named "re2".
"""

from __future__ import annotations

from functools import lru_cache

from converter.regex.ast import (
    EMPTY,
    Alternation,
    Any,
    Char,
    Complement,
    Dialect,
    Group,
    Intersection,
    Interval,
    Node,
    Nothing,
    Repeat,
    Sequence,
)
from converter.regex.brackets import bracket_class, lucene_character, shorthand
from converter.regex.cursor import Cursor
from converter.regex.perl import PerlParser


@lru_cache(maxsize=2048)
def parse_regex(pattern: str, dialect: Dialect) -> Node:
    """The tree of `pattern`. Raises QuerySyntaxError, with the column, for what is none of the dialect,
    RegexNotSupported for what is one that the project does not do.
    """
    parser = _LuceneParser(pattern, dialect) if dialect == "lucene" else PerlParser(pattern, dialect)
    node = parser.whole()
    if parser.more():
        raise parser.error("unmatched )")
    return node


class _LuceneParser(Cursor):
    def whole(self) -> Node:
        return self.union(0) if self.text else EMPTY

    def union(self, depth: int) -> Node:
        branches = [self.intersection(depth)]
        while self.take("|"):
            branches.append(self.intersection(depth))
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def intersection(self, depth: int) -> Node:
        node = self.sequence(depth)
        while self.take("&"):
            node = Intersection(node, self.sequence(depth))
        return node

    def sequence(self, depth: int) -> Node:
        items = [self.repeat(depth)]
        while self.more() and self.text[self.at] not in ")|&":
            items.append(self.repeat(depth))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def repeat(self, depth: int) -> Node:
        node = self.complement(depth)
        while (bounds := self.bounds()) is not None:
            node = Repeat(node, *bounds)
        return node

    def complement(self, depth: int) -> Node:
        """`~` binds tighter than a repeat."""
        return Complement(self.complement(self.nested(depth))) if self.take("~") else self.atom(depth)

    def atom(self, depth: int) -> Node:
        if self.peek("\\"):
            found = shorthand(self, self.text[self.at + 1 : self.at + 2])
            if found is not None:
                self.at += 2
                return found
            return Char(lucene_character(self))
        char = self.next()
        match char:
            case "[":
                return bracket_class(self)
            case ".":
                return Any(newline=True)
            case "#":
                return Nothing()
            case "@":
                return Repeat(Any(newline=True), 0, None)
            case '"':
                return Sequence(tuple(map(Char, self.until('"'))))
            case "(":
                return self.group(self.nested(depth))
            case "<":
                return self.interval()
        return Char(char)

    def group(self, depth: int) -> Node:
        if self.take(")"):
            return EMPTY
        node = self.union(depth)
        if not self.take(")"):
            raise self.error("unclosed (")
        return Group(node, "plain")

    def interval(self) -> Node:
        least, dash, most = self.until(">").partition("-")
        if not (dash and self.number(least) and self.number(most)):
            raise self.error("< begins an interval of numbers")
        low, high = sorted((int(least), int(most)))
        return Interval(low, high, len(least) if len(least) == len(most) else 0)
