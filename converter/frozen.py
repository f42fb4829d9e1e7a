"""`dataclass` for trees of many small nodes: the same to a reader and to mypy, cheaper to load and to run.

What the standard library's class does by up to six methods compiled for each class, and a frozen one by
`object.__setattr__` and by a walk through the whole tree at each look into a dict, is here an `__init__` that
assigns, compiled when the class has its first object, methods that share their code, and a hash that each
frozen object with slots keeps. That nobody assigns to a field is mypy's to see.

>>> @dataclass(frozen=True, slots=True)
... class Point:
...     x: int
...     y: int = 0
>>> Point(1), Point(1) == Point(1, 0), len({Point(1), Point(1)})
(Point(x=1, y=0), True, 1)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, **more):
        """As `dataclasses.dataclass`, to which classes are left that ask for more."""

        def made(given):
            if more:
                return dataclasses.dataclass(given, frozen=frozen, slots=slots, eq=eq, **more)
            return _made(given, frozen, slots, eq)

        return made if cls is None else made(cls)


_HASH = "_hash"
"""The slot in which an object keeps its hash. It is never written to a file: texts hash otherwise there."""


def _made(cls: type, frozen: bool, slots: bool, eq: bool) -> type:
    """The class with its methods; a new one where it has slots. What it defines itself stays."""
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # the standard library would write out a signature
    cls = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    fields = dataclasses.fields(cls)
    names = [item.name for item in fields]
    compared = _values([item.name for item in fields if item.compare])
    methods: dict[str, Any] = {
        "__init__": _late_initialiser(fields, hasattr(cls, "__post_init__")),
        "__repr__": _representation([item.name for item in fields if item.repr]),
    }
    if eq:
        hashed = (_kept_hash if slots else _hash)(compared) if frozen else None
        methods |= {"__eq__": _equality(compared), "__hash__": hashed}
    if slots and frozen:
        methods |= _state(names)
    own = {name for name, value in vars(cls).items() if value is not None}
    methods = {name: method for name, method in methods.items() if name not in own}
    if slots:
        return _with_slots(cls, names, [_HASH] if frozen else [], methods)
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def _with_slots(cls: type, names: Sequence[str], more: Sequence[str], methods: dict[str, Any]) -> type:
    """The class anew, since slots can't be given to one that is there. `more`: slots that are no fields."""
    inherited = {slot for base in cls.__mro__[1:] for slot in vars(base).get("__slots__", ())}
    members = {
        name: value for name, value in vars(cls).items() if name not in (*names, "__dict__", "__weakref__")
    }
    slots = tuple(name for name in (*names, *more) if name not in inherited)
    made = type(cls)(cls.__name__, cls.__bases__, {**members, **methods, "__slots__": slots})
    made.__qualname__ = cls.__qualname__
    return made


def _late_initialiser(fields: Sequence[dataclasses.Field[Any]], has_more: bool) -> Callable[..., None]:
    """Makes the `__init__` when it is first called, and puts it in its own place: of most classes that are
    loaded a rule makes no object."""

    def __init__(self: Any, *given: Any, **named: Any) -> None:
        made = _initialiser(fields, has_more)
        for cls in type(self).__mro__:
            if vars(cls).get("__init__") is __init__:
                cls.__init__ = made  # type: ignore[misc]
        made(self, *given, **named)

    return __init__


def _initialiser(fields: Sequence[dataclasses.Field[Any]], has_more: bool) -> Callable[..., None]:
    """`__init__`, of code that is compiled for its class: nothing else assigns as fast. It is compiled once
    for all classes that differ in the names of their fields alone."""
    missing = dataclasses.MISSING
    fields = [item for item in fields if item.init]
    shape = tuple((item.kw_only, item.default_factory is not missing) for item in fields)
    code = _code(shape, has_more)
    names = {_nth(place): item.name for place, item in enumerate(fields)}
    code = code.replace(
        co_varnames=tuple(names.get(name, name) for name in code.co_varnames),
        co_names=tuple(names.get(name, name) for name in code.co_names),
    )
    makers = {_maker(place): item.default_factory for place, item in enumerate(fields) if shape[place][1]}
    perhaps = [item for item in fields if item.default is not missing or item.default_factory is not missing]
    made = FunctionType(code, {"_missing": missing, **makers}, "__init__")
    made.__defaults__ = tuple(item.default for item in perhaps if not item.kw_only)
    made.__kwdefaults__ = {item.name: item.default for item in perhaps if item.kw_only}
    return made


@lru_cache(maxsize=256)
def _code(shape: tuple[tuple[bool, bool], ...], has_more: bool) -> CodeType:
    """The code for fields of which each is given by name alone or not, and is made where it is not given."""
    by_place = [_nth(place) for place, (by_name, _) in enumerate(shape) if not by_name]
    by_name = [_nth(place) for place, (by_name, _) in enumerate(shape) if by_name]
    body = []
    for place, (_, is_made) in enumerate(shape):
        name = _nth(place)
        value = f"{_maker(place)}() if {name} is _missing else {name}" if is_made else name
        body.append(f"self.{name} = {value}")
    if has_more:
        body.append("self.__post_init__()")
    parameters = ", ".join(["self", *by_place, *(["*", *by_name] if by_name else [])])
    given: dict[str, Any] = {}
    exec(f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"]), given)
    code: CodeType = given["__init__"].__code__
    return code


def _nth(place: int) -> str:
    return f"_{place}"


def _maker(place: int) -> str:
    return f"_make_{place}"


def _values(names: Sequence[str]) -> Callable[[Any], Any]:
    """What gives an object's values: a tuple, of one field the value itself."""
    return attrgetter(*names) if names else lambda _: ()


def _representation(names: Sequence[str]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _equality(values: Callable[[Any], Any]) -> Callable[[Any, object], bool]:
    def __eq__(self: Any, other: object) -> bool:
        if self is other:
            return True
        return bool(values(self) == values(other)) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _kept_hash(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        try:
            return self._hash  # type: ignore[no-any-return]
        except AttributeError:
            found = self._hash = hash(values(self))
            return found

    return __hash__


def _state(names: Sequence[str]) -> dict[str, Any]:
    """What pickle and copy take of an object with slots: its fields alone."""

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            setattr(self, name, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}
