"""Kusto text to syntax tree: the lark grammar beside this module, and what its rules build."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.reading import Builder
from converter.evaluate.kusto.reading.children import place_of
from converter.kept import Parser, built, parser
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
    except UnexpectedInput as error:
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


def _syntax_error(text: str, error: UnexpectedInput) -> SourceError:
    if isinstance(error, UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END":
        lines = text.split("\n")
        return QuerySyntaxError("the query ends too early", Position(len(lines), len(lines[-1]) + 1))
    place = Position(max(error.line, 1), max(error.column, 1))
    rest = text[error.pos_in_stream :] if error.pos_in_stream is not None else ""
    before = text[: error.pos_in_stream or 0].rstrip()
    word = re.match(r"[A-Za-z_][A-Za-z0-9_-]*", rest)
    if word and before.endswith("|"):
        return QuerySyntaxError(f"unknown operator {word[0]}", place)
    found = word[0] if word else rest[:1]
    if isinstance(error, UnexpectedCharacters) and found in "\"'":
        return QuerySyntaxError("the string that begins here has no end, or an unexpected place", place)
    return QuerySyntaxError(f"unexpected {found!r}", place)
