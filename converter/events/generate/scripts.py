"""Values worth trying for the fields of a script: its own constants and what is near them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.generate.inverse import field_texts
from converter.events.generate.script_tests import ScriptTest, script_holds
from converter.events.generate.usual_values import generic
from converter.ir import Equals, Like, Predicate, Regex, Script, Wild
from converter.ir.rewrite import sub_values, value_fields
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.regex import RegexNotSupported, examples, parse_regex

_LONGEST = 20_000
_OFTEN = 60
_LONG = 6000
_MOST_PARTS = 5
_MOST_BUILT = 8
_MOST_OF_ANOTHER = 20


def script_pins(
    script: Script, event: Mapping[str, Any], beside: Sequence[Script] | None = None
) -> Iterator[Predicate]:
    """One field of the script after the other with a constant of the script or another's value; before these,
    where the script is to hold beside others (`beside`), with a text made for it and for them. What does it
    in the event as it is comes first: it needs no other pin beside it."""
    wanted, holds = beside is not None, script_holds(script)

    def does_it(name: str, value: Any) -> bool:
        return holds({**event, name: value}) is wanted

    built: list[tuple[str, str]] = []
    if beside is not None:
        first = _first_built(script, holds, event, beside)
        built = [(name, text) for name, text in first if event.get(name) != text]
    found = tuple(_constants(script.expression))
    values = {name: _values(script, name, event, found) for name in _tried(script)}
    if wanted and not beside:  # a short text, where no other script asks for more
        names = [name for name in values if field_type(name) not in NUMBER_TYPES]
        short = ((name, text) for name in names for text in _repeated(script))
        yield from (_equals(*one) for one in short if does_it(*one))
    yield from _texts_for(one for one in built if does_it(*one))
    for name, bound, long in lengths(script.expression):
        yield _of_length(name, bound, long is wanted)
    yield from (
        _equals(name, value) for name, some in values.items() for value in some if does_it(name, value)
    )
    yield from _texts_for(one for one in built if not does_it(*one))
    for name, some in values.items():
        if field_type(name) not in NUMBER_TYPES:
            parts = islice((*_filler(found), *_repeated(script)), _MOST_PARTS)
            yield from (_holding_text(name, text) for text in parts if text not in str(event.get(name)))
        yield from (_equals(name, value) for value in some)


def _texts_for(built: Iterable[tuple[str, str]]) -> Iterator[Predicate]:
    """The field as a text, or with it somewhere within."""
    for name, text in built:
        yield _equals(name, text)
        if len(text) < _LONG:
            yield _holding_text(name, text)


def _tried(script: Script) -> Iterator[str]:
    """The script's fields, but for times: the event's own is near the evaluator's now."""
    names = dict.fromkeys(value_fields(script.expression))
    return (name for name in names if field_type(name) not in ("date", "date_nanos"))


def _values(script: Script, name: str, event: Mapping[str, Any], found: tuple[Any, ...]) -> tuple[Any, ...]:
    """Other values than the event's: those of the script's other fields, its constants and what is near."""
    others = [event.get(other) for other in _tried(script) if other != name]
    values: list[Any] = [value for value in others if isinstance(value, str | int)]
    if field_type(name) in NUMBER_TYPES:
        numbers = [value for value in found if isinstance(value, int) and not isinstance(value, bool)]
        values += [number - other for number in numbers for other in others if isinstance(other, int)]
        values += _numbers(found)
    elif field_type(name) == "ip":
        values += generic(name)
    else:
        values += (*_repeated(script), *_texts(found))
    return tuple(dict.fromkeys(value for value in values if value != event.get(name)))


@lru_cache(maxsize=4096, typed=True)
def _equals(name: str, value: Any) -> Predicate:
    """The same object for the same values: what was solved for it is kept by its identity."""
    return Equals(name, value)


@lru_cache(maxsize=4096)
def _of_length(name: str, bound: int, long: bool) -> Predicate:
    """Likewise, a text that is longer, or one that is not."""
    return Regex(name, f".{{{bound + 1},}}" if long else f".{{0,{bound}}}")


@lru_cache(maxsize=4096)
def _holding_text(name: str, text: str) -> Predicate:
    """Likewise."""
    return Like(name, (Wild.ANY, text, Wild.ANY))


def _first_built(
    script: Script, holds: ScriptTest, event: Mapping[str, Any], beside: Sequence[Script]
) -> Sequence[tuple[str, str]]:
    """The first of these: events that are alike in the fields of all the scripts come again and again."""
    tests = (holds, *map(script_holds, beside))
    read = [test.reading(event) for test in tests]

    def find() -> Sequence[tuple[str, str]]:
        return tuple(islice(dict.fromkeys(_built(script, event, beside)), _MOST_BUILT))

    return find() if None in read else holds.kept(("built", *beside, *read), find)


