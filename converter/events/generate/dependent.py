"""Fields that depend on each other, set together as a real system writes them.

A group is what one fact of the world is written to: a program's path, name, arguments and command line;
a file's path and its parts; a registry path; an account. An event whose group contradicts itself can't exist,
so that values are chosen for the group as a whole.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Any, NamedTuple

from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.generate.paths import PathFields, solve_path, split
from converter.events.generate.patterns import Fills, texts
from converter.events.generate.solve import (
    Literal,
    Tests,
    base_field,
    field_of,
    forbids_value,
    leaf_values,
    merged_pattern,
    solve_field,
    wants_value,
)
from converter.ir import Compare, Equals, Exists, Predicate
from converter.ir.predicate import Between

Values = dict[str, Any]

_IMAGE = re.compile(
    r"^(?P<prefix>(?:.*\.)?process(?:\.\w+)*?)\.(?P<part>name|executable|args|command_line|args_count)$"
)
_PATHS: Mapping[str, Mapping[str, str]] = {
    "file": {"name": "file.name", "extension": "file.extension", "directory": "file.directory"},
    "file.Ext.original": {"name": "file.Ext.original.name", "extension": "file.Ext.original.extension"},
    "dll": {"name": "dll.name"},
    "registry": {"hive": "registry.hive", "key": "registry.key", "value": "registry.value"},
}
_SAME = (("process.Ext.token.integrity_level_name", "winlog.event_data.IntegrityLevel"),)
"""Fields in which different products write the same fact."""

HOST = ("host.id", "host.name", "host.hostname", "agent.id")
"""Fields that say which machine it was."""

ACCOUNTS: tuple[Mapping[str, str], ...] = (
    {
        "user.name": "jlee",
        "user.domain": "CONTOSO",
        "user.id": "S-1-5-21-2846471193-1560288713-3912704451-1121",
    },
    {"user.name": "SYSTEM", "user.domain": "NT AUTHORITY", "user.id": "S-1-5-18"},
    {"user.name": "LOCAL SERVICE", "user.domain": "NT AUTHORITY", "user.id": "S-1-5-19"},
    {"user.name": "NETWORK SERVICE", "user.domain": "NT AUTHORITY", "user.id": "S-1-5-20"},
    {
        "user.name": "Administrator",
        "user.domain": "CONTOSO",
        "user.id": "S-1-5-21-2846471193-1560288713-3912704451-500",
    },
)
POSIX_ACCOUNTS: tuple[Mapping[str, str], ...] = (
    {"user.name": "jlee", "user.id": "1000"},
    {"user.name": "root", "user.id": "0"},
    {"user.name": "www-data", "user.id": "33"},
)
_WINDOWS_FOLDERS = (
    r"C:\Program Files\Contoso\Agent",
    r"C:\Windows\System32",
    r"C:\Users\jlee\AppData\Local\Temp",
    r"D:\tools",
)
_POSIX_FOLDERS = ("/opt/contoso/bin", "/usr/bin", "/tmp", "/home/jlee")
_FILLER = ("--quiet", "-n", "7", "--log", "out", "-v2", "--retry", "3", "--tag", "x", "--wait", "9")


class Group(NamedTuple):
    """A group of fields: its kind, and which one of that kind."""

    kind: str
    name: str


@lru_cache(maxsize=8192)
def group_of(field: str) -> Group:
    """The group of a field; a field that depends on no other is one by itself."""
    field = base_field(field)
    image = _IMAGE.match(field)
    if image is not None:
        return Group("image", image["prefix"])
    for prefix, parts in _PATHS.items():
        if field == f"{prefix}.path" or field in parts.values():
            return Group("path", prefix)
    if field in ("user.name", "user.domain", "user.id"):
        return Group("account", "user")
    for same in _SAME:
        if field in same:
            return Group("same", same[0])
    return Group("field", field)


def fields_of_group(group: Group) -> tuple[str, ...]:
    """All fields that are set, or missing, together."""
    if group.kind == "image":
        return tuple(
            f"{group.name}.{part}" for part in ("name", "executable", "args", "command_line", "args_count")
        )
    if group.kind == "path":
        return (f"{group.name}.path", *_PATHS[group.name].values())
    if group.kind == "account":
        return ("user.name", "user.domain", "user.id")
    if group.kind == "same":
        return next(same for same in _SAME if same[0] == group.name)
    return (group.name,)


def solve_group(
    group: Group, literals: Sequence[Literal], tests: Tests, system: str, usual: Values | None = None
) -> Values | None:
    """Values for the group's fields that satisfy the literals, {} where they must be missing, else None."""
    if usual is not None and tests.fit(usual, literals):
        return usual
    if not any(wanted for _, wanted in literals) and any(
        isinstance(leaf, Exists) and not wanted for leaf, wanted in literals
    ):
        return {} if tests.fit({}, literals) else None
    match group.kind:
        case "image":
            return next(_images(group.name, literals, tests, system), None)
        case "path":
            return next(solve_path(path_fields(group.name, system), literals, tests), None)
        case "account":
            return _account(literals, tests, system)
        case "same":
            return _same(fields_of_group(group), literals, tests)
    found = _array(group.name, literals, tests, system) if group.name in ARRAYS else None
    if found is None:
        found = solve_field(group.name, literals, tests, fills(system))
    if found is None:
        return {} if tests.fit({}, literals) else None
    return {group.name: found}


