"""Parsers with their tables kept: Lark takes 0.4 s to make Kusto's, which take a hundredth of it to read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter.kept.driver import Driver, NotRead
from converter.kept.installed import version_of
from converter.kept.nodes import Token, Tree
from converter.kept.store import derived, read_by

if TYPE_CHECKING:
    from converter.kept.larks import Grammar

_FLAT_BY = [str(Path(__file__).with_name(name)) for name in ("flat.py", "first.py")]
"""What makes the tables of our loop."""


class Parser:
    """A grammar's parser: our loop for what is of the language, and Lark, which says what is wrong with what
    is not. None of its objects is made before."""

    def __init__(self, text: str, options: Mapping[str, Any], transformer: Any, callbacks: Any) -> None:
        version = version_of("lark")
        self._text, self._options, self._callbacks = text, options, callbacks
        self._sources = ("grammar", version, repr(sorted(options.items())), text)
        ours = ("loop", read_by(version, *_FLAT_BY), *self._sources)
        self._driver = Driver(derived(ours, lambda: self._grammar.flat()), transformer, callbacks)

    def parse(self, text: str, start: str | None = None) -> Tree[Token]:
        """The text's tree, or what the transformer made of it. Raises Unexpected."""
        with suppress(NotRead):
            tree: Tree[Token] = self._driver.parse(text, start)
            return tree
        raise self._grammar.unexpected(text, start, lexed=False)

    def lex(self, text: str) -> list[Token]:
        """The tokens, where the lexer is a basic one. Raises Unexpected."""
        with suppress(NotRead):
            return self._driver.lex(text)
        raise self._grammar.unexpected(text, None, lexed=True)

    @cached_property
    def _grammar(self) -> Grammar:
        from converter.kept.larks import Grammar  # with Lark, of use where nothing is kept or a text is wrong

        return Grammar(self._text, self._options, self._sources, self._callbacks)


def parser(grammar: Path, *, transformer: Any = None, callbacks: Any = None, **options: Any) -> Parser:
    """The LALR parser of a grammar's file. `options` are Lark's; `callbacks` those of its lexer."""
    return Parser(grammar.read_text(encoding="utf-8"), options, transformer, callbacks or {})
