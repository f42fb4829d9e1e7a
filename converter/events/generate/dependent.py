"""Values for a group of fields that depend on each other, as a real system writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.events.generate.accounts import account
from converter.events.generate.asked import Asked
from converter.events.generate.command_lines import images
from converter.events.generate.groups import ARRAYS, ONE_ELEMENT, Group, Values, field_of, fields_of_group
from converter.events.generate.literals import Tests, only_text
from converter.events.generate.paths import solve_path
from converter.events.generate.patterns import Fills
from converter.events.generate.solve import leaf_values, solve_field
from converter.events.generate.usual_paths import fills, path_fields
from converter.ir import Equals, Predicate


def solve_group(
    group: Group, asked: Asked, tests: Tests, system: str, usual: Values | None = None
) -> Values | None:
    """Values for the group's fields with which all is as asked, {} where they must be missing, else None.

    What was found in one kind of event serves in all others of the same system.
    """
    if usual is not None and tests.fit(usual, asked):
        return usual
    if contradict(asked.must, tests):
        return None
    key = group, system, asked.ordered_key
    if key not in tests.groups:
        tests.groups[key] = asked, _solved(group, asked, tests, system)
    return tests.groups[key][1]


def solve_name(group: Group, asked: Asked, tests: Tests, system: str) -> Values | None:
    """Values for the name of a group of paths, of events that have no path: what is no part of one may hold
    its separators, as a pipe's name does. None for other groups."""
    name = path_fields(group.name, system).parts.get("name") if group.kind == "path" else None
    found = None if name is None else solve_field(name, asked, tests, fills(system))
    return None if name is None or found is None else {name: found}


def contradict(must: Sequence[Predicate], tests: Tests) -> bool:
    """Whether a field of one value has to have one text with which all else that must hold of it does not: a
    near miss that is pinned beside what it misses. Then there is no need to try one text after another."""
    if len(must) < 2:
        return False
    for name in dict.fromkeys(field_of(leaf) or "" for leaf in must if isinstance(leaf, Equals)):
        asked = tuple(leaf for leaf in must if field_of(leaf) == name)
        only = only_text(name, asked) if len(asked) > 1 and not _is_list(name) else None
        if only is not None and not tests.fit({name: only}, Asked(asked)):
            return True
    return False


def _is_list(name: str) -> bool:
    """Whether events have several values of the field."""
    return name in ARRAYS or name.endswith(".args")


def _solved(group: Group, asked: Asked, tests: Tests, system: str) -> Values | None:
    if not asked.must and tests.numbered.forbids_value(asked):
        return {} if tests.fit({}, asked) else None
    match group.kind:
        case "image":
            return next(images(group.name, asked, tests, system), None)
        case "path":
            return next(solve_path(path_fields(group.name, system), asked, tests), None)
        case "account":
            return account(asked, tests, system)
        case "same":
            return _same(fields_of_group(group), asked, tests)
    found = _array(group.name, asked, tests, system) if group.name in ARRAYS else None
    if found is None:
        found = solve_field(group.name, asked, tests, fills(system))
    if found is None:
        return {} if tests.fit({}, asked) else None
    return {group.name: found}


def _same(names: Sequence[str], asked: Asked, tests: Tests) -> Values | None:
    for name in names:
        for leaf in tests.numbered.on(asked, name).must:
            for value in leaf_values(leaf, Fills()):
                if tests.fit(dict.fromkeys(names, value), asked):
                    return dict.fromkeys(names, value)
    for level in ("medium", "high", "low", "system"):
        if tests.fit(dict.fromkeys(names, level), asked):
            return dict.fromkeys(names, level)
    return None


def _array(field: str, asked: Asked, tests: Tests, system: str) -> list[Any] | None:
    """One element for all leaves, else one for each leaf that no earlier one satisfies."""
    alone = solve_field(field, asked, tests, fills(system))
    if alone is not None and asked.must:
        return [alone]
    if field in ONE_ELEMENT:
        return None
    elements: list[Any] = []
    for leaf in asked.must:
        if elements and tests.holds(leaf, {field: elements}):
            continue
        found = solve_field(field, Asked((leaf,), asked.never), tests, fills(system))
        if found is None:
            return None
        elements.append(found)
    return elements or None
