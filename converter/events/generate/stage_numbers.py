"""The numbers that a pipeline's stages speak of: counts worth trying.

stats n = count(*) by user | where n >= 10     ->     10, 11
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.ir.detection import Eval, Stage, Stats, Where
from converter.ir.rewrite import sub_values
from converter.ir.value import Literal_, Value


def numbers(stages: Iterable[Stage]) -> Iterator[int]:
    """Counts worth trying: the constants of the conditions, and one more."""
    for number in constants(stages):
        if number <= 1000:
            yield from (number, number + 1)


def constants(stages: Iterable[Stage]) -> Iterator[int]:
    """The numbers that the stages speak of."""
    for stage in stages:
        for value in values(stage):
            yield from _whole_numbers(value)


def values(stage: Stage) -> Iterator[Value]:
    """What the stage asks, computes or counts."""
    match stage:
        case Where(condition=condition):
            yield condition
        case Eval(assignments=assignments):
            yield from (value for _, value in assignments)
        case Stats(aggregates=aggregates):
            yield from (item.argument for item in aggregates if item.argument is not None)


def _whole_numbers(value: Value) -> Iterator[int]:
    """The numbers from one on that a value speaks of."""
    for node in sub_values(value):
        match node:
            case Literal_(int(number) | float(number)) if not isinstance(number, bool) and number >= 1:
                yield int(number)
