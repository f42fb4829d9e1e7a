"""Predicates compiled to closures over events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, cast

from converter.elastic.analysis import standard_tokens
from converter.elastic.eql.literals import wildcard_pattern as pattern_of
from converter.elastic.types import TEXT_TYPES, has_text, parent_field
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.fields import field_getter, flat, leaves, objects, present
from converter.evaluate.elastic.leaf_tests import Leaf, Test, value_test
from converter.evaluate.elastic.phrases import phrase_test
from converter.evaluate.elastic.scripts import script_test
from converter.evaluate.elastic.typed import text_of
from converter.evaluate.elastic.wildcards import pattern_test
from converter.ir import (
    And,
    AnyField,
    Cidr,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Nested,
    Not,
    Or,
    Phrase,
    Predicate,
    Regex,
    Script,
    Wild,
)
from converter.ir.predicate import Between

Holds: TypeAlias = Callable[[Mapping[str, Any]], bool]


def compile_predicate(predicate: Predicate, context: Context) -> Holds:
    """A function that says whether an event satisfies the predicate.

    Raises NotSupportedError for what cannot be evaluated, naming it.
    """
    if isinstance(predicate, And):
        return _all([compile_predicate(item, context) for item in predicate.items])
    if isinstance(predicate, Or):
        return _any(_alternatives(predicate, context))
    if isinstance(predicate, Not):
        item = compile_predicate(predicate.item, context)
        return lambda event: not item(event)
    if isinstance(predicate, Constant):
        value = predicate.value
        return lambda event: value
    if isinstance(predicate, Exists | Equals | Like | Regex | Compare | Between | Cidr | Phrase):
        return _leaf(predicate, context)
    if isinstance(predicate, Nested):
        return _nested(predicate, context)
    if isinstance(predicate, Script):
        return script_test(predicate, context.field_type)
    return _any_field(predicate, context)


def _leaf(predicate: Exists | Leaf, context: Context) -> Holds:
    if "*" in predicate.field:
        return _some_field(predicate, context)
    if isinstance(predicate, Exists):
        return _exists(predicate.field)
    return _some_value(predicate.field, value_test([predicate], context.field_type(predicate.field), context))


def _exists(field: str) -> Holds:
    """Whether the field has a value, or a field below it, also where an event writes that with dots."""
    get, below = field_getter(field), f"{field}."

    def holds(event: Mapping[str, Any]) -> bool:
        found = get(event)
        if found is not None and present(found):
            return True
        return any(key.startswith(below) and present(event[key]) for key in event)

    return holds


def _alternatives(predicate: Or, context: Context) -> list[Holds]:
    """The items of an `or`, those that ask values of the same field as one."""
    by_field: dict[str, list[Leaf]] = {}
    rest: list[Holds] = []
    for item in predicate.items:
        if (
            isinstance(item, And | Or | Not | Constant | Exists | Nested | Script | AnyField)
            or "*" in item.field
        ):
            rest.append(compile_predicate(item, context))
        else:
            by_field.setdefault(item.field, []).append(item)
    grouped = [
        _some_value(field, value_test(group, context.field_type(field), context))
        for field, group in by_field.items()
    ]
    return grouped + rest


def _some_field(predicate: Exists | Leaf, context: Context) -> Holds:
    """A leaf on all fields of a name with `*` (Kuery, Lucene): some field that the event has satisfies it."""
    named = pattern_test(pattern_of(predicate.field))
    compiled: dict[str, Holds] = {}

    def holds(event: Mapping[str, Any]) -> bool:
        for name in dict.fromkeys(name for name, _ in leaves(event) if named(name)):
            if "*" in name:
                continue  # no name of a field, and its own pattern again
            if name not in compiled:
                compiled[name] = compile_predicate(replace(predicate, field=name), context)
            if compiled[name](event):
                return True
        return False

    return holds


def _some_value(field: str, test: Test) -> Holds:
    """Whether the test holds of a value of the field. Most fields have two or three names, and most events
    their values under the whole: only where there is more to look for it is read as `field_getter` does."""
    get, parts = field_getter(field), field.split(".")
    plain = len(parts) in (2, 3) and parent_field(field) is None
    first, second = parts[0], ".".join(parts[:-1])

    def holds(event: Mapping[str, Any]) -> bool:
        found = event.get(field) if plain and first not in event and second not in event else get(event)
        if found is None:
            return False
        if found.__class__ is str:
            return test(found)
        if found.__class__ is not list:
            return any(test(value) for value in flat(found))
        for item in found:
            if test(item) if item.__class__ is str else any(test(value) for value in flat(item)):
                return True
        return False

    return holds


def _all(items: list[Holds]) -> Holds:
    if len(items) == 2:
        first, second = items
        return lambda event: first(event) and second(event)
    kept = tuple(items)

    def holds(event: Mapping[str, Any]) -> bool:
        for item in kept:  # noqa: SIM110 (`all()` of a generator takes twice the time)
            if not item(event):
                return False
        return True

    return holds


def _any(items: list[Holds]) -> Holds:
    if len(items) == 1:
        return items[0]
    kept = tuple(items)

    def holds(event: Mapping[str, Any]) -> bool:
        for item in kept:  # noqa: SIM110
            if item(event):
                return True
        return False

    return holds


def _nested(predicate: Nested, context: Context) -> Holds:
    """Each object of the array stands alone, as an event that has nothing but it."""
    get, path = field_getter(predicate.path), predicate.path
    item = compile_predicate(predicate.item, context)
    return lambda event: any(item({path: element}) for element in objects(get(event)))


def _any_field(predicate: AnyField, context: Context) -> Holds:
    """A bare value: the whole value of a keyword, words of a text field or of a text multi-field."""
    whole = pattern_test(predicate.pattern)
    words = _words_test(predicate)

    def holds(event: Mapping[str, Any]) -> bool:
        for name, value in leaves(event):
            analysed = context.field_type(name) in TEXT_TYPES
            if not analysed and whole(text_of(value)):
                return True
            if (analysed or has_text(name)) and words(value):
                return True
        return False

    return holds


def _words_test(predicate: AnyField) -> Test:
    """What a bare value asks of analysed text: all its words in a row for a phrase, else any of them."""
    if Wild.ANY in predicate.pattern or Wild.ONE in predicate.pattern:
        lowered = tuple(part.lower() if isinstance(part, str) else part for part in predicate.pattern)
        return phrase_test([lowered])
    tokens = standard_tokens("".join(cast("tuple[str, ...]", predicate.pattern)))
    if predicate.phrase:
        return phrase_test(tokens)
    singles = [phrase_test([token]) for token in tokens]
    return lambda value: any(single(value) for single in singles)
