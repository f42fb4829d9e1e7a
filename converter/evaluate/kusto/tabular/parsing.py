"""`parse`, `parse-where` and `parse-kv`: columns out of text.

Source: the pages of these operators in the KQL reference. In the simple and relaxed kinds a delimiter is
found at its first occurrence; in the regex kind the pattern becomes one greedy regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import CONVERT, Column, Row
from converter.evaluate.kusto.functions.patterns import engine, matches
from converter.evaluate.kusto.relation import Relation, Rows
from converter.evaluate.kusto.types import Type
from converter.source import NotSupportedError, QuerySyntaxError, SourceError

Found = tuple[Any, ...] | None
Reader = Callable[[str], Found]
_NUMBERS = {
    Type.INT: r"[-+]?\d+",
    Type.LONG: r"[-+]?\d+",
    Type.REAL: r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?",
    Type.DECIMAL: r"[-+]?\d+(?:\.\d+)?",
}


def _empty(types: Sequence[Type]) -> tuple[Any, ...]:
    return tuple("" if kind is Type.STRING else None for kind in types)


def parse(environment: Environment, relation: Relation, node: ast.Parse) -> Relation:
    kind = node.settings.get("kind", "simple")
    if kind not in ("simple", "relaxed", "regex"):
        raise QuerySyntaxError(f"unknown kind={kind} of parse", node.position)
    value = Binder(environment, relation.scope).typed(node.value, Type.STRING, "parse").evaluate
    captured = [(item.column, item.type) for item in node.items if item.column is not None]
    if kind == "regex":
        read = _by_regex(node, [column_type for _, column_type in captured])
    else:
        read = _by_delimiters(node, strict=kind == "simple")
    missing = _empty([column_type for _, column_type in captured])
    rows, only_matches = relation.rows, node.only_matches

    def parsed() -> Rows:
        result: Rows = []
        for row in rows():
            found = read(value(row))
            if found is not None:
                result.append((*row, *found))
            elif not only_matches:
                result.append((*row, *missing))
        return result

    return _with_columns(relation, captured, parsed)


def _with_columns(
    relation: Relation, added: Sequence[tuple[str, Type]], rows: Callable[[], Rows]
) -> Relation:
    new = {name: Column(name, kind, relation.width + place) for place, (name, kind) in enumerate(added)}
    columns = (*[new.pop(column.name, column) for column in relation.columns], *new.values())
    return relation.with_rows(rows, columns=columns, width=relation.width + len(added))


# ---- delimiters


def _by_delimiters(node: ast.Parse, strict: bool) -> Reader:
    """Walks the items of the pattern through the text."""
    items = node.items
    for one, other in pairwise(items):
        if one.column is not None and other.column is not None:
            raise QuerySyntaxError("two columns of parse without a delimiter between them", other.position)
        if one.column is not None and other.junk and one.type not in _NUMBERS:
            raise NotSupportedError(f"* behind a {one.type.value} column of parse", other.position)

    def read(text: str) -> Found:
        found: list[Any] = []
        place, skipping = 0, False
        for number, item in enumerate(items):
            if item.junk:
                skipping = True
                continue
            if item.delimiter is not None:
                at = text.find(item.delimiter, place) if skipping else place
                if at < 0 or not text.startswith(item.delimiter, at):
                    return None
                place, skipping = at + len(item.delimiter), False
                continue
            end = _end(text, place, items[number + 1] if number + 1 < len(items) else None, item.type)
            if end is None:
                return None
            value = CONVERT[item.type](
                text[place:end].strip() if item.type is not Type.STRING else text[place:end]
            )
            if value is None and strict:
                return None
            found.append(value)
            place = end
        return tuple(found) if skipping or place == len(text) else None

    return read


def _end(text: str, place: int, following: ast.ParseItem | None, kind: Type) -> int | None:
    """Where a column's text ends: at the next delimiter, behind its number, or at the end of the text."""
    if following is None:
        return len(text)
    if following.delimiter is not None:
        at = text.find(following.delimiter, place)
        return None if at < 0 else at
    number = re.compile(_NUMBERS[kind]).match(text, place)
    return place if number is None else number.end()


# ---- regular expressions


def _by_regex(node: ast.Parse, types: list[Type]) -> Reader:
    flags = node.settings.get("flags", "")
    if not re.fullmatch(r"[imsU]*", flags):
        raise QuerySyntaxError(f"unknown flags={flags} of parse", node.position)
    parts = []
    for number, item in enumerate(node.items):
        if item.junk:
            parts.append(".*")
        elif item.delimiter is not None:
            parts.append(item.delimiter)
        else:
            capture = _NUMBERS.get(item.type, ".*")
            parts.append(f"(?P<c{sum(other.column is not None for other in node.items[:number])}>{capture})")
    pattern = f"(?{flags})" if flags else ""
    try:
        compiled = engine(f"{pattern}^{''.join(parts)}")
    except SourceError as error:
        error.position = node.position
        raise

    def read(text: str) -> Found:
        groups = compiled.match_groups(text)
        if groups is None:
            return None
        values = []
        for place, kind in enumerate(types):
            value = CONVERT[kind](groups[f"c{place}"] or "")
            if value is None:
                return None
            values.append(value)
        return tuple(values)

    return read


