"""The same command line cut into other arguments: what a log that holds the line alone does not tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from converter.evaluate.result import Event
from converter.events.generate.atoms import Atom, deciding, is_excluded
from converter.events.generate.command_lines import join
from converter.events.generate.drafts import Named
from converter.events.generate.groups import field_of
from converter.events.generate.literals import Tests
from converter.events.generate.patterns import Fills
from converter.events.generate.solve import leaf_values
from converter.events.generate.world import World
from converter.ir import Equals, Like, Predicate, Wild
from converter.ir.rewrite import leaves

Form = tuple[object, ...]
ARGS = ".args"
COUNT = ".args_count"
_FORMS = 4
_WORDS = " ".join("abcdefghij")
_PATHS = ("C:\\x7\\y8", "C:\\x7 y8\\z9")
"""Arguments of Windows, with separators and, in quotes, a blank."""


def of_arguments(event: Event, atom: Atom, tests: Tests, system: str) -> Iterator[Named]:
    """Other arguments than the event's in (nearly) the same command line, for an atom on arguments."""
    name = field_of(atom.leaf)
    if name is None or not name.endswith(ARGS) or not isinstance(atom.leaf, Equals | Like):
        return
    value = next((str(one) for one in leaf_values(atom.leaf, Fills(" "))), "")
    split = _split(event, atom, tests)
    if split is None or not value:
        return
    first, _, others = split
    rest = list(map(str, event[name][1:]))
    among = (
        "among other words of one argument",
        with_arguments(event, name, [first, *others, f"x {value} y"], system),
    )
    spaced = _spaced(atom.leaf)
    inside = stops_inside(atom.leaf)
    yield from () if inside else (among,)
    for text in islice(spaced, 1):  # the other way of a difference, so early
        yield "with spaces in its argument", with_arguments(event, name, [first, *others, text], system)
    yield from (among,) if inside else ()
    yield (
        "before other words of one argument",
        with_arguments(event, name, [first, f"{value} y", *others], system),
    )
    if len(rest) > 1:
        yield "in one argument with the others", with_arguments(event, name, [first, " ".join(rest)], system)
    for text in islice(spaced, _FORMS - 1):
        yield "with spaces in its argument", with_arguments(event, name, [first, *others, text], system)
    yield "cut at its spaces", with_arguments(event, name, [first, *others, *value.split()], system)
    yield "in quotes of its own", with_arguments(event, name, [first, *others, f'"{value}"'], system)


def of_number(event: Event, atom: Atom, system: str) -> Iterator[Named]:
    """Arguments with blanks in them, for an atom on their number: in a line each blank ends one."""
    name = str(field_of(atom.leaf))
    arguments = event.get(name.removesuffix("_count"))
    if not name.endswith(COUNT) or not isinstance(arguments, list) or not arguments:
        return
    first, *rest = map(str, arguments)
    name = name.removesuffix("_count")
    line = f"{name.removesuffix(ARGS)}.command_line"
    missing = (name, f"{name}_count", line)
    yield "no arguments, and no line", {one: value for one, value in event.items() if one not in missing}
    yield "fewer arguments, with blanks", with_arguments(event, name, [first, " ".join(rest)], system)
    yield "an argument of many words", with_arguments(event, name, [first, *rest, _WORDS], system)
    yield "a blank in the first argument", with_arguments(event, name, [f"{first} x", *rest], system)
    yield (
        "a blank in the first of more arguments",
        with_arguments(event, name, [f"{first} x", *rest, "x7"], system),
    )
    yield "one argument, with blanks", with_arguments(event, name, [" ".join([first, *rest])], system)


def of_name(world: World, atom: Atom) -> Iterator[Named]:
    """A program with a blank in its name, for an atom on the number of arguments: the line has it too."""
    name = str(field_of(atom.leaf))
    program, (goals, value) = f"{name.removesuffix(COUNT)}.name", deciding(atom)
    asked = leaves(atom.path[0]) if name.endswith(COUNT) else ()
    for leaf in asked:
        if isinstance(leaf, Like) and leaf.field == program and leaf.pattern[1:] == (Wild.ANY,):
            called = Equals(program, f"{leaf.pattern[0]} x7")
            event = world.solve([*goals, (atom.leaf, value), (called, True)])
            if event is not None:
                yield "a program with a blank in its name", event
                return


def form_of(atom: Atom) -> Form | None:
    """What a target makes of an atom on arguments: the field, whether the rule holds with it or without, and
    where its pattern has wildcards and spaces; None for an atom on anything else."""
    name = str(field_of(atom.leaf))
    if not name.endswith((ARGS, COUNT)):
        return None
    pieces: Sequence[str | Wild] = ()
    if isinstance(atom.leaf, Like):
        pieces = atom.leaf.pattern
    spaced = any(isinstance(piece, str) and " " in piece for piece in pieces)
    ends = (*(piece if isinstance(piece, Wild) else "" for piece in (*pieces[:1], *pieces[-1:])),)
    inside = stops_inside(atom.leaf)
    negated = is_excluded(atom)
    return name, type(atom.leaf), negated, spaced, ends, inside


