"""In each state of the package's grammars our scanners look for what Lark's do."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark import Lark

from converter import kept
from converter.kept.flat import flat

PACKAGE = Path(kept.__file__).parents[1]
GRAMMARS = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.lark"))


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_each_state_has_its_terminals_and_keywords(grammar: str) -> None:
    whole = Lark((PACKAGE / grammar).read_text("utf-8"), parser="lalr")
    tables, lexers = flat(whole), whole.parser.lexer.lexers  # type: ignore[attr-defined]
    for state, number in enumerate(tables["set_of"]):
        scanner, callbacks = lexers[state].scanner, lexers[state].callback
        kinds, words = tables["sets"][number]
        assert list(kinds) == [one.name for one in scanner.terminals]
        assert {kind: set(texts.values()) for kind, texts in words.items()} == {
            kind: call.scanner.allowed_types for kind, call in callbacks.items()
        }


def test_of_two_keywords_with_one_text_larks_first_is_read() -> None:
    whole = Lark('start: (A | B) NAME\nNAME: /[a-z]+/\nB: "of"\nA: "of"\n', parser="lalr", lexer="basic")
    ((_, words),) = flat(whole)["sets"]
    assert words == {"NAME": {"of": next(whole.lex("of")).type}}


def test_keywords_of_no_case_are_refused() -> None:
    """Lark compares them by expressions of their own: ours are looked up."""
    with pytest.raises(NotImplementedError, match="either case"):
        flat(Lark('start: "a"i', parser="lalr"))