# ---- parse-kv


class _Pairs:
    """How keys and values are told apart in a text."""

    def __init__(self, settings: dict[str, list[str]]) -> None:
        self.pair = settings.get("pair_delimiter", [None])[0]
        self.separator = settings.get("kv_delimiter", [None])[0]
        self.quotes = {quote[0]: quote[-1] for quote in settings.get("quote", []) if quote}
        self.escapes = set(settings.get("escape", []))
        self.greedy = settings.get("greedy", ["false"])[0] == "true"

    def read(self, text: str, keys: Sequence[str]) -> dict[str, str]:
        """The first value of each key."""
        if self.pair is None or self.separator is None:
            return self._loose(text, keys)
        found: dict[str, str] = {}
        place = 0
        while place < len(text):
            key, place = self._token(text, place, [self.separator, self.pair])
            if not text.startswith(self.separator, place):
                place += len(self.pair)
                continue
            place += len(self.separator)
            value, place = self._value(text, place, keys)
            found.setdefault(key.strip(), value.strip())
            place += len(self.pair)
        return found

    def _token(self, text: str, place: int, ends: Sequence[str]) -> tuple[str, int]:
        """A quoted token, or the text up to one of the ends."""
        start = place
        while (
            start < len(text) and text[start].isspace() and not any(text.startswith(e, start) for e in ends)
        ):
            start += 1
        if start < len(text) and text[start] in self.quotes:
            return self._quoted(text, start)
        while place < len(text) and not any(text.startswith(end, place) for end in ends):
            place += 1
        return text[start:place], place

    def _quoted(self, text: str, place: int) -> tuple[str, int]:
        closing = self.quotes[text[place]]
        place += 1
        characters: list[str] = []
        while place < len(text) and text[place] != closing:
            if text[place] in self.escapes and place + 1 < len(text):
                place += 1
            characters.append(text[place])
            place += 1
        return "".join(characters), place + 1

    def _value(self, text: str, place: int, keys: Sequence[str]) -> tuple[str, int]:
        assert self.pair is not None and self.separator is not None
        if not self.greedy or (place < len(text) and text[place] in self.quotes):
            return self._token(text, place, [self.pair])
        ends = [at for key in keys if (at := text.find(f"{self.pair}{key}{self.separator}", place)) >= 0]
        end = min(ends, default=len(text))
        return text[place:end], end

    def _loose(self, text: str, keys: Sequence[str]) -> dict[str, str]:
        """Without delimiters: the word, or quoted text, behind a key and what is not alphanumeric."""
        found: dict[str, str] = {}
        for key in keys:
            match = re.search(rf"(?<![A-Za-z0-9]){re.escape(key)}[^A-Za-z0-9]", text)
            if match is None:
                continue
            place = match.end() - 1
            while place < len(text) and not text[place].isalnum() and text[place] not in self.quotes:
                place += 1
            if place < len(text) and text[place] in self.quotes:
                found[key] = self._quoted(text, place)[0]
            else:
                word = re.compile(r"[A-Za-z0-9]*").match(text, place)
                found[key] = word[0] if word else ""
        return found


_PAIR_SETTINGS = ("pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex")


def parse_pairs(environment: Environment, relation: Relation, node: ast.ParsePairs) -> Relation:
    """`parse-kv`: the values of named keys in a text of keys and values."""
    value = Binder(environment, relation.scope).typed(node.value, Type.STRING, "parse-kv").evaluate
    binder = Binder(environment)
    settings: dict[str, list[str]] = {}
    for name, setting in node.settings:
        if name not in _PAIR_SETTINGS:
            raise QuerySyntaxError(f"parse-kv does not take {name}", setting.position)
        text = binder.constant(setting, Type.STRING, f"parse-kv {name}")
        if not text and name.endswith("delimiter"):
            raise QuerySyntaxError(f"{name} is empty", setting.position)
        settings.setdefault(name, []).append(text)
    keys = [name for name, _ in node.columns]
    read: Callable[[str], dict[str, str]]
    if "regex" in settings:
        pattern = settings["regex"][0]
        try:
            engine(pattern)
        except SourceError as error:
            error.position = node.position
            raise
        read = lambda text: dict(reversed(_regex_pairs(pattern, text)))  # noqa: E731
    else:
        pairs = _Pairs(settings)
        read = lambda text: pairs.read(text, keys)  # noqa: E731
    rows = relation.rows

    def cells(row: Row) -> tuple[Any, ...]:
        found = read(value(row))
        return tuple(
            CONVERT[kind](found[name]) if name in found else _empty([kind])[0] for name, kind in node.columns
        )

    return _with_columns(relation, node.columns, lambda: [(*row, *cells(row)) for row in rows()])


def _regex_pairs(pattern: str, text: str) -> list[tuple[str, str]]:
    return [(match.group(1) or "", match.group(2) or "") for match in matches(pattern, text)]
