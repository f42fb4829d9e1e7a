"""ES|QL text to a pipeline. Source: the ES|QL reference, "Commands" and "Functions and operators"."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from converter.elastic.esql.commands import PipelineBuilder
from converter.elastic.syntax import check_size, syntax_error
from converter.ir import Pipeline
from converter.kept import Parser, built, parser
from converter.kept.nodes import Unexpected

_BRACKETS = re.compile(
    r'"""[\s\S]*?"""|"(?:\\.|[^"\\\r\n])*"|`[^`]*`|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|[()\[\]{}]'
)

_NAMES = {
    "AND": "'and'",
    "AS": "'as'",
    "BY": "'by'",
    "COLON": "':'",
    "COMMA": "','",
    "COMPARISON": "a comparison",
    "EQUAL": "'='",
    "FROM": "'from'",
    "IN": "'in'",
    "IS": "'is'",
    "LIKE": "'like'",
    "LPAR": "'('",
    "NAME": "a name",
    "NOT": "'not'",
    "NUMBER": "a number",
    "OR": "'or'",
    "OTHER": "a command",
    "PATTERN": "a name",
    "ROW": "'row'",
    "RPAR": "')'",
    "RSQB": "']'",
    "SOURCE": "a source",
    "STRING": "a string",
    "VBAR": "'|'",
    "WHERE": "'where'",
    "$END": "the end",
}


def parse_esql(text: str) -> Pipeline:
    """The pipeline of an ES|QL query.

    A command that has no counterpart in the ir becomes an `Untranslatable` stage. A `stats` column that is
    more than one aggregate (`sum(a) / count(*)`) becomes a `Stats` of hidden columns (`$1`, `$2`, ...), an
    `Eval` of them and a `Columns` that keeps what the query names.

    Raises :class:`QuerySyntaxError` for what is not ES|QL, :class:`NotSupportedError` for parameters.
    """
    check_size(text, _BRACKETS)
    try:
        pipeline: Pipeline = built(_parser().parse(text), PipelineBuilder(text))
    except Unexpected as error:
        raise syntax_error(error, text, _NAMES) from None
    return pipeline


@cache
def _parser() -> Parser:
    grammar = Path(__file__).with_name("esql.lark")
    return parser(grammar, lexer="contextual", propagate_positions=True, maybe_placeholders=False)
