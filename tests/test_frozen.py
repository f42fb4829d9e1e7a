"""Frozen classes of our own behave as the standard library's do, to who does not assign."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from dataclasses import field, fields, replace
from functools import cached_property

import pytest

from converter.frozen import dataclass
from converter.ir import Exists


@dataclass(frozen=True, slots=True)
class Base:
    place: int | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Leaf(Base):
    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Other(Base):
    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike(Base):
    """Of the shape of `Leaf`."""

    title: str
    parts: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Loose:
    seen: list[int] = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def length(self) -> int:
        return len(self.seen)


@dataclass(frozen=True, slots=True)
class Itself:
    value: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def test_values_by_place_and_by_name() -> None:
    leaf = Leaf("a", ("b",), place=3)
    assert (leaf.name, leaf.values, leaf.place) == ("a", ("b",), 3)
    assert Leaf(name="a", values=("b",), place=3) == leaf
    with pytest.raises(TypeError):
        Leaf("a", (), 3)  # type: ignore[misc]


def test_classes_of_one_shape_have_their_own_names_and_defaults() -> None:
    assert (Leaf("a").values, Alike("a").parts) == ((), (1,))
    assert Alike(title="a", parts=(2,), place=3) == Alike("a", (2,))
    with pytest.raises(TypeError, match="name"):
        Alike(name="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="title"):
        Alike()  # type: ignore[call-arg]


def test_compared_are_the_class_and_what_is_to_be_compared() -> None:
    assert Leaf("a", place=1) == Leaf("a", place=2)
    assert hash(Leaf("a", place=1)) == hash(Leaf("a", place=2))
    assert Leaf("a") != Leaf("b")
    assert Leaf("a") != Other("a")  # type: ignore[comparison-overlap]
    assert {Leaf("a"): 1}[Leaf("a")] == 1


def test_what_a_class_defines_itself_stays() -> None:
    assert Itself([]) != Itself([])
    assert hash(Itself("a")) == id("a")


def test_defaults_are_made_for_each_object() -> None:
    one, two = Loose(), Loose()
    one.seen.append(1)
    assert (one.length, two.length) == (1, 0)
    assert repr(one) == "Loose()"


def test_it_is_a_dataclass() -> None:
    leaf = Leaf("a", place=1)
    hash(leaf)
    assert [item.name for item in fields(leaf)] == ["place", "name", "values"]
    assert replace(leaf, name="b") == Leaf("b")
    assert hash(replace(leaf, name="b")) == hash(Leaf("b"))
    assert repr(leaf) == "Leaf(place=1, name='a', values=())"
    match leaf:
        case Leaf(name, values):
            assert (name, values) == ("a", ())


def test_slots_take_nothing_else() -> None:
    with pytest.raises(AttributeError):
        Leaf("a").more = 1  # type: ignore[attr-defined]


def test_a_pickle_has_no_hash() -> None:
    """Texts hash otherwise in each process: another one's hash would hide equal objects from each other."""
    program = (
        "import pickle, sys; from converter.ir import Exists; leaf = Exists('a'); hash(leaf);"
        "sys.stdout.buffer.write(pickle.dumps(leaf))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        made = subprocess.run(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, check=True
        )
        assert pickle.loads(made.stdout) in {Exists("a")}


def test_copies() -> None:
    leaf = Leaf("a", place=1)
    hash(leaf)
    assert copy.copy(leaf) == leaf
    assert copy.deepcopy(leaf).place == 1
