"""Text of a dialect -> tree. One recursive descent for all; a table says which constructs a dialect has.

Sources: Elasticsearch Reference "Regular expression syntax" and Lucene's RegExp, whose corners are kept (all
operators on; the first character of a branch is always taken, even `|` or `*`; an escaped letter is an
error); PCRE2's pattern documentation; Kusto's "Regex syntax" page for the dialect named "re2".
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

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
    Sign,
)
from converter.regex.brackets import LUCENE_CLASSES, SHORTHANDS, bracket_class
from converter.regex.cursor import Cursor
from converter.regex.errors import RegexNotSupported
from converter.regex.escapes import character

MAX_DEPTH = 150
"""Groups nested deeper than this are refused."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a dialect has beyond what all have."""

    groups: bool = True
    look: bool = True
    back: bool = True
    possessive: bool = True
    operators: bool = False
    flags: str = "imsxU"
    anchors: Mapping[str, Sign] = dataclass_field = None  # type: ignore[assignment]


TRAITS: Mapping[Dialect, Traits] = {}


def parse_regex(pattern: str, dialect: Dialect) -> Node:
    raise NotImplementedError
