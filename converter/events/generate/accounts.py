"""Accounts: name, domain and id of one that a machine has."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from converter.events.generate.asked import Asked
from converter.events.generate.groups import Values
from converter.events.generate.literals import Tests
from converter.events.generate.patterns import Fills
from converter.events.generate.solve import solve_field

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


def account(asked: Asked, tests: Tests, system: str) -> Values | None:
    """The values of an account with which all is as asked; a known one, if one does."""
    known = POSIX_ACCOUNTS if system in ("linux", "macos") else ACCOUNTS
    for one in known:
        if tests.fit(one, asked):
            return dict(one)
    free: list[list[Any]] = []
    names = ("user.name", "user.domain", "user.id")
    for name in names:
        on = tests.numbered.on(asked, name)
        found = solve_field(name, on, tests, Fills()) if on else None
        free.append([known[0].get(name) if found is None else found])
    for values in product(*free):
        made = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        if tests.fit(made, asked):
            return made
    return None