ARRAYS = frozenset(
    {
        "event.category",
        "event.type",
        "host.ip",
        "registry.data.strings",
        "related.user",
        "tags",
        "process.env_vars",
    }
)
"""Fields that hold several values."""

ONE_ELEMENT = frozenset({"registry.data.strings", "related.user"})
"""Arrays that hold one value but for events of their own: REG_MULTI_SZ, of which other logs keep no text; a
login as somebody else."""


def fills(system: str) -> Fills:
    """What stands for a `*` in a path of the system."""
    if system == "windows":
        return Fills("\\", r"C:\Users\jlee", r"C:\ProgramData\x7", "x7", "x7")
    return Fills("/", "/home/jlee", "/opt/x7", "x7", "x7")


def path_fields(prefix: str, system: str) -> PathFields:
    """How paths of a group look."""
    parts = _PATHS.get(prefix, {"name": f"{prefix}.name"})
    if prefix == "registry":
        folders = (r"HKLM\SOFTWARE\Contoso\Agent", r"HKEY_USERS\S-1-5-21-1-2-3-1121\Software\Contoso")
        return PathFields(
            "registry.path",
            parts,
            "\\",
            folders,
            ("Setting", "Version"),
            Fills("\\", r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\x7", "x7", "x7"),
            hives=True,
        )
    windows = system == "windows"
    names = {
        "file": ("report.docx", "notes.txt", "tool.exe", "data"),
        "dll": ("contoso.dll", "helper.dll", "ntdll.dll"),
    }.get(prefix, ("before.tmp", "old.docx"))
    return PathFields(
        f"{prefix}.path",
        parts,
        "\\" if windows else "/",
        _WINDOWS_FOLDERS if windows else _POSIX_FOLDERS,
        names,
        fills(system),
    )


def _image_fields(prefix: str, system: str) -> PathFields:
    windows = system == "windows"
    return PathFields(
        f"{prefix}.executable",
        {"name": f"{prefix}.name"},
        "\\" if windows else "/",
        _WINDOWS_FOLDERS if windows else _POSIX_FOLDERS,
        ("agent.exe", "svchost.exe", "tool.exe") if windows else ("agentd", "bash", "tool"),
        fills(system),
    )


def _images(prefix: str, literals: Sequence[Literal], tests: Tests, system: str) -> Iterator[Values]:
    names = (f"{prefix}.name", f"{prefix}.executable")
    about_path = [literal for literal in literals if field_of(literal[0]) in names]
    rest = [literal for literal in literals if field_of(literal[0]) not in names]
    for path in islice(solve_path(_image_fields(prefix, system), about_path, tests), 2):
        line = _line(prefix, path, rest, tests, system)
        if line is not None:
            yield {**path, **line}


def _line(
    prefix: str, path: Mapping[str, str], literals: Sequence[Literal], tests: Tests, system: str
) -> Values | None:
    """Arguments, their number and the command line that agree."""
    args, line = f"{prefix}.args", f"{prefix}.command_line"
    on: dict[str, list[Literal]] = {"args": [], "command_line": [], "args_count": []}
    for literal in literals:
        on[str(field_of(literal[0])).rpartition(".")[2]].append(literal)
    if forbids_value(on["args"]) or forbids_value(on["command_line"]):
        return {} if tests.fit({}, literals) else None
    name = path.get(f"{prefix}.name", "agent")
    firsts = tuple(
        dict.fromkeys((name, path.get(f"{prefix}.executable", name), name.rpartition(".")[0] or name, "x"))
    )
    fit = tests.fitting(literals)
    for first in firsts:
        elements = _elements(args, first, on["args"], tests)
        for arguments in _with_line(elements, first, on["command_line"], tests, line, system):
            for text, listed in _padded(arguments, on["args_count"], system):
                found = {args: listed, line: text, f"{prefix}.args_count": len(listed)}
                if fit(found):
                    return found
    return None


def _elements(field: str, first: str, literals: Sequence[Literal], tests: Tests) -> list[str]:
    """The first argument and one more for each leaf that no earlier one satisfies."""
    elements = [first]
    spared = tests.fitting([literal for literal in literals if not literal[1]])
    for leaf, wanted in literals:
        if not wanted or tests.holds(leaf, {field: elements}):
            continue
        for value in leaf_values(leaf, Fills(" ", "x7", "x7", "x7", "x7")):
            text = str(value)
            if text and tests.holds(leaf, {field: [text]}) and spared({field: [text]}):
                elements.append(text)
                break
    if len(elements) == 1:
        elements.append("--service")
    return elements


def _with_line(
    elements: list[str], first: str, literals: Sequence[Literal], tests: Tests, line: str, system: str
) -> Iterator[tuple[str, list[str]]]:
    """Command lines, each with the arguments that it is split into."""
    text = join(elements, system)
    yield text, elements
    yield first, [first]
    wanted = [leaf for leaf, holds in literals if holds and not isinstance(leaf, Exists)]
    if not wanted:
        return
    rest = join(elements[1:], system)
    fit = tests.fitting(literals)
    for one in _lines(wanted, first):
        for whole in (one, f"{one} {rest}", f"{text} {one}"):
            if fit({line: whole}):
                yield whole, cut(whole, system)


def _lines(wanted: Sequence[Predicate], first: str) -> Iterable[str]:
    """Texts worth trying for a command line of which all these must hold."""
    filling = Fills(" ", f"{first} x7", f"{first} x7", " x7 ", " x7")
    for leaf in wanted:
        if isinstance(leaf, Equals) and isinstance(leaf.value, str):
            return (leaf.value,)  # no other text is equal to it, but for the case of letters
    merged = merged_pattern(wanted)
    tries = list(islice(texts(merged, filling), 20)) if merged is not None else []
    for leaf in wanted:
        for value in islice(leaf_values(leaf, filling), 12):
            tries.extend((str(value), f"{first} {value}"))
    return dict.fromkeys(tries)


def _padded(
    made: tuple[str, list[str]], literals: Sequence[Literal], system: str
) -> Iterator[tuple[str, list[str]]]:
    """With more arguments, as many as the count asks for; none has to be added as a rule."""
    text, listed = made
    yield text, listed
    counts: set[int] = set()
    for leaf, _ in literals:
        bounds = (
            (leaf.low, leaf.high)
            if isinstance(leaf, Between)
            else (leaf.value,)
            if isinstance(leaf, Compare | Equals)
            else ()
        )
        counts.update(
            int(bound) + more for bound in bounds if isinstance(bound, int | float) for more in (0, 1)
        )
    for count in sorted(counts):
        if len(listed) < count <= 200:
            more = [_FILLER[place % len(_FILLER)] for place in range(count - len(listed))]
            yield f"{text} {' '.join(more)}", [*listed, *more]
    if len(listed) > 1 and text == join(listed, system):
        yield join(listed[1:], system), listed[1:]


def join(arguments: Sequence[str], system: str) -> str:
    """A command line: quoted by Windows' rules, joined by spaces elsewhere."""
    return subprocess.list2cmdline(arguments) if system == "windows" else " ".join(arguments)


def cut(line: str, system: str) -> list[str]:
    """The arguments of a command line: by Windows' rules for quotes and backslashes, at spaces elsewhere.

    Source: "Parsing C++ command-line arguments", Microsoft Learn.
    """
    if system != "windows":
        return line.split()
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


def _account(literals: Sequence[Literal], tests: Tests, system: str) -> Values | None:
    known = POSIX_ACCOUNTS if system in ("linux", "macos") else ACCOUNTS
    for account in known:
        if tests.fit(account, literals):
            return dict(account)
    free: list[list[Any]] = []
    names = ("user.name", "user.domain", "user.id")
    for name in names:
        on = [lit for lit in literals if tests.asks(lit[0], name)]
        found = solve_field(name, on, tests, Fills()) if on else None
        free.append([known[0].get(name) if found is None else found])
    for values in product(*free):
        made = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        if tests.fit(made, literals):
            return made
    return None


def _same(names: Sequence[str], literals: Sequence[Literal], tests: Tests) -> Values | None:
    for name in names:
        on = [lit for lit in literals if tests.asks(lit[0], name)]
        for leaf, wanted in on:
            if wanted:
                for value in leaf_values(leaf, Fills()):
                    if tests.fit(dict.fromkeys(names, value), literals):
                        return dict.fromkeys(names, value)
    for level in ("medium", "high", "low", "system"):
        if tests.fit(dict.fromkeys(names, level), literals):
            return dict.fromkeys(names, level)
    return None


def _array(field: str, literals: Sequence[Literal], tests: Tests, system: str) -> list[Any] | None:
    """One element for all leaves, else one for each leaf that no earlier one satisfies."""
    alone = solve_field(field, literals, tests, fills(system))
    if alone is not None and wants_value(literals):
        return [alone]
    if field in ONE_ELEMENT:
        return None
    elements: list[Any] = []
    against = [lit for lit in literals if not lit[1]]
    for leaf, wanted in literals:
        if not wanted or (elements and tests.holds(leaf, {field: elements})):
            continue
        found = solve_field(field, [(leaf, True), *against], tests, fills(system))
        if found is None:
            return None
        elements.append(found)
    return elements or None


def changed(event: Values, field: str, number: int) -> Values:
    """The event with another value in the field, and in all that depends on it."""
    group = group_of(field)
    made = dict(event)
    for name in _moved(group, field):
        if name in made:
            made[name] = other_value(name, made[name], number)
    if group.kind == "image" and not field.endswith(("args", "command_line", "args_count")):
        path = made.get(f"{group.name}.executable")
        separator = "\\" if isinstance(path, str) and "\\" in path else "/"
        if isinstance(path, str) and f"{group.name}.name" in made:
            made[f"{group.name}.name"] = path.rpartition(separator)[2]
    elif group.kind == "image":
        listed = [*made.get(f"{group.name}.args", []), f"--other={number}"]
        made[f"{group.name}.args"] = listed
        made[f"{group.name}.args_count"] = len(listed)
        made[f"{group.name}.command_line"] = f"{made.get(f'{group.name}.command_line', '')} --other={number}"
    elif group.kind == "path":
        fields = path_fields(
            group.name, "windows" if "\\" in str(made.get(f"{group.name}.path")) else "linux"
        )
        path = made.get(fields.path)
        if isinstance(path, str):
            made.update((name, value) for name, value in split(path, fields).items() if name in made)
    return made


def without(event: Values, field: str) -> Values:
    """The event without the field and all that depends on it."""
    gone = {*fields_of_group(group_of(field)), *_moved(group_of(field), field)}
    return {name: value for name, value in event.items() if name not in gone}


def _moved(group: Group, field: str) -> tuple[str, ...]:
    if group.kind == "image":
        part = field.rpartition(".")[2]
        return (f"{group.name}.executable",) if part in ("name", "executable") else ()
    if group.kind == "path":
        return (f"{group.name}.path",)
    if field in HOST:
        return HOST
    return fields_of_group(group)


def other_value(name: str, value: Any, number: int = 1) -> Any:
    """Another value of the same kind."""
    if isinstance(value, list):
        return [other_value(name, item, number) for item in value] or [f"other-{number}"]
    kind = field_type(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) + number
    if kind in NUMBER_TYPES and str(value or 0).isdigit():
        return int(value or 0) + number
    if kind == "ip":
        return f"198.51.{100 + number // 250}.{number % 250}"
    return f"{value or 'other'}-{number}"
