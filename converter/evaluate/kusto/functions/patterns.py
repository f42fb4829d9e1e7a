"""Functions that take regular expressions (RE2 dialect): `extract`, `replace_regex`, `trim`, ..."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import convert
from converter.evaluate.kusto.functions.registry import applied, function, special
from converter.evaluate.kusto.functions.strings import count_plain
from converter.evaluate.kusto.types import Type
from converter.source import Position, QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder
    from converter.evaluate.kusto.expression import Expression


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> Any:
    """An RE2 pattern; raises QuerySyntaxError where it is none."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise QuerySyntaxError(f"regular expression {pattern!r}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def check_constant(expression: Expression, position: Position) -> None:
    """Compile a constant pattern now, so that an error has a place."""
    if expression.constant and isinstance(expression.value, str):
        try:
            compiled(expression.value)
        except QuerySyntaxError as error:
            error.position = position
            raise


def _group(match: Any, number: int) -> str:
    try:
        return match.group(number) or ""
    except (IndexError, re2.error):
        return ""


def extract_group(pattern: str, group: int, subject: str) -> str | None:
    """What a group of the first match took; null without a match."""
    match = compiled(pattern).search(subject)
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
    result = applied(extract_group, arguments, Type.STRING)
    return convert(result, type_argument(node.arguments[3])) if len(node.arguments) == 4 else result


@special("extract_all extractall")
def extract_all(binder: Binder, node: ast.Call) -> Expression:
    if len(node.arguments) not in (2, 3):
        raise QuerySyntaxError("extract_all() takes two or three arguments", node.position)
    pattern = binder.typed(node.arguments[0], Type.STRING, "extract_all()")
    check_constant(pattern, node.position)
    subject = binder.typed(node.arguments[-1], Type.STRING, "extract_all()")
    if len(node.arguments) == 2:
        return applied(all_matches, [pattern, subject], Type.DYNAMIC)
    groups = binder.typed(node.arguments[1], Type.DYNAMIC, "extract_all()")
    return applied(selected_matches, [pattern, groups, subject], Type.DYNAMIC)


def all_matches(pattern: str, subject: str) -> list[Any] | None:
    engine = compiled(pattern)
    return selected_matches(pattern, list(range(1, engine.groups + 1)), subject)


def selected_matches(pattern: str, groups: Any, subject: str) -> list[Any] | None:
    """For each match the groups asked for: their texts, or the text alone where it is one group."""
    engine = compiled(pattern)
    if not isinstance(groups, list) or engine.groups == 0:
        return None
    numbers = [engine.groupindex.get(group) if isinstance(group, str) else group for group in groups]
    found = [[_group(match, number) for number in numbers] for match in engine.finditer(subject)]
    if not found:
        return None
    return [row[0] for row in found] if engine.groups == 1 or len(numbers) == 1 else found


@function("replace_regex", "string, string, string -> string")
def replace_regex(subject: str, pattern: str, rewrite: str) -> str:
    r"""Every match rewritten; `\0` to `\9` in the rewrite are its groups."""

    def expand(match: Any) -> str:
        return re.sub(
            r"\\(\d|\\)", lambda part: "\\" if part[1] == "\\" else _group(match, int(part[1])), rewrite
        )

    return str(compiled(pattern).sub(expand, subject))


@function("replace", "string, string, string -> string")
def replace_deprecated(pattern: str, rewrite: str, subject: str) -> str:
    return str(replace_regex(subject, pattern, rewrite))


@function("trim_start", "string, string -> string")
def trim_start(pattern: str, subject: str) -> str:
    match = compiled(f"^(?:{pattern})").search(subject)
    return subject if match is None else subject[int(match.end()) :]


@function("trim_end", "string, string -> string")
def trim_end(pattern: str, subject: str) -> str:
    match = compiled(f"(?:{pattern})$").search(subject)
    return subject if match is None else subject[: int(match.start())]


@function("trim", "string, string -> string")
def trim(pattern: str, subject: str) -> str:
    return str(trim_end(pattern, trim_start(pattern, subject)))


@function("countof", "string, string, [string] -> long")
def count_of(subject: str, wanted: str, kind: str = "normal") -> int:
    """Occurrences of a text (may overlap) or, with kind `regex`, of a pattern (may not)."""
    if kind == "regex":
        return sum(1 for _ in compiled(wanted).finditer(subject))
    return count_plain(subject, wanted)


@function("indexof_regex", "string, string, [long], [long], [long] -> long")
def index_of_regex(
    subject: str, pattern: str, start: int = 0, count: int = -1, occurrence: int = 1
) -> int | None:
    """Place of the n-th match in a part of the text, -1 without one; null for impossible arguments."""
    if start < 0 or count < -1 or occurrence < 1:
        return None
    stop = len(subject) if count == -1 else start + count
    matches = list(compiled(pattern).finditer(subject[start:stop]))
    return start + int(matches[occurrence - 1].start()) if len(matches) >= occurrence else -1


@function("regex_quote", "string -> string")
def quote(subject: str) -> str:
    return re.sub(r"([^\w\s]|_)", lambda match: match[1] if match[1] in "_'\"" else "\\" + match[1], subject)
