"""Classes of named values, made of their annotations: what a dataclass is, without what it costs.

A dataclass writes and compiles six methods. For the sixty kinds of nodes of a syntax tree this takes 20 ms at
every start, a thirtieth of the time in which one rule is converted.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(frozen_default=True, eq_default=False)
class Plain:
    """Subclasses take their values by place or by name; what is left out has the class's default.

    They are not changed and not compared.
    """

    _by_place: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, kw_only: bool = False) -> None:
        if not kw_only:
            cls._by_place = (*cls._by_place, *get_annotations(cls))

    def __init__(self, *values: Any, **named: Any) -> None:
        self.__dict__.update(zip(self._by_place, values, strict=False), **named)

    def __repr__(self) -> str:
        values = (f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({', '.join(values)})"
