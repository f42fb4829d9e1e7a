"""No pattern of Python's `re` has a possessive quantifier or an atomic group.

Python before 3.11.5 (Debian 12 has 3.11.2) goes on without end in a possessive group that holds alternatives
(CPython's issue 106052): reading any rule hung there.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import converter
from converter.late import late

_PACKAGE = Path(converter.__file__).parent
_POSSESSIVE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<bad>[*+?}]\+|\(\?>)", re.DOTALL)


def _is_bad(pattern: str) -> bool:
    return any(found["bad"] for found in _POSSESSIVE.finditer(pattern))


def test_the_check_itself() -> None:
    assert _is_bad(r'"(?:\\.|[^"])*+"')
    assert _is_bad("(?>a|b)")
    assert not _is_bad(r"[*+]\++[^*+]+?")


@pytest.mark.parametrize(
    "module", [module.name for module in pkgutil.walk_packages([str(_PACKAGE)], "converter.")]
)
def test_modules(module: str) -> None:
    if module.endswith("__main__"):
        return
    held = vars(importlib.import_module(module)).values()
    patterns = [item for item in held if isinstance(item, re.Pattern | type(late("")))]
    assert [pattern.pattern for pattern in patterns if _is_bad(str(pattern.pattern))] == []


@pytest.mark.parametrize("grammar", sorted(_PACKAGE.rglob("*.lark")), ids=lambda path: path.name)
def test_grammars(grammar: Path) -> None:
    terminals = re.findall(r"^[A-Z_0-9.]+:.*", grammar.read_text(encoding="utf-8"), re.MULTILINE)
    assert [terminal for terminal in terminals if _is_bad(terminal.partition(":")[2])] == []


def test_a_late_pattern_is_as_one_that_is_compiled() -> None:
    word = late("(?P<first>[a-z])[a-z]*", re.IGNORECASE)
    assert word.sub("-", "Ab, cd") == word.sub("-", "Ab, cd") == "-, -"
    assert (found := word.search("1 Ab")) is not None and found["first"] == "A"
    assert word.fullmatch("ab1") is None
    assert word.groupindex == {"first": 1}
    with pytest.raises(AttributeError):
        word.other  # type: ignore[attr-defined]  # noqa: B018