def _built(script: Script, event: Mapping[str, Any], beside: Sequence[Script]) -> Iterator[tuple[str, str]]:
    """Fields and texts of which one after the other script holds as well, as far as one can be found. Where
    none of them serves all, those made for another that do come first."""
    made: list[tuple[str, str]] = []
    for name, text in field_texts(script.expression, event):
        for other in beside:
            text = _holding(other, {**event, name: text}, name)
        made.append((name, text))
    scripts = (script, *beside)
    if made and not any(_all_hold(scripts, {**event, name: text}) for name, text in made):
        for other in beside:
            for name, text in islice(field_texts(other.expression, event), _MOST_OF_ANOTHER):
                if _all_hold(scripts, {**event, name: text}):
                    yield name, text
    yield from made


def _all_hold(scripts: Sequence[Script], event: Mapping[str, Any]) -> bool:
    return all(script_holds(script)(event) for script in scripts)


def _holding(script: Script, event: Mapping[str, Any], name: str) -> str:
    """The field's text or another with which the script holds."""
    test = script_holds(script)
    own = str(event[name])
    if name not in test.fields:
        return own
    return test.once((name,), event, lambda: _found_holding(script, test, event, name))


def _found_holding(script: Script, holds: ScriptTest, event: Mapping[str, Any], name: str) -> str:
    own = str(event[name])
    if holds(event):
        return own
    tried = (text for field, text in field_texts(script.expression, event) if field == name)
    return next((text for text in tried if holds({**event, name: text})), own)


def _filler(found: tuple[Any, ...]) -> Iterator[str]:
    """A text that is longer than the script's greatest number, where that is worth its time."""
    longest = max((n for n in found if isinstance(n, int | float) and _OFTEN < n < _LONG), default=0)
    if longest:
        yield "lorem ipsum " * (int(longest) // 12 + 2)


@lru_cache(maxsize=64)
def _repeated(script: Script) -> Sequence[str]:
    """Texts in which the script's patterns match once, and as often as its numbers say."""
    found = _constants(script.expression)
    times = {1, *(int(n) + 1 for n in found if isinstance(n, int | float) and 0 < n < _OFTEN)}
    return [
        f"{text} " * number if number > 1 else text
        for text in _captured(script.expression)
        for number in sorted(times)
    ]


def _captured(value: Value) -> Iterator[str]:
    """Texts that the patterns of `$capture` match."""
    if isinstance(value, Call):
        for item in value.arguments:
            yield from _captured(item)
        if value.function in ("$capture", "replace") and isinstance(pattern := value.arguments[1], Literal_):
            try:
                yield from examples(parse_regex(str(pattern.value), "pcre"), 2)
            except RegexNotSupported:
                return
    elif isinstance(value, Arithmetic | Comparison):
        yield from (*_captured(value.left), *_captured(value.right))
    elif isinstance(value, Logic):
        for item in value.items:
            yield from _captured(item)
    elif isinstance(value, IsNull):
        yield from _captured(value.item)


def replaced(value: Value) -> Iterator[tuple[str, str]]:
    """The patterns that the expression replaces, each with what is put in their place."""
    for node in sub_values(value):
        match node:
            case Call(function="replace", arguments=(_, Literal_(str(pattern)), Literal_(str(by)))):
                yield pattern, by


def _numbers(found: tuple[Any, ...]) -> Iterator[int | float]:
    for value in found:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from (value, value + 1, value - 1)
    yield from (0, 1, 1000)


def _texts(found: tuple[Any, ...]) -> Iterator[str]:
    for value in found:
        if isinstance(value, str):
            yield from (value, f"x7{value}y8", f"{value}y8", f"x7{value}")
        elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LONGEST:
            yield from ("x" * value, "x" * (value + 1), "x" * (value - 1))
    yield from ("alpha", "beta-7", "x")


def _constants(value: Value) -> Iterator[Any]:
    return (node.value for node in sub_values(value) if isinstance(node, Literal_))


def lengths(value: Value) -> Iterator[tuple[str, int, bool]]:
    """The fields whose length the expression compares with a number, that number, and whether it asks for a
    longer text."""
    match value:
        case Comparison(op, Call(function="length", arguments=(FieldValue(name),)), Literal_(number)):
            if isinstance(number, int) and 0 < number < _LONGEST:
                yield name, number, op in (">", ">=", "!=")
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            yield from (*lengths(left), *lengths(right))
        case Logic("not", (item,)):
            yield from ((name, number, not longer) for name, number, longer in lengths(item))
        case Logic(items=items) | Call(arguments=items):
            for item in items:
                yield from lengths(item)
        case IsNull(item=item):
            yield from lengths(item)
