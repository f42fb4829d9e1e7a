"""Paths and their parts, solved together: a path, its base name, extension, folder, key and hive.

Each part's pattern is one of the whole path (`name: cmd*` is `*\\cmd*`), so that they can be intersected;
the parts are then read off the path that was found, and everything is tried against the constraints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from converter.events.generate.asked import NOTHING, Asked, Numbered
from converter.events.generate.blend import blended
from converter.events.generate.forbidden import Holds
from converter.events.generate.groups import field_of
from converter.events.generate.literals import Tests, only_text
from converter.events.generate.patterns import Fills, Pattern, intersect, texts
from converter.events.generate.solve import leaf_values, pattern_of, regex_examples, side_by_side
from converter.frozen import dataclass
from converter.ir import Equals, Exists, Predicate, Wild

_TRIES = 160
_NAMES = 12
"""Examples of an expression for the name in a path."""
_BESIDE = (("directory", "name"), ("key", "value"))
"""The parts that stand next to each other."""


@dataclass(frozen=True)
class PathFields:
    """The field of the path, those of its parts (part -> field), and what paths look like there."""

    path: str
    parts: Mapping[str, str]
    separator: str
    folders: tuple[str, ...]
    names: tuple[str, ...]
    fills: Fills
    hives: bool = False

    @cached_property
    def in_folders(self) -> tuple[Fills, ...]:
        """What stands for a `*` where a path begins with one: its usual root, and each of the folders."""
        return tuple(replace(self.fills, root=root) for root in (self.fills.root, *self.folders))

    @property
    def all(self) -> tuple[str, ...]:
        """Every field of the group."""
        return (self.path, *self.parts.values())


def split(path: str, fields: PathFields) -> dict[str, str]:
    """The path and those of its parts that the group has, as a sensor would write them."""
    folder, _, name = path.rpartition(fields.separator)
    found = {fields.path: path}
    pieces = path.split(fields.separator)
    readings = {
        "name": name,
        "directory": folder,
        "extension": name.rpartition(".")[2] if "." in name.lstrip(".") else "",
        "hive": pieces[0],
        "value": name,
        "key": fields.separator.join(pieces[1:-1]),
    }
    found.update((field, readings[part]) for part, field in fields.parts.items() if readings[part])
    return found


def solve_path(fields: PathFields, asked: Asked, tests: Tests) -> Iterator[dict[str, str]]:
    """Paths with their parts with which all is as asked; an empty one where all must be missing."""
    names = (*fields.all, *(field_of(leaf) or "" for leaf in asked.must))
    by_field = tests.numbered.by_field(asked, names)
    bases = (fields.path, fields.parts.get("name", fields.path))
    if any(tests.numbered.forbids_value(by_field[name]) for name in bases):
        return iter(() if asked.must or not tests.fit({}, asked) else ({},))
    fit = tests.fitting(asked)  # of the tests themselves, which keep the paths, these know nothing
    spared = tests.sparing(asked)
    return (found for found in _split(fields, by_field, tests.numbered, spared) if fit(found))


def _split(
    fields: PathFields, by_field: Mapping[str, Asked], numbered: Numbered, spared: Holds
) -> Iterator[dict[str, str]]:
    """Paths worth trying, with their parts."""
    extension = by_field.get(fields.parts.get("extension", ""), NOTHING)
    value = by_field.get(fields.parts.get("value", ""), NOTHING)
    only = only_text(fields.path, by_field[fields.path].must)
    tries = islice(_paths(fields, by_field, spared), _TRIES) if only is None else (only,)
    for path in _once(tries):
        real = _real(path, fields) or _is_bare(path, fields, by_field[fields.path], numbered)
        # A value without a name is called `(Default)`: where its name is asked, each has one.
        unnamed = value and path.endswith(fields.separator)
        if real and not unnamed:
            yield split(f"{path}.x7" if _is_told_apart(path, fields, extension, spared) else path, fields)


def _once(paths: Iterable[str]) -> Iterator[str]:
    """Each path the first time, as it is asked for: the first few do as a rule."""
    seen: set[str] = set()
    for path in paths:
        if path not in seen:
            seen.add(path)
            yield path


def _real(path: str, fields: PathFields) -> bool:
    """Whether the system has such a path: absolute, with its own separator, and a name that has a stem."""
    if fields.separator not in path or path.rpartition(fields.separator)[2].startswith(".."):
        return False
    return path.startswith("/") is (fields.separator == "/")


def _is_bare(path: str, fields: PathFields, asked: Asked, numbered: Numbered) -> bool:
    """What Windows gives for the path of a process without a file, as a rule spells it: `Registry`. A path
    in the registry has a key."""
    return (
        not fields.hives
        and fields.separator == "\\"
        and not {"\\", "/", "."}.intersection(path)
        and any(isinstance(leaf, Equals) and str(leaf.value) == path for leaf in numbered.all_of(asked))
    )


def _is_told_apart(path: str, fields: PathFields, extension: Asked, spared: Holds) -> bool:
    """Whether the name is all extension, or has none, as one reads it (`.conf`), and the rule says other of
    the one than of the other."""
    name = path.rpartition(fields.separator)[2]
    if not extension or name.rfind(".") != 0:
        return False
    return bool(extension.must) or not spared({fields.parts["extension"]: name[1:]})


def _paths(fields: PathFields, by_field: Mapping[str, Asked], spared: Holds) -> Iterator[str]:
    wanted = {
        name: [leaf for leaf in asked.must if not isinstance(leaf, Exists)]
        for name, asked in by_field.items()
    }
    if not any(wanted.values()):
        yield from _in_folders(fields.names, fields)
        return
    merged = _merged(fields, wanted)
    if merged is not None:
        if merged[:2] == (Wild.ANY, fields.separator):  # in a folder, before in none
            yield from (next(texts(merged, fills)) for fills in fields.in_folders)
        yield from texts(merged, fields.fills)
        for name in (*fields.names, *_examples(fields, wanted)):
            named = intersect(merged, (Wild.ANY, fields.separator, *name), True)
            yield from () if named is None else islice(texts(named, fields.fills), 2)
        yield from blended(merged, regex_examples(wanted[fields.path]), fields.fills)
        yield from (
            other for path in islice(texts(merged, fields.fills), 2) for other in _in_other_case(path)
        )
    together = [*side_by_side(fields.path, wanted[fields.path], fields.fills, spared)]
    yield from together
    for leaf in wanted[fields.path]:
        yield from (str(value) for value in leaf_values(leaf, fields.fills))
    examples = (*together, *regex_examples(wanted[fields.path]))
    yield from (f"{fields.folders[0]}{fields.separator}{text}" for text in examples)
    for part in ("name", "value"):
        name = fields.parts.get(part, "")
        asked = wanted.get(name, ())
        yield from _in_folders(side_by_side(name, asked, Fills(fields.separator), spared), fields)
        for leaf in asked:
            yield from _in_folders(map(str, leaf_values(leaf, Fills(fields.separator))), fields)
    for leaf in wanted.get(fields.parts.get("extension", ""), ()):
        yield from (f"{fields.folders[0]}{fields.separator}tool.{ext}" for ext in leaf_values(leaf, Fills()))
    for part in ("directory", "key"):
        for leaf in wanted.get(fields.parts.get(part, ""), ()):
            for folder in leaf_values(leaf, fields.fills):
                head = (
                    f"{fields.folders[0].split(fields.separator)[0]}{fields.separator}"
                    if fields.hives
                    else ""
                )
                yield from (f"{head}{folder}{fields.separator}{name}" for name in fields.names)


def _examples(fields: PathFields, wanted: Mapping[str, Sequence[Predicate]]) -> Iterator[str]:
    """Names that are asked by more than a pattern, for a path that has one."""
    for part in ("name", "value"):
        for leaf in wanted.get(fields.parts.get(part, ""), ()):
            if pattern_of(leaf) is None:
                yield from map(str, islice(leaf_values(leaf, Fills(fields.separator)), _NAMES))


def _in_other_case(path: str) -> Iterator[str]:
    """The path with its extension in the other case of letters, and all of it."""
    stem, dot, extension = path.rpartition(".")
    yield f"{stem}{dot}{extension.swapcase()}"
    yield path.swapcase()


def _in_folders(names: Iterable[str], fields: PathFields) -> Iterator[str]:
    """Each name in the first folder, then in the other folders."""
    known = [*names]
    for folder in fields.folders:
        yield from (f"{folder}{fields.separator}{name}" for name in known)


def _merged(fields: PathFields, wanted: Mapping[str, Sequence[Predicate]]) -> Pattern | None:
    """One pattern of the whole path for all parts."""
    whole: dict[str, Pattern] = {}
    for part, name in (("path", fields.path), *fields.parts.items()):
        for leaf in wanted[name]:
            pattern = pattern_of(leaf)
            if pattern is None:
                continue
            both = pattern if part not in whole else intersect(whole[part], pattern, True)
            if both is None:
                return None
            whole[part] = both
    merged: Pattern | None = None
    for pattern in _joined(whole, fields.separator):
        merged = pattern if merged is None else intersect(merged, pattern, True)
        if merged is None:
            return None
    return merged


def _joined(parts: Mapping[str, Pattern], separator: str) -> Iterator[Pattern]:
    """Patterns of the path; a folder's and a name's are one, since nothing stands between them."""
    folder, name = next((pair for pair in _BESIDE if set(pair) <= parts.keys()), ("", ""))
    for part, pattern in parts.items():
        if part == folder:
            head = (Wild.ANY, separator) if part == "key" else ()
            yield (*head, *pattern, separator, *parts[name])
        elif part != name:
            yield _whole(part, pattern, separator)


def _whole(part: str, pattern: Pattern, separator: str) -> Pattern:
    """A part's pattern as one of the path."""
    match part:
        case "name" | "value":
            return (Wild.ANY, separator, *pattern)
        case "extension":
            return (Wild.ANY, ".", *pattern)
        case "directory":
            return (*pattern, separator, Wild.ANY)
        case "key":
            return (Wild.ANY, separator, *pattern, separator, Wild.ANY)
        case "hive":
            return (*pattern, separator, Wild.ANY)
    return pattern