def stops_inside(leaf: Predicate) -> bool:
    """Whether it is a pattern with a wildcard between its ends, which stops at a space for a target."""
    return isinstance(leaf, Like) and any(isinstance(piece, Wild) for piece in leaf.pattern[1:-1])


def is_in_one_word(leaf: Predicate) -> bool:
    """Whether it is `*text*` without a blank, which stands in one argument wherever it stands."""
    return (
        isinstance(leaf, Like)
        and len(leaf.pattern) == 3
        and leaf.pattern[0] is leaf.pattern[2] is Wild.ANY
        and not any(map(str.isspace, str(leaf.pattern[1])))
    )


def placed(event: Event, atom: Atom, tests: Tests, system: str) -> Iterator[Named]:
    """The argument for which an atom asks at each place of the line, and in quotes."""
    name, split = field_of(atom.leaf), _split(event, atom, tests)
    if name is None or split is None or not split[1]:
        return
    program, held, others = split
    yield "at the start of the line", with_arguments(event, name, [held[0], *others, "x7"], system)
    yield "in the middle of the line", with_arguments(event, name, [program, *others, held[0], "x7"], system)
    fillers = ("x7", *_PATHS) if system == "windows" else ("x7",)
    ends = [
        with_arguments(event, name, [program, *before, *others, held[0]], system)
        for before in (fillers, ("x7",))
    ]
    says = tests.holds(atom.path[0], ends[-1])  # a rule may ask of the others too
    yield "at the end of the line", next(one for one in ends if tests.holds(atom.path[0], one) is says)
    line = f"{name.removesuffix(ARGS)}.command_line"
    if system == "windows" and isinstance(atom.leaf, Like) and Wild.ANY in atom.leaf.pattern:
        gaps = {Wild.ANY: 'x"y', Wild.ONE: "x"}
        text = "".join(gaps[part] if isinstance(part, Wild) else part for part in atom.leaf.pattern)
        yield "with a quote inside", with_arguments(event, name, [program, *others, text], system)
    if system == "windows" and line in event and '"' not in held[0]:
        made = with_arguments(event, name, [program, *others, held[0], "x7"], system)
        yield "in quotes", {**made, line: join([program, *others], system) + f' "{held[0]}" x7'}
        for how, word in (("behind", f'"{held[0]}"x'), ("before", f'x"{held[0]}"')):
            made = with_arguments(event, name, [program, *others, word.replace('"', ""), "x7"], system)
            yield (
                f"in quotes with more {how}",
                {**made, line: join([program, *others], system) + f" {word} x7"},
            )


def instead(event: Event, atom: Atom, tests: Tests, system: str, arguments: list[str]) -> Event | None:
    """The event with other arguments in place of those for which the atom asks; None where it has none."""
    split = _split(event, atom, tests)
    if split is None:
        return None
    program, _, others = split
    return with_arguments(event, str(field_of(atom.leaf)), [program, *others, *arguments], system)


def _split(event: Event, atom: Atom, tests: Tests) -> tuple[str, list[str], list[str]] | None:
    """The program, the arguments for which the atom asks, and the others; None for an event without any."""
    name = field_of(atom.leaf)
    arguments = event.get(str(name))
    if not isinstance(arguments, list) or not arguments:
        return None
    program, *rest = map(str, arguments)
    held = [one for one in rest if tests.holds(atom.leaf, {str(name): [one]})]
    return program, held, [one for one in rest if one not in held]


def _spaced(leaf: Equals | Like) -> Iterator[str]:
    """Texts of the pattern with spaces where a `*` stands: in all of them, then in one after the other."""
    if not isinstance(leaf, Like):
        return
    places = [place for place, part in enumerate(leaf.pattern) if part is Wild.ANY]
    for chosen in (places, *([place] for place in places)) if len(places) > 1 else (places,):
        yield "".join(
            part if isinstance(part, str) else "x" if part is Wild.ONE or place not in chosen else "a b"
            for place, part in enumerate(leaf.pattern)
        )


def with_arguments(event: Event, name: str, arguments: list[str], system: str) -> Event:
    """The event with these arguments, and the line and number that go with them."""
    made = {**event, name: arguments}
    prefix = name.removesuffix(ARGS)
    for field, value in (("command_line", join(arguments, system)), ("args_count", len(arguments))):
        if f"{prefix}.{field}" in event:
            made[f"{prefix}.{field}"] = value
    return made
