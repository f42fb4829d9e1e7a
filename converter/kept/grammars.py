"""Lark's parsers with their parse tables kept: Kusto's cost 0.3 s to make, and 0.05 s to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from converter.kept.driver import Driver
from converter.kept.store import derived


def parser(grammar: Path, *, transformer: Any = None, callbacks: Any = None, **options: Any) -> Lark:
    """The LALR parser of a grammar's file. `options` are Lark's; `callbacks` those of its lexer."""
    text = grammar.read_text(encoding="utf-8")
    sources = ("grammar", lark.__version__, repr(sorted(options.items())), text)
    data, memo = derived(sources, lambda: _tables(text, options))
    # As the parsers do that `lark.tools.standalone` writes; Lark's own files are pickles, which may run code.
    load: Callable[..., Lark] = Lark._load_from_dict
    return load(
        data,
        memo,
        transformer=transformer,
        lexer_callbacks=callbacks or {},
        _plugins={"LALR_Parser": Driver},
    )


def _tables(text: str, options: dict[str, Any]) -> tuple[dict[str, Any], dict[int, Any]]:
    data, memo = Lark(text, parser="lalr", **options).memo_serialize([TerminalDef, Rule])
    return data, memo
