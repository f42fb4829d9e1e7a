r"""Events that a log has otherwise than Elastic: an object in another form, what its vendor knows by itself.

    request_parameters : "*a*b*"      ->   {b, a}: in another order, which a log's conditions do not see
    cpu=(1|2)[,} ]                    ->   {x=[cpu=1]}: at the end of a list, where a log writes a quote
    image=docker.io/                  ->   {image=docker"io/}: one character that a log writes as two
    "Effect": *"Allow"                ->   {Effect=Allow}: what is text in Elastic, and an object in the log
    request_parameters : "*a=b*"      ->   {a=b}: an object, which a log writes as JSON
    modelId=([^,}]+)                  ->   {x=modelId=a, y=modelId=b}, which a log holds in the other order
    source.as.number : 9009           ->   9009, which the log's vendor takes for 9008, or does not know

That a log has it otherwise is another spelling of the event (`events/foreign.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from string import ascii_lowercase, ascii_uppercase

from converter.evaluate.result import Event
from converter.events.foreign import SPELLING
from converter.events.generate.groups import field_of
from converter.events.generate.literals import Tests
from converter.events.generate.world import World
from converter.events.row_values import known_otherwise
from converter.ir import Like, Predicate, Regex
from converter.ir.rewrite import leaves
from converter.late import late
from converter.taxonomy.model import Record

Timeline = tuple[Event, ...]
_ENDS = late(r"[,} ]")
_ENTRY = late(r'"(?P<key>\w+)": *"(?P<value>[^"]*)"')
_KEY = late(r"[A-Za-z0-9_.-]+=")
_DIGIT = late(r"\d")
_LAST_WORD = late(r"[a-zA-Z0-9]+(?=[^a-zA-Z0-9]*$)")
_FEW = 2


def is_object(name: str, record: Record | None) -> bool:
    """Whether a log of the record holds the field's object in another form than Elastic."""
    return _is_held_as(name, "java_map", record)


def is_looked_up(name: str, record: Record | None) -> bool:
    """Whether a log of the record has the field from a database of its own."""
    return _is_held_as(name, "other_database", record)


def is_part(name: str, record: Record | None) -> bool:
    """Whether a log of the record has the field as a part of a value."""
    return _is_held_as(name, "before", record) or _is_held_as(name, "after", record)


def _is_held_as(name: str, conversion: str, record: Record | None) -> bool:
    row = record.cells.get(name, {}) if record is not None else {}
    return any(cell is not None and cell.conversion == conversion for cell in row.values())


def logged_otherwise(world: World, predicate: Predicate, event: Event) -> Iterator[tuple[str, Event]]:
    """The event, which the predicate takes, for each leaf on such a field as a log may have it otherwise."""
    record, tests = world.shape.record, world.tests
    for leaf in leaves(predicate):
        name = field_of(leaf)
        if name is not None and name in event and is_looked_up(name, record):
            other = {**event, name: known_otherwise(event[name], 1)}
            yield f"another {name} for a log", {**event, SPELLING: 1}
            yield f"another {name} than for a log", {**other, SPELLING: 1}
            yield f"{name} of which a log knows nothing", {**event, SPELLING: 2}
        if isinstance(leaf, Like | Regex) and tests.holds(leaf, event) and is_object(leaf.field, record):
            yield from _of_objects(event, leaf, tests)


def _of_objects(event: Event, leaf: Like | Regex, tests: Tests) -> Iterator[tuple[str, Event]]:
    """The event, in which the leaf holds, with other texts of the object that it asks."""
    name, text = leaf.field, str(event[leaf.field])
    if isinstance(leaf, Like):
        pieces = [piece for piece in leaf.pattern if isinstance(piece, str)]
        if len(pieces) > 1:
            yield f"{name} in another order", {**event, name: f"{{{', '.join(reversed(pieces))}}}"}
        made = {**event, name: f"{{{', '.join(pieces)}}}"}
        if _KEY.match(pieces[0]) and tests.holds(leaf, made):
            yield f"{name} as an object", made
        return
    for end in islice(_ENDS.finditer(text), _FEW):
        listed = f"{{x=[{text[: end.start()]}], y={text[end.end() :]}}}"
        yield f"{name} at the end of a list", {**event, name: listed}
    for place in islice(_needed(text, leaf, tests), _FEW):
        yield f"{name} with a quote inside", {**event, name: f'{{x={text[:place]}"{text[place + 1 :]}}}'}
    if entries := [f"{one['key']}={one['value']}" for one in _ENTRY.finditer(text)]:
        yield f"{name} as an object", {**event, name: f"{{{', '.join(entries)}}}"}


