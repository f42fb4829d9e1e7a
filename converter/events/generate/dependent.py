"""Values for a group of fields that depend on each other, as a real system writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.events.generate.accounts import account
from converter.events.generate.command_lines import images
from converter.events.generate.groups import ARRAYS, ONE_ELEMENT, Group, Values, fields_of_group
from converter.events.generate.literals import Literal, Tests, field_of, only_text, wants_value
from converter.events.generate.paths import solve_path
from converter.events.generate.patterns import Fills
from converter.events.generate.solve import leaf_values, solve_field
from converter.events.generate.usual_paths import fills, path_fields
from converter.ir import Equals, Exists


def solve_group(
    group: Group, literals: Sequence[Literal], tests: Tests, system: str, usual: Values | None = None
) -> Values | None:
    """Values for the group's fields that satisfy the literals, {} where they must be missing, else None.

    What was found in one kind of event serves in all others of the same system.
    """
    if usual is not None and tests.fit(usual, literals):
        return usual
    if contradict(literals, tests):
        return None
    key = group, system, tuple([(id(leaf), wanted) for leaf, wanted in literals])
    if key not in tests.groups:
        tests.groups[key] = literals, _solved(group, literals, tests, system)
    return tests.groups[key][1]


def contradict(literals: Sequence[Literal], tests: Tests) -> bool:
    """Whether a field of one value has to have one text with which all else that must hold of it does not: a
    near miss that is pinned beside what it misses. Then there is no need to try one text after another."""
    must = [literal for literal in literals if literal[1]]
    for name in dict.fromkeys(field_of(leaf) or "" for leaf, _ in must if isinstance(leaf, Equals)):
        asked = [literal for literal in must if field_of(literal[0]) == name]
        only = only_text(name, asked) if len(asked) > 1 and not _is_list(name) else None
        if only is not None and not tests.fit({name: only}, asked):
            return True
    return False


def _is_list(name: str) -> bool:
    """Whether events have several values of the field."""
    return name in ARRAYS or name.endswith(".args")


def _solved(group: Group, literals: Sequence[Literal], tests: Tests, system: str) -> Values | None:
    if not any(wanted for _, wanted in literals) and any(
        isinstance(leaf, Exists) and not wanted for leaf, wanted in literals
    ):
        return {} if tests.fit({}, literals) else None
    match group.kind:
        case "image":
            return next(images(group.name, literals, tests, system), None)
        case "path":
            return next(solve_path(path_fields(group.name, system), literals, tests), None)
        case "account":
            return account(literals, tests, system)
        case "same":
            return _same(fields_of_group(group), literals, tests)
    found = _array(group.name, literals, tests, system) if group.name in ARRAYS else None
    if found is None:
        found = solve_field(group.name, literals, tests, fills(system))
    if found is None:
        return {} if tests.fit({}, literals) else None
    return {group.name: found}


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
