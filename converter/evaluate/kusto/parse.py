"""Kusto text to syntax tree: the lark grammar beside this module, and what its rules build."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.reading import Builder
from converter.evaluate.kusto.reading.children import place_of
from converter.kept import Parser, built, parser
from converter.kept.nodes import Token, Unexpected
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError


def parse(text: str) -> ast.Query:
    """The tree of a query.

    Raises QuerySyntaxError where the text is not Kusto, NotSupportedError (with the construct's name) for
    statements, sources and operators that are not evaluated.
    """
    try:
        query: ast.Query = built(_parser().parse(text), Builder())
    except RecursionError:
        raise too_deep() from None
    except Unexpected as error:
        raise _syntax_error(text, error) from None
    return query


def too_deep() -> NotSupportedError:
    """What exhausts the stack when it is read, bound or run."""
    return NotSupportedError("a query nested this deep", Position(1, 1), code="kql-depth")


def _refuse(token: Token) -> Token:
    kind = {"REFUSED_STATEMENT": "statement", "REFUSED_SOURCE": "source"}.get(token.type, "operator")
    raise NotSupportedError(f"{kind} {token}", place_of(token), code=f"kql-{str(token).strip()}")


@lru_cache(maxsize=1)
def _parser() -> Parser:
    callbacks = dict.fromkeys(("REFUSED_STATEMENT", "REFUSED_SOURCE", "REFUSED_OPERATOR"), _refuse)
    grammar = Path(__file__).with_name("kusto.lark")
    return parser(grammar, callbacks=callbacks, maybe_placeholders=True)


def _syntax_error(text: str, error: Unexpected) -> SourceError:
    if error.is_end:
        lines = text.split("\n")
        return QuerySyntaxError("the query ends too early", Position(len(lines), len(lines[-1]) + 1))
    place = place_of(error.place)
    rest = text[error.place.start_pos :]
    before = text[: error.place.start_pos].rstrip()
    word = re.match(r"[A-Za-z_][A-Za-z0-9_-]*", rest)
    if word and before.endswith("|"):
        return QuerySyntaxError(f"unknown operator {word[0]}", place)
    found = word[0] if word else rest[:1]
    if error.token is None and found in "\"'":
        return QuerySyntaxError("the string that begins here has no end, or an unexpected place", place)
    return QuerySyntaxError(f"unexpected {found!r}", place)
