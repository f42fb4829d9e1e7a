"""Conditions to predicates: which become queries on a field, and which run as scripts.

Elasticsearch turns a comparison of a field with a constant into a query on the field, and all else into
a script. Both are two-valued where EQL's own logic meets them: its script filter takes null for false
*inside* a negation (`Scripts.multiValueDocValuesRewrite` moves the `not` out of the null-safe filter), so
`not length(f) > 3`, which is also how `!=` is read, holds where `f` is missing. Hence a negated script is
`Not(Script(...))`, and null only matters within one script, as in `null == (f > 3)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converter.elastic.eql.folding import fold, is_condition
from converter.elastic.eql.literals import wildcard_pattern
from converter.elastic.networks import in_network
from converter.elastic.queries import DATES, range_, term
from converter.elastic.regexes import check_regex
from converter.elastic.types import NUMBER_TYPES, TEXT_TYPES, field_type
from converter.ir import (
    FALSE,
    And,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Regex,
    Scalar,
    Script,
    Wild,
)
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.source import NotSupportedError, Position, QuerySyntaxError

_TYPED = NUMBER_TYPES | DATES | {"ip", "boolean"}
"""Types that are more than text."""

_OF_TEXTS = frozenset(
    ("between", "endsWith", "indexOf", "length", "startsWith", "stringContains", "substring")
)
"""Functions whose first argument is a text."""


class PredicateBuilder:
    """Builds the predicates of one query."""

    def __init__(self, category_field: str, field_types: Mapping[str, str], max_nesting: int) -> None:
        self._category_field = category_field
        self._field_types = field_types
        self._max_nesting = max_nesting

    def with_category(self, category: str, predicate: Predicate, position: Position) -> Predicate:
        """`category where predicate`."""
        return _all((Equals(self._category_field, category, pos=position), predicate), position)

    def predicate(self, condition: Value) -> Predicate:
        """The condition as a predicate.

        Raises QuerySyntaxError for a value that is no condition, NotSupportedError where it nests too deep.
        """
        self._check_nesting(condition)
        return self._predicate(fold(condition))

    def _check_nesting(self, condition: Value) -> None:
        """Refuse early what later steps, which are recursive, could not walk; functions of other types."""
        level: list[Value] = [condition]
        for _ in range(self._max_nesting):
            self._check_arguments(level)
            level = [part for value in level for part in _parts(value)]
            if not level:
                return
        raise QuerySyntaxError(f"a condition nested more than {self._max_nesting} deep", level[0].pos)

    def _check_arguments(self, values: Iterable[Value]) -> None:
        """Functions of texts take no other fields: Elasticsearch answers such a query with an error."""
        for call in values:
            if isinstance(call, Call) and call.function in _OF_TEXTS:
                source = call.arguments[0]
                kind = self.type_of(source.name) if isinstance(source, FieldValue) else ""
                if kind in _TYPED and isinstance(source, FieldValue):
                    what = f"{call.function} of the {kind} field {source.name}"
                    raise NotSupportedError(what, source.pos, code="function-on-type")

    def _predicate(self, value: Value) -> Predicate:
        if isinstance(value, Logic):
            if value.op == "not":
                return _not(self._predicate(value.items[0]), value.pos)
            items = [self._predicate(item) for item in value.items]
            return (_all if value.op == "and" else _any)(items, value.pos)
        if isinstance(value, Comparison):
            return self._comparison(value)
        if isinstance(value, Call):
            return self._call(value)
        if isinstance(value, IsNull):
            return _null_test(value)
        if isinstance(value, FieldValue):
            return self._boolean_field(value)
        if isinstance(value, Literal_) and (value.value is None or isinstance(value.value, bool)):
            return Constant(value.value is True, pos=value.pos)
        raise _no_condition(value)

    def _boolean_field(self, field: FieldValue) -> Predicate:
        kind = self.type_of(field.name)
        if kind in _TYPED and kind != "boolean":
            raise QuerySyntaxError(
                f"a condition is needed here; found the {kind} field {field.name}", field.pos
            )
        return Equals(field.name, True, pos=field.pos)

    def _comparison(self, value: Comparison) -> Predicate:
        for side in (value.left, value.right):
            _check_value(side, value)
        left, right = value.left, value.right
        if value.op == "rlike" and isinstance(right, Literal_):
            check_regex(str(right.value), right.pos)
        if value.op == "!=":
            return _not(self._comparison(_with_op(value, "==")), value.pos)
        if isinstance(left, FieldValue) and isinstance(right, Literal_) and right.value is not None:
            return self._leaf(left.name, value, right.value)
        return Script(value, pos=value.pos)

    def _leaf(self, name: str, value: Comparison, constant: str | int | float | bool) -> Predicate:
        self._check_exact(name, value.left.pos)
        pos, ignore_case = value.pos, value.ignore_case and isinstance(constant, str)
        self._check_type(name, value, constant)
        if value.op == "rlike":
            return Regex(name, str(constant), "lucene", ignore_case, pos=pos)
        if value.op == "like":
            return _like(name, wildcard_pattern(str(constant)), ignore_case, pos)
        if value.op == "==":
            if isinstance(constant, str) and "/" in constant and self.type_of(name) == "ip":
                return in_network(name, constant, pos)
            return Equals(name, constant, ignore_case, pos=pos)
        assert value.op != "!="
        return Compare(name, value.op, constant, pos=pos)

    def _check_exact(self, name: str, pos: Position | None) -> None:
        """EQL asks for whole values, and Elasticsearch refuses fields of which it only has the words."""
        if self.type_of(name) in TEXT_TYPES:
            raise NotSupportedError(f"EQL on '{name}', a text field", pos, code="eql-text-field")

    def _check_type(self, name: str, value: Comparison, constant: Scalar) -> None:
        """A constant that the field cannot hold: Elasticsearch answers such a query with an error."""
        kind = self.type_of(name)
        if kind not in _TYPED:
            return
        if value.op in ("<", "<=", ">", ">="):
            range_(name, kind, value.op, constant, value.pos)
        elif value.op == "==":
            term(name, kind, constant, value.pos)
        elif constant != "*":  # which asks whether there is a value
            what = "regular expression" if value.op == "rlike" else "wildcard"
            raise NotSupportedError(f"{what} on the {kind} field {name}", value.pos, code="wildcard-on-type")

    def type_of(self, name: str) -> str:
        return self._field_types.get(name) or field_type(name)

    def _call(self, call: Call) -> Predicate:
        if not is_condition(call):
            raise _no_condition(call)
        source, *rest = call.arguments
        constants = [part.value for part in rest if isinstance(part, Literal_)]
        texts = [constant for constant in constants if isinstance(constant, str)]
        if not isinstance(source, FieldValue) or len(texts) != len(rest):
            return Script(call, pos=call.pos)
        self._check_exact(source.name, source.pos)
        if call.function == "cidrMatch":
            return _networks(source.name, texts, rest, call.pos)
        if call.function == "stringContains" and not texts[0]:
            return Constant(False, pos=call.pos)
        pattern: dict[str, tuple[str | Wild, ...]] = {
            "startsWith": (texts[0], Wild.ANY),
            "endsWith": (Wild.ANY, texts[0]),
            "stringContains": (Wild.ANY, texts[0], Wild.ANY),
        }
        pieces = tuple(piece for piece in pattern[call.function] if piece != "")
        return _like(source.name, pieces, call.ignore_case, call.pos)


def _parts(value: Value) -> Iterable[Value]:
    if isinstance(value, Logic):
        return value.items
    if isinstance(value, Call):
        return value.arguments
    if isinstance(value, Arithmetic | Comparison):
        return (value.left, value.right)
    return (value.item,) if isinstance(value, IsNull) else ()


def _with_op(value: Comparison, op: str) -> Comparison:
    assert op == "=="
    return Comparison("==", value.left, value.right, ignore_case=value.ignore_case, pos=value.pos)


def _like(name: str, pattern: tuple[str | Wild, ...], ignore_case: bool, pos: Position | None) -> Predicate:
    """A pattern without a wildcard is equality, `*` alone is presence."""
    if pattern == (Wild.ANY,):
        return Exists(name, pos=pos)
    if Wild.ANY not in pattern and Wild.ONE not in pattern:
        text = "".join(piece for piece in pattern if isinstance(piece, str))
        return Equals(name, text, ignore_case, pos=pos)
    return Like(name, pattern, ignore_case, pos=pos)


def _networks(name: str, blocks: list[str], sources: list[Value], pos: Position | None) -> Predicate:
    pairs = zip(blocks, sources, strict=True)
    return _any([in_network(name, block, source.pos) for block, source in pairs], pos)


def _null_test(value: IsNull) -> Predicate:
    if isinstance(value.item, FieldValue):
        return Not(Exists(value.item.name, pos=value.item.pos), pos=value.pos)
    return Script(value, pos=value.pos)


def _no_condition(value: Value) -> QuerySyntaxError:
    what = "a number or text" if not isinstance(value, Call) else f"{value.function}, which gives a value"
    return QuerySyntaxError(f"a condition is needed here; found {what}", value.pos)


def _check_value(value: Value, parent: Comparison) -> None:
    """A comparison of conditions is refused but for `==`, which scripts know."""
    if is_condition(value) and parent.op not in ("==", "!="):
        raise QuerySyntaxError("a condition has no order and no text to compare", value.pos)


def _not(item: Predicate, pos: Position | None) -> Predicate:
    if isinstance(item, Not):
        return item.item
    if isinstance(item, Constant):
        return Constant(not item.value, pos=pos)
    return Not(item, pos=pos)


def _all(items: Iterable[Predicate], pos: Position | None) -> Predicate:
    kept: list[Predicate] = []
    for item in items:
        if item == FALSE:
            return Constant(False, pos=pos)
        if isinstance(item, And):
            kept.extend(item.items)
        elif not isinstance(item, Constant):
            kept.append(item)
    if not kept:
        return Constant(True, pos=pos)
    return kept[0] if len(kept) == 1 else And(tuple(kept), pos=pos)


def _any(items: Iterable[Predicate], pos: Position | None) -> Predicate:
    kept: list[Predicate] = []
    for item in items:
        if isinstance(item, Constant):
            if item.value:
                return Constant(True, pos=pos)
        elif isinstance(item, Or):
            kept.extend(item.items)
        else:
            kept.append(item)
    if not kept:
        return Constant(False, pos=pos)
    return kept[0] if len(kept) == 1 else Or(tuple(kept), pos=pos)
