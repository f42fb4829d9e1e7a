"""Texts of a wildcard pattern that an expression may take as well: its examples' ends stand for a `*`.

/opt/tool/*   and   /[a-z/]+\\s      ->   /opt/tool/a<space>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from converter.events.generate.patterns import Fills, Pattern, texts
from converter.ir.predicate import Wild

_MOST = 40
_LENGTHS = (1, 2, 3, 5, 8, 13, 21)
"""How much of an example is tried, from either end."""


def blended(pattern: Pattern, examples: Iterable[str], fills: Fills) -> Iterator[str]:
    """Texts of the pattern with a beginning of an example for its first `*`, or an end of one for its last.

    >>> from converter.events.generate.patterns import units
    >>> list(blended(units(("/opt/", Wild.ANY)), ["/ab "], Fills()))[:2]
    ['/opt/ ', '/opt//']
    """
    places = [place for place, unit in enumerate(pattern) if unit is Wild.ANY]
    if places:
        yield from islice(_blended(pattern, places, examples, fills), _MOST)


def _blended(pattern: Pattern, places: list[int], examples: Iterable[str], fills: Fills) -> Iterator[str]:
    for example in dict.fromkeys(examples):
        for length in dict.fromkeys((*(one for one in _LENGTHS if one < len(example)), len(example))):
            for place, fill in ((places[-1], example[-length:]), (places[0], example[:length])):
                filled = (*pattern[:place], *fill, *pattern[place + 1 :])
                yield from islice(texts(filled, fills), 1)
