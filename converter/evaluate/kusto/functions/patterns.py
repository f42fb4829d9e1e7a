"""Functions that take regular expressions (RE2 dialect): `extract`, `replace_regex`, `trim`, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import convert
from converter.evaluate.kusto.functions.registry import applied, function, special
from converter.evaluate.kusto.functions.strings import count_plain
from converter.evaluate.kusto.types import Type
from converter.regex import Matcher, compile_regex, parse_regex
from converter.regex.ast import Group
from converter.regex.walk import nodes
from converter.source import Position, QuerySyntaxError, SourceError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder
    from converter.evaluate.kusto.expression import Expression


def engine(pattern: str) -> Matcher:
    """The pattern compiled. The place of an error in it is left to the call to say."""
    try:
        return compile_regex(pattern, "re2")
    except SourceError as error:
        error.position = None
        raise


def matches(pattern: str, subject: str) -> Iterator[Any]:
    """The matches from left to right. Raises QuerySyntaxError for no pattern, RegexTimeout."""
    last = None
    for match in engine(pattern).finditer(subject):
        # google-re2 gives an empty match at a line's beginning twice
        if match.span() != last:
            yield match
        last = match.span()


def first_match(pattern: str, subject: str) -> Any:
    """The leftmost match, or None."""
    return next(matches(pattern, subject), None)


@lru_cache(maxsize=2048)
def capture_count(pattern: str) -> int:
    """How many groups of a pattern capture."""
    found = nodes(parse_regex(pattern, "re2"))
    return sum(isinstance(node, Group) and node.kind == "capture" for node in found)


MAX_CAPTURES = 16
"""Groups that a pattern of `extract_all` can have."""


def check_constant(expression: Expression, position: Position) -> None:
    """Compile a constant pattern now, so that an error has a place."""
    if expression.constant and isinstance(expression.value, str):
        try:
            engine(expression.value)
        except SourceError as error:
            error.position = position
            raise


def _group(match: Any, number: Any) -> str:
    """What a group took, by number or name; empty for what is no group."""
    if not isinstance(number, int | str):
        return ""
    try:
        return match.group(number) or ""
    except IndexError:
        return ""


@lru_cache(maxsize=4096)
def extract_group(pattern: str, group: int, subject: str) -> str | None:
    """What a group of the first match took; null without a match."""
    match = first_match(pattern, subject)
    return None if match is None else _group(match, group)


@special("extract")
def extract(binder: Binder, node: ast.Call) -> Expression:
    from converter.evaluate.kusto.bind import type_argument

    if len(node.arguments) not in (3, 4):
        raise QuerySyntaxError("extract() takes three or four arguments", node.position)
    kinds = (Type.STRING, Type.LONG, Type.STRING)
    arguments = [
        binder.typed(item, kind, "extract()") for item, kind in zip(node.arguments, kinds, strict=False)
    ]
    check_constant(arguments[0], node.position)
    result = applied(extract_group, arguments, Type.STRING, position=node.position)
    return convert(result, type_argument(node.arguments[3])) if len(node.arguments) == 4 else result


@special("extract_all extractall")
def extract_all(binder: Binder, node: ast.Call) -> Expression:
    if len(node.arguments) not in (2, 3):
        raise QuerySyntaxError("extract_all() takes two or three arguments", node.position)
    pattern = binder.typed(node.arguments[0], Type.STRING, "extract_all()")
    check_constant(pattern, node.position)
    if pattern.constant and not 1 <= capture_count(pattern.value) <= MAX_CAPTURES:
        raise QuerySyntaxError(
            f"extract_all() takes a pattern with 1 to {MAX_CAPTURES} groups", node.position
        )
    subject = binder.typed(node.arguments[-1], Type.STRING, "extract_all()")
    if len(node.arguments) == 2:
        return applied(all_matches, [pattern, subject], Type.DYNAMIC, position=node.position)
    groups = binder.typed(node.arguments[1], Type.DYNAMIC, "extract_all()")
    return applied(selected_matches, [pattern, groups, subject], Type.DYNAMIC, position=node.position)


def all_matches(pattern: str, subject: str) -> list[Any] | None:
    return selected_matches(pattern, list(range(1, capture_count(pattern) + 1)), subject)


def selected_matches(pattern: str, groups: Any, subject: str) -> list[Any] | None:
    """For each match the groups asked for: their texts, or the text alone where it is one group."""
    captures = capture_count(pattern)
    if not isinstance(groups, list) or not groups or captures == 0:
        return None
    found = [[_group(match, group) for group in groups] for match in matches(pattern, subject)]
    if not found:
        return None
    return [row[0] for row in found] if captures == 1 or len(groups) == 1 else found


@function("replace_regex", "string, string, string -> string")
def replace_regex(subject: str, pattern: str, rewrite: str) -> str:
    r"""Every match rewritten; `\0` to `\9` in the rewrite are its groups."""
    characters = None if "\\" in rewrite else engine(pattern).characters(subject)
    if characters is not None:
        return subject.translate(dict.fromkeys(map(ord, characters), rewrite))

    def expand(match: Any) -> str:
        return re.sub(
            r"\\(\d|\\)", lambda part: "\\" if part[1] == "\\" else _group(match, int(part[1])), rewrite
        )

    pieces: list[str] = []
    end = 0
    for match in matches(pattern, subject):
        pieces += [subject[end : match.start()], expand(match)]
        end = match.end()
    return "".join([*pieces, subject[end:]])


@function("replace", "string, string, string -> string")
def replace_deprecated(pattern: str, rewrite: str, subject: str) -> str:
    return str(replace_regex(subject, pattern, rewrite))


@function("trim_start", "string, string -> string")
def trim_start(pattern: str, subject: str) -> str:
    match = first_match(f"^(?:{pattern})", subject)
    return subject if match is None else subject[int(match.end()) :]


@function("trim_end", "string, string -> string")
def trim_end(pattern: str, subject: str) -> str:
    match = first_match(f"(?:{pattern})$", subject)
    return subject if match is None else subject[: int(match.start())]


@function("trim", "string, string -> string")
def trim(pattern: str, subject: str) -> str:
    return str(trim_end(pattern, trim_start(pattern, subject)))


@function("countof", "string, string, [string] -> long")
def count_of(subject: str, wanted: str, kind: str = "normal") -> int:
    """Occurrences of a text (may overlap) or, with kind `regex`, of a pattern (may not)."""
    if kind == "regex":
        return sum(1 for _ in matches(wanted, subject))
    return count_plain(subject, wanted)


@function("indexof_regex", "string, string, [long], [long], [long] -> long")
def index_of_regex(
    subject: str, pattern: str, start: int = 0, count: int = -1, occurrence: int = 1
) -> int | None:
    """Place of the n-th match in a part of the text, -1 without one; null for impossible arguments."""
    if start < 0 or count < -1 or occurrence < 1:
        return None
    stop = len(subject) if count == -1 else start + count
    found = list(matches(pattern, subject[start:stop]))
    return start + int(found[occurrence - 1].start()) if len(found) >= occurrence else -1


@function("regex_quote", "string -> string")
def quote(subject: str) -> str:
    return re.sub(r"([^\w\s]|_)", lambda match: match[1] if match[1] in "_'\"" else "\\" + match[1], subject)
