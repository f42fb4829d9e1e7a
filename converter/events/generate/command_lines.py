"""A program and its command line, solved together: path, name, arguments, their number and the line agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from converter.events.generate.asked import Asked
from converter.events.generate.forbidden import Holds
from converter.events.generate.groups import Group, Values, field_of, fields_of_group
from converter.events.generate.literals import Tests, bounds, only_text
from converter.events.generate.paths import solve_path
from converter.events.generate.patterns import Fills, texts
from converter.events.generate.solve import leaf_values, merged_pattern, pattern_of, side_by_side
from converter.events.generate.usual_paths import image_fields
from converter.ir import Equals, Exists, Predicate
from converter.late import late

_FILLER = ("--quiet", "-n", "7", "--log", "out", "-v2", "--retry", "3", "--tag", "x", "--wait", "9")
_ARGUMENT = Fills(" ", "x7", "x7", "x7", "x7")
"""What stands for a `*` in an argument."""
_WRITTEN = late(r'(?:\\"|[^\s"]|"(?:\\"|[^"])*(?:"|$))+')
"""An argument as a line of Windows has it."""
_WHOLE = late(r'(?:\\"|[^"])*|"(?:\\"|[^"])*"')
"""One that is in quotes as a whole, or not at all."""
_PATHS = 2
"""Programs that are tried with a line each."""


def images(prefix: str, asked: Asked, tests: Tests, system: str) -> Iterator[Values]:
    """Values for the fields of a program (`process`, `process.parent`) with which all is as asked."""
    on = tests.numbered.by_field(asked, fields_of_group(Group("image", prefix)))
    about_path = on[f"{prefix}.name"].beside(on[f"{prefix}.executable"])
    for path in _paths(prefix, about_path, tests, system):
        line = _line(prefix, path, on, tests, system)
        if line is not None:
            yield {**path, **line}


def _paths(prefix: str, asked: Asked, tests: Tests, system: str) -> Iterator[dict[str, str]]:
    """The first paths: many near misses differ in their arguments alone, and have the same ones."""
    key = prefix, system, asked.key
    if key not in tests.images:
        tests.images[key] = asked, [], solve_path(image_fields(prefix, system), asked, tests)
    _, found, further = tests.images[key]
    for place in range(_PATHS):
        if place == len(found):
            found.extend(islice(further, 1))
        yield from found[place : place + 1]


def _line(
    prefix: str,
    path: Mapping[str, str],
    on: Mapping[str, Asked],
    tests: Tests,
    system: str,
) -> Values | None:
    """Arguments, their number and the command line that agree. `on`: what is asked of each field."""
    args, line, number = f"{prefix}.args", f"{prefix}.command_line", f"{prefix}.args_count"
    counted = on[args].beside(on[number])
    if tests.numbered.forbids_value(on[args]) or tests.numbered.forbids_value(on[line]):
        return {} if tests.fit({}, counted.beside(on[line])) else None
    only = only_text(line, on[line].must)
    if only is not None and not tests.fit({line: only}, on[line]):
        return None
    name = path.get(f"{prefix}.name", "agent")
    firsts = (name, path.get(f"{prefix}.executable", name), name.rpartition(".")[0] or name, "x")
    asked = counted.ordered_key, on[line].ordered_key
    for first in dict.fromkeys(firsts):
        key = prefix, system, first, asked
        if key not in tests.lines:
            tests.lines[key] = counted, on[line], _line_of(prefix, first, on, only, tests, system)
        found = tests.lines[key][2]
        if found is not None:
            return found
    return None


def _line_of(
    prefix: str, first: str, on: Mapping[str, Asked], only: str | None, tests: Tests, system: str
) -> Values | None:
    """The same with that first argument; many programs are tried with the same one. `only`: the one line that
    can be."""
    args, line, number = f"{prefix}.args", f"{prefix}.command_line", f"{prefix}.args_count"
    says, has = tests.fitting(on[line]), tests.fitting(on[args].beside(on[number]))
    counts = _counts(tests.numbered.all_of(on[number]))
    elements = _elements(args, first, on[args], tests)
    lines = _lines(line, on[line].must, first, tests.sparing(on[line]))
    with_line = _within if _never_cut(args, on[args].must, system) else _with_line
    plain = (join(elements, system), elements), (first, [first])
    for made in chain(plain, with_line(elements, lines, system, lambda text: says({line: text}))):
        for text, listed in _padded(made, counts, system):
            if only is None or text == only:
                found = {args: listed, line: text, number: len(listed)}
                if has(found) and says(found) and _in_whole(found, args, line, on[args], tests, system):
                    return found
    return None


def _in_whole(found: Values, args: str, line: str, asked: Asked, tests: Tests, system: str) -> bool:
    """Whether what is asked of the arguments stands in quotes as a whole, or not at all: translations take
    that for granted (`argument-quotes`)."""
    if system != "windows" or '"' not in found[line]:
        return True
    written = _WRITTEN.findall(found[line])
    if len(written) != len(found[args]):
        return True
    whole = [one for one, text in zip(found[args], written, strict=True) if _WHOLE.fullmatch(text)]
    return len(whole) == len(written) or tests.fit({args: whole}, asked)


def _never_cut(field: str, must: Sequence[Predicate], system: str) -> bool:
    """Whether an argument with a blank in it is asked for, where a line is cut at each."""
    units = (unit for leaf in must if field_of(leaf) == field for unit in pattern_of(leaf) or ())
    return system != "windows" and any(isinstance(unit, str) and unit.isspace() for unit in units)


def _elements(field: str, first: str, asked: Asked, tests: Tests) -> list[str]:
    """The first argument and one more for each leaf that no earlier one satisfies."""
    elements = [first]
    spared = tests.sparing(asked)
    for leaf in asked.must:
        if tests.holds(leaf, {field: elements}):
            continue
        for value in leaf_values(leaf, _ARGUMENT):
            text = str(value)
            if text and tests.holds(leaf, {field: [text]}) and spared({field: [text]}):
                elements.append(text)
                break
    if len(elements) == 1:
        elements.append("--service")
    return elements


def _with_line(
    elements: list[str], lines: Iterable[str], system: str, says: Callable[[str], bool]
) -> Iterator[tuple[str, list[str]]]:
    """Command lines, each with the arguments that it is split into. One of the `lines`, made for what is
    asked, is split, and worth trying with more arguments, only if it is so."""
    text, rest = join(elements, system), join(elements[1:], system)
    for one in lines:
        for whole in (one, f"{one} {rest}", f"{text} {one}"):
            if says(whole):
                yield whole, cut(whole, system)


def _within(
    elements: list[str], lines: Iterable[str], system: str, says: Callable[[str], bool]
) -> Iterator[tuple[str, list[str]]]:
    """The same where an argument has blanks: what is asked of the line is a part of that one."""
    place = max((number for number, one in enumerate(elements) if " " in one), default=len(elements) - 1)
    for one in lines:
        longer = [*elements[:place], f"{elements[place]} {one}", *elements[place + 1 :]]
        if says(whole := join(longer, system)):
            yield whole, longer


def _lines(field: str, must: Sequence[Predicate], first: str, spared: Holds) -> Iterator[str]:
    """Texts worth trying for a command line of which all these must hold."""
    wanted = [leaf for leaf in must if not isinstance(leaf, Exists)]
    filling = Fills(" ", f"{first} x7", f"{first} x7", " x7 ", " x7")
    for leaf in wanted:
        if isinstance(leaf, Equals) and isinstance(leaf.value, str):
            yield leaf.value  # no other text is equal to it, but for the case of letters
            return
    merged = merged_pattern(wanted)
    tries = list(islice(texts(merged, filling), 20)) if merged is not None else []
    tries.extend(f"{first} {text}" for text in side_by_side(field, wanted, filling, spared))
    for leaf in wanted:
        for value in islice(leaf_values(leaf, filling), 12):
            tries.extend((str(value), f"{first} {value}"))
    yield from dict.fromkeys(tries)


def _counts(asked: Iterable[Predicate]) -> list[int]:
    """Numbers of arguments worth trying."""
    numbers = [bound for leaf in asked for bound in bounds(leaf) if isinstance(bound, int | float)]
    return sorted({int(number) + more for number in numbers for more in (0, 1)})


def _padded(
    made: tuple[str, list[str]], counts: Sequence[int], system: str
) -> Iterator[tuple[str, list[str]]]:
    """With more arguments, as many as the count asks for; none has to be added as a rule."""
    text, listed = made
    yield text, listed
    for count in counts:
        if len(listed) < count <= 200:
            more = [_FILLER[place % len(_FILLER)] for place in range(count - len(listed))]
            longer, elements = f"{text} {' '.join(more)}", [*listed, *more]
            if '"' not in text or cut(longer, system) == elements:  # behind an open quote there are no more
                yield longer, elements
    if len(listed) > 1 and text == join(listed, system):
        yield join(listed[1:], system), listed[1:]


def join(arguments: Sequence[str], system: str) -> str:
    """A command line: quoted by Windows' rules, joined by spaces elsewhere."""
    line = " ".join(arguments)
    if system != "windows":
        return line
    plain = line.count(" ") == len(arguments) - 1 and '"' not in line and "\t" not in line and all(arguments)
    if plain:
        return line
    from subprocess import list2cmdline  # with what starts processes

    return list2cmdline(arguments)


def cut(line: str, system: str) -> list[str]:
    """The arguments of a command line: by Windows' rules for quotes and backslashes, at spaces elsewhere.

    Source: "Parsing C++ command-line arguments", Microsoft Learn.
    """
    if system != "windows":
        return line.split()
    if '"' not in line:
        return [argument for argument in line.replace("\t", " ").split(" ") if argument]
    arguments: list[str] = []
    current, quoted, started, slashes = "", False, False, 0
    for char in line:
        if char == "\\":
            slashes += 1
            started = True
            continue
        if char == '"':
            current += "\\" * (slashes // 2)
            if slashes % 2:
                current += '"'
            else:
                quoted = not quoted
            started, slashes = True, 0
            continue
        current += "\\" * slashes
        slashes = 0
        if char in " \t" and not quoted:
            if started:
                arguments.append(current)
            current, started = "", False
        else:
            current += char
            started = True
    current += "\\" * slashes
    return [*arguments, current] if started else arguments
