"""The entry: EQL text in, a detection out, or one error with its place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from converter.elastic.eql.predicates import PredicateBuilder
from converter.elastic.eql.reader import Reader
from converter.elastic.eql.syntax_errors import explain
from converter.ir import Detection
from converter.kept import Parser, parser
from converter.kept.nodes import Unexpected
from converter.source import NotSupportedError, Position

MAX_LENGTH = 500_000
"""A longer query is refused: the longest real one has some 50,000 characters."""

MAX_NESTING = 100
"""Conditions that are nested deeper are refused: what walks the tree later does so recursively."""


@cache
def _reader() -> Reader:
    return Reader()


@cache
def _parser() -> Parser:
    grammar = Path(__file__).with_name("grammar.lark")
    return parser(grammar, transformer=_reader(), lexer="contextual", maybe_placeholders=True)


def parse_eql(
    text: str,
    *,
    category_field: str = "event.category",
    field_types: Mapping[str, str] | None = None,
) -> Detection:
    """An EQL query as Elasticsearch 8 and 9 read it: an event query, a sequence or a sample, with pipes.

    `category_field` is the field that stands for the word before `where`; `field_types` are Elasticsearch
    types of fields (`{"source.ip": "ip"}`) that come before the ECS list's.

    Raises QuerySyntaxError for text that is not EQL and NotSupportedError for EQL that is refused, both
    with the place in `text`. Source: Elasticsearch's "EQL syntax reference" and its grammar, EqlBase.g4.
    """
    if len(text) > MAX_LENGTH:
        raise NotSupportedError(
            f"an EQL query of {len(text)} characters; the limit is {MAX_LENGTH}",
            Position(1, 1),
            code="eql-too-long",
        )
    reader = _reader()
    reader.begin(PredicateBuilder(category_field, field_types or {}, MAX_NESTING))
    try:
        return reader.detection(_parser().parse(text))
    except Unexpected as error:
        raise explain(error, text) from None
