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
    least = number + (expression.op in (">", "<="))
    for text in islice(_texts(counted.pattern, least, event[counted.field]), _MOST):
        yield f"{counted.field} parted in other ways", {**event, counted.field: text}


def _texts(pattern: str, least: int, own: str) -> Iterator[str]:
    """Texts of at least so many matches, in which fewer are found from the left; they begin with what the
    event's own has beside its matches, which the rule may ask as well."""
    try:
        found = examples(parse_regex(pattern, "pcre"), _EXAMPLES)
        compiled = re.compile(pattern)
    except (RegexNotSupported, RegexTimeout, re.error):
        return
    rest = compiled.sub("", own)
    for first, second, between in product(found, found, _BETWEEN):
        text = f"{rest}{between.join([first, second] * (least // 2 + 1))}{_filler(own)}"
        if sum(1 for _ in compiled.finditer(text)) < least:
            yield text


def _filler(own: str) -> str:
    """As many characters as the event's own text has, which is as long as the rule asks."""
    return " x" * len(own)
