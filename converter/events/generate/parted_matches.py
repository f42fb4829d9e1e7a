"""Texts that can be parted into more matches of an expression than are counted from the left.

replace(text, "(a+){2,}", "#"), counted: two   ->   aaaa: one from the left, and two otherwise
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

from converter.evaluate.result import Event
from converter.events.generate.atoms import Atom
from converter.events.generate.drafts import Named
from converter.ir import Script
from converter.ir.value import Comparison, Literal_
from converter.lowering.pattern_scripts import counted_matches
from converter.regex import RegexNotSupported, RegexTimeout
from converter.regex.parse import parse_regex
from converter.regex.sample import examples

_EXAMPLES, _MOST = 30, 3
_BETWEEN = ("", "+", " ")


def parted_matches(atom: Atom, event: Event) -> Iterator[Named]:
    """The event, in which a script that counts matches decides, with such texts."""
    expression = atom.leaf.expression if isinstance(atom.leaf, Script) else None
    if not isinstance(expression, Comparison) or not isinstance(expression.right, Literal_):
        return
    counted, number = counted_matches(expression.left), expression.right.value
    if counted is None or not isinstance(number, int) or not isinstance(event.get(counted.field), str):
        return
    own = event[counted.field]
    for text in islice(_texts(counted.pattern, number), _MOST):
        yield f"{counted.field} parted in other ways", {**event, counted.field: f"{text}{_filler(own)}"}


def _texts(pattern: str, number: int) -> Iterator[str]:
    """Texts of more matches than the number, in which no more than that are found from the left."""
    try:
        found = examples(parse_regex(pattern, "pcre"), _EXAMPLES)
        compiled = re.compile(pattern)
    except (RegexNotSupported, RegexTimeout, re.error):
        return
    for first, second, between in product(found, found, _BETWEEN):
        text = between.join([first, second] * (number // 2 + 1))
        if sum(1 for _ in compiled.finditer(text)) <= number:
            yield text


def _filler(own: str) -> str:
    """As many characters as the event's own text has, which is as long as the rule asks."""
    return " x" * len(own)
