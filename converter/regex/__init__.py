"""Regular expressions of three dialects: Lucene's, PCRE and RE2 (Kusto). See docs/regex.md."""

from converter.regex.confine import confine
from converter.regex.engine import Matcher, compile_regex, search_any
from converter.regex.errors import RegexNotSupported, RegexTimeout
from converter.regex.parse import parse_regex
from converter.regex.sample import examples
from converter.regex.translate import loosen_end, strict_end, translate
from converter.regex.walk import as_literal

__all__ = [
    "Matcher",
    "RegexNotSupported",
    "RegexTimeout",
    "as_literal",
    "compile_regex",
    "confine",
    "examples",
    "loosen_end",
    "parse_regex",
    "search_any",
    "strict_end",
    "translate",
]
