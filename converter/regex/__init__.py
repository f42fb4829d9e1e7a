"""Regular expressions of three dialects: Lucene's, PCRE and RE2 (Kusto). See docs/regex.md."""

from converter.regex.confine import confine
from converter.regex.engine import Matcher, RegexTimeout, compile_regex
from converter.regex.parse import parse_regex
from converter.regex.translate import translate
from converter.regex.write import RegexNotSupported

__all__ = [
    "Matcher",
    "RegexNotSupported",
    "RegexTimeout",
    "compile_regex",
    "confine",
    "parse_regex",
    "translate",
]
