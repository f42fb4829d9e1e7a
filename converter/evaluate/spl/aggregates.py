"""Statistical functions of stats, eventstats, streamstats and tstats.

Each is an accumulator: `add` takes all values of a field in one row. Nulls are never added.
Source: Splunk Search Reference, "Statistical and charting functions".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from converter.evaluate.spl.values import Value, collapsed, number, text

LIST_LIMIT = 100
"""`list` keeps this many values."""


class Accumulator(Protocol):
    """Collects values and gives the statistic."""

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        """Take a row's values, and its time."""
        ...

    def result(self) -> Value:
        """The statistic of what was taken so far; null where it has none."""
        ...


class _Count:
    def __init__(self) -> None:
        self._count = 0

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        self._count += len(values)

    def result(self) -> Value:
        return self._count


class _Distinct:
    def __init__(self) -> None:
        self._seen: set[str] = set()

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        self._seen.update(map(text, values))

    def result(self) -> Value:
        return len(self._seen)


class _Values(_Distinct):
    """The different values as texts, in the order of their letters."""

    def result(self) -> Value:
        return collapsed(sorted(self._seen))


class _List:
    def __init__(self) -> None:
        self._values: list[Any] = []

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        self._values += values[: LIST_LIMIT - len(self._values)]

    def result(self) -> Value:
        return collapsed(list(self._values))


class _Edge:
    """The first or last value that is seen."""

    def __init__(self, last: bool) -> None:
        self._last = last
        self._value: Value = None

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        if values and (self._last or self._value is None):
            self._value = collapsed(list(values))

    def result(self) -> Value:
        return self._value


class _ByTime:
    """The value, or the time, of the earliest or latest row that has one."""

    def __init__(self, latest: bool, gives_time: bool) -> None:
        self._latest = latest
        self._gives_time = gives_time
        self._moment: float | None = None
        self._value: Value = None

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        if not values or moment is None:
            return
        before = self._moment
        if before is None or (moment > before if self._latest else moment < before):
            self._moment = moment
            self._value = collapsed(list(values))

    def result(self) -> Value:
        return self._moment if self._gives_time else self._value


class _Extreme:
    """The least or greatest: by number where all values are numbers, by letters else."""

    def __init__(self, greatest: bool) -> None:
        self._pick: Callable[..., Any] = max if greatest else min
        self._numbers: Value = None
        self._texts: Value = None
        self._numeric = True

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        for value in values:
            found = number(value)
            self._numeric = self._numeric and found is not None
            if self._numeric:
                self._numbers = found if self._numbers is None else self._pick(self._numbers, found)
            letters = text(value)
            self._texts = letters if self._texts is None else self._pick(self._texts, letters)

    def result(self) -> Value:
        return self._numbers if self._numeric else self._texts


class _Moments:
    """Statistics of the numbers; other values are passed over."""

    def __init__(self, statistic: Callable[[list[Any]], Value]) -> None:
        self._statistic = statistic
        self._numbers: list[Any] = []

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        self._numbers += [found for value in values if (found := number(value)) is not None]

    def result(self) -> Value:
        if not self._numbers:
            return None
        result = self._statistic(self._numbers)
        return int(result) if isinstance(result, float) and result.is_integer() else result


class _Sum:
    def __init__(self, mean: bool) -> None:
        self._mean = mean
        self._sum: int | float = 0
        self._count = 0

    def add(self, values: Sequence[Any], moment: float | None) -> None:
        for value in values:
            found = number(value)
            if found is not None:
                self._sum += found
                self._count += 1

    def result(self) -> Value:
        if not self._count:
            return None
        result = self._sum / self._count if self._mean else self._sum
        return int(result) if isinstance(result, float) and result.is_integer() else result


def _variance(sample: bool) -> Callable[[list[Any]], Value]:
    def variance(numbers: list[Any]) -> Value:
        count = len(numbers) - sample
        if count < 1:
            return 0
        try:
            mean = math.fsum(numbers) / len(numbers)
            return math.fsum((value - mean) ** 2 for value in numbers) / count
        except OverflowError:  # a number that no result can hold
            return None

    return variance


def _deviation(sample: bool) -> Callable[[list[Any]], Value]:
    variance = _variance(sample)

    def deviation(numbers: list[Any]) -> Value:
        found = variance(numbers)
        return None if found is None else math.sqrt(found)

    return deviation


AGGREGATES: dict[str, Callable[[], Accumulator]] = {
    "count": _Count,
    "c": _Count,
    "dc": _Distinct,
    "distinct_count": _Distinct,
    "values": _Values,
    "list": _List,
    "first": lambda: _Edge(last=False),
    "last": lambda: _Edge(last=True),
    "earliest": lambda: _ByTime(latest=False, gives_time=False),
    "latest": lambda: _ByTime(latest=True, gives_time=False),
    "earliest_time": lambda: _ByTime(latest=False, gives_time=True),
    "latest_time": lambda: _ByTime(latest=True, gives_time=True),
    "min": lambda: _Extreme(greatest=False),
    "max": lambda: _Extreme(greatest=True),
    "sum": lambda: _Sum(mean=False),
    "avg": lambda: _Sum(mean=True),
    "mean": lambda: _Sum(mean=True),
    "range": lambda: _Moments(lambda numbers: max(numbers) - min(numbers)),
    "sumsq": lambda: _Moments(lambda numbers: sum(value * value for value in numbers)),
    "stdev": lambda: _Moments(_deviation(sample=True)),
    "stdevp": lambda: _Moments(_deviation(sample=False)),
    "var": lambda: _Moments(_variance(sample=True)),
    "varp": lambda: _Moments(_variance(sample=False)),
}
"""The statistics by name. Percentiles, medians and modes, which Splunk approximates, are not among them."""
OVER_ROWS: dict[str, Callable[[Sequence[Sequence[Any]]], Value]] = {
    "count": lambda rows: sum(map(len, rows)),
    "c": lambda rows: sum(map(len, rows)),
    "first": lambda rows: next((collapsed(list(values)) for values in rows if values), None),
}
"""Those of which it takes less to look at the values of all rows than to add each."""
