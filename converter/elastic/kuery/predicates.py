"""Kuery's meaning: what Kibana sends to Elasticsearch for it, and what that matches.

Source: `toElasticsearchQuery` of Kibana's `is`, `range`, `nested`, `and`, `or`, `not` (`kbn-es-query`).
"""

from __future__ import annotations

from converter.elastic.kuery.reader import read_kuery
from converter.elastic.kuery.tree import Both, Inside, Is, Negated, Range, Tree, Value
from converter.elastic.queries import FieldType, Pattern, all_of, any_of, match, merge_stars, range_, wildcard
from converter.elastic.types import field_type as ecs_type
from converter.ir import TRUE, AnyField, Exists, Nested, Not, Predicate, Wild
from converter.source import NotSupportedError, Position, QuerySyntaxError


def parse_kuery(text: str, *, field_type: FieldType = ecs_type) -> Predicate:
    """The predicate of a Kuery text; an empty one matches every event.

    `field_type` names a field's Elasticsearch type (default: that of the ECS). A `*` in a field name stays
    in it: the predicate asks whether some field of such a name satisfies it.
    Raises :class:`QuerySyntaxError`, and :class:`NotSupportedError` where Elasticsearch gives an error.
    """
    tree = read_kuery(text)
    return TRUE if tree is None else _Meaning(field_type).predicate(tree, "")


class _Meaning:
    def __init__(self, field_type: FieldType) -> None:
        self.field_type = field_type

    def predicate(self, tree: Tree, prefix: str) -> Predicate:
        """`prefix` is the path of the nested objects that the tree stands in, with its dot."""
        match tree:
            case Both("and", items, pos):
                return all_of((self.predicate(item, prefix) for item in items), pos)
            case Both(_, items, pos):
                return any_of((self.predicate(item, prefix) for item in items), pos)
            case Negated(item, pos):
                return Not(self.predicate(item, prefix), pos=pos)
            case Inside(path, item, pos):
                name = self.name(path, prefix)
                return Nested(name, self.predicate(item, name + "."), pos=pos)
            case Range(field, op, value, pos):
                return self.range(self.name(field, prefix), op, value, pos)
            case Is(None, values, _):
                return self.values(None, values)
            case Is(field, values, _):
                assert field is not None
                return self.values(self.name(field, prefix), values)
            case _:
                raise AssertionError(tree)

    def name(self, field: Value, prefix: str) -> str:
        if field.constant == "null" or not field.text:
            raise QuerySyntaxError("a field without a name", field.pos)
        if "*" in field.text and ("*" in "".join(p for p in field.pieces if isinstance(p, str))):
            raise NotSupportedError("a literal * in a field name", field.pos, code="field-name")
        return prefix + field.text

    def values(self, field: str | None, tree: Tree) -> Predicate:
        """The list of values of one field."""
        match tree:
            case Both("and", items, pos):
                return all_of((self.values(field, item) for item in items), pos)
            case Both(_, items, pos):
                return any_of((self.values(field, item) for item in items), pos)
            case Negated(item, pos):
                return Not(self.values(field, item), pos=pos)
            case Value():
                return _any_field(tree) if field is None else self.is_(field, tree)
            case _:
                raise AssertionError(tree)

    def is_(self, field: str, value: Value) -> Predicate:
        if value.constant == "null":
            raise NotSupportedError("null as a value", value.pos, code="null-value")
        if value.pieces == (Wild.ANY,):
            return TRUE if field == "*" else Exists(field, pos=value.pos)
        if field == "*":
            return _any_field(value)
        kind = self.field_type(field)
        if not value.is_wildcard:
            return match(field, kind, value.text, value.pos, phrase=value.quoted)
        return any_of(
            (
                wildcard(field, kind, pattern, value.pos)
                if any(isinstance(part, Wild) for part in pattern)
                else match(field, kind, "".join(map(str, pattern)), value.pos)
                for pattern in _terms(value)
            ),
            value.pos,
        )

    def range(self, field: str, op: str, value: Value, pos: Position) -> Predicate:
        if value.is_wildcard or value.constant == "null":
            raise NotSupportedError(f"comparison with {value.text}", value.pos, code="range-value")
        if "*" in field:
            raise NotSupportedError("comparison of a field name with a wildcard", pos, code="field-name")
        return range_(field, self.field_type(field), op, value.text, pos)  # type: ignore[arg-type]


def _any_field(value: Value) -> Predicate:
    if value.constant == "null":
        raise NotSupportedError("null as a value", value.pos, code="null-value")
    if not value.is_wildcard:
        return AnyField(value.pieces, value.quoted, pos=value.pos)
    return any_of((AnyField(pattern, pos=value.pos) for pattern in _terms(value)), value.pos)


def _terms(value: Value) -> list[Pattern]:
    """The terms of a value with a wildcard.

    Kibana sends it as a query string with everything but the spaces escaped: there `foo bar*` is two
    terms, either of which may match. Terms without a wildcard that stand together stay one.
    """
    terms: list[list[str | Wild]] = [[]]
    for piece in value.pieces:
        if isinstance(piece, Wild):
            terms[-1].append(piece)
            continue
        first, *others = _split_spaces(piece)
        terms[-1].append(first)
        terms += [[other] for other in others]
    grouped: list[Pattern] = []
    for pattern in (merge_stars(term) for term in terms):
        if not pattern:
            continue
        if pattern[0] in ("AND", "OR", "NOT") and len(pattern) == 1:
            raise NotSupportedError(
                f"{pattern[0]} in a value with a wildcard", value.pos, code="query-string"
            )
        is_plain = not any(isinstance(part, Wild) for part in pattern)
        if is_plain and grouped and not any(isinstance(part, Wild) for part in grouped[-1]):
            grouped[-1] = (f"{grouped[-1][0]} {pattern[0]}",)
        else:
            grouped.append(pattern)
    return grouped


def _split_spaces(text: str) -> list[str]:
    for space in "\t\r\n\u3000":
        text = text.replace(space, " ")
    return text.split(" ")