def _needed(text: str, leaf: Regex, tests: Tests) -> Iterator[int]:
    """The places of characters without which the expression does not match, and for which a quote does."""
    for place in range(len(text)):
        start, end = text[:place], text[place + 1 :]
        quoted = {leaf.field: f'{start}"{end}'}
        if tests.holds(leaf, quoted) and not tests.holds(leaf, {leaf.field: start + end}):
            yield place


def object_timelines(timeline: Sequence[Event], name: str) -> Iterator[tuple[str, Timeline]]:
    """The timeline with a second, like object in each event, for logs that have both in the other order; and
    with texts that are two in Elastic and one in a log, or the other way round."""
    texts = [str(event.get(name, "")) for event in timeline]
    for how, others in (
        ("all alike", [_alike(text) for text in texts]),
        ("all different", [_numbered(text, number) for number, text in enumerate(texts, 1)]),
    ):
        for firsts, seconds, where in ((texts, others, "behind"), (others, texts, "before")):
            pairs = zip(firsts, seconds, strict=True)
            objects = [f"{{x={first}, y={second}}}" for first, second in pairs]
            for turned in (1, 0):
                order = "in the other order" if turned else "in order"
                yield (
                    f"second objects in {name}, {how}, {where}, {order}",
                    _with(timeline, name, objects, turned),
                )


def counted_objects(timeline: Timeline, name: str) -> Iterator[tuple[str, Timeline]]:
    """The timeline with texts of objects that are two in Elastic and one in a log, or the other way round."""
    if len(timeline) < 2 or not all(isinstance(event.get(name), str) for event in timeline):
        return
    texts = [f"{{x={event[name]}, y=1}}" for event in timeline]
    first, last = timeline[0][name], timeline[-1]
    whole = tuple({**event, name: text} for event, text in zip(timeline, texts, strict=True))
    yield (
        f"{name} in another order, as one",
        (*whole[:-1], {**last, name: f"{{y=1, x={first}}}", SPELLING: 1}),
    )
    yield f"{name} as one, in another order", (*whole[:-1], {**last, name: texts[0], SPELLING: 1})


def _alike(text: str) -> str:
    """Another text, the same one of texts that differ in their digits."""
    made = _DIGIT.sub("0", text)
    return made if made != text else _numbered(text, 1)


def _numbered(text: str, number: int) -> str:
    """Another text: with each digit further on, or else the letter in the middle of the last word."""
    made = _DIGIT.sub(lambda digit: str((int(digit[0]) + number) % 10), text)
    word = _LAST_WORD.search(text)
    if made != text or word is None:
        return made
    place = (word.start() + word.end()) // 2
    return f"{text[:place]}{_further(text[place], number)}{text[place + 1 :]}"


def _further(letter: str, number: int) -> str:
    """The letter so many further in the alphabet, which begins again behind its end."""
    letters = next((one for one in (ascii_lowercase, ascii_uppercase) if letter and letter in one), letter)
    return letters[(letters.index(letter) + number) % len(letters)] if letters else ""


def _with(timeline: Sequence[Event], name: str, texts: Iterable[str], turned: int) -> Timeline:
    """The timeline with these texts where it has one, and a log of them in the other order (`turned`)."""
    spelled = {SPELLING: turned} if turned else {}
    return tuple(
        {**event, name: text, **spelled} if name in event else event
        for event, text in zip(timeline, texts, strict=True)
    )
