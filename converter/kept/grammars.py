"""Lark's parsers with their tables kept: Kusto's take 0.4 s to make, and a hundredth of it to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Token, Tree
from lark.grammar import Rule
from lark.lexer import TerminalDef

from converter.kept.driver import Driver, NotRead
from converter.kept.store import derived, read_by

_FLAT_BY = [str(Path(__file__).with_name(name)) for name in ("flat.py", "first.py")]
"""What makes the tables of our loop."""


class Parser:
    """A grammar's parser: our loop for what is of the language, and Lark, which says what is wrong with what
    is not. None of its objects is made before."""

    def __init__(self, text: str, options: Mapping[str, Any], transformer: Any, callbacks: Any) -> None:
        self._sources = ("grammar", lark.__version__, repr(sorted(options.items())), text)
        self._grammar = lambda: _tables(text, options)
        self._hooks = {"transformer": transformer, "lexer_callbacks": callbacks}
        tables = derived(("loop", read_by(lark.__version__, *_FLAT_BY), *self._sources), self._flat)
        self._driver = Driver(tables, transformer, callbacks)

    def parse(self, text: str, start: str | None = None) -> Tree[Token]:
        """As Lark's. Raises UnexpectedInput."""
        with suppress(NotRead):
            tree: Tree[Token] = self._driver.parse(text, start)
            return tree
        return self._whole.parse(text, start=start)

    def lex(self, text: str) -> list[Token]:
        """The tokens, where the lexer is a basic one. Raises UnexpectedCharacters."""
        with suppress(NotRead):
            return self._driver.lex(text)
        return list(self._whole.lex(text))

    def _flat(self) -> dict[str, Any]:
        from converter.kept.flat import flat  # of use where nothing is kept

        return flat(self._whole)

    @cached_property
    def _whole(self) -> Lark:
        # As parsers do that `lark.tools.standalone` writes; Lark's own files are pickles, which may run code.
        load: Callable[..., Lark] = Lark._load_from_dict
        return load(*derived(self._sources, self._grammar), **self._hooks)


def parser(grammar: Path, *, transformer: Any = None, callbacks: Any = None, **options: Any) -> Parser:
    """The LALR parser of a grammar's file. `options` are Lark's; `callbacks` those of its lexer."""
    return Parser(grammar.read_text(encoding="utf-8"), options, transformer, callbacks or {})


def _tables(text: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, Any]]:
    data, memo = Lark(text, parser="lalr", **options).memo_serialize([TerminalDef, Rule])
    return data, memo
