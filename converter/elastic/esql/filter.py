"""Conditions of ES|QL as two-valued predicates.

ES|QL's logic has three values: `not (f == "v")` is null, so no match, where `f` is missing. A predicate's
`Not` is the complement. So a condition is asked twice, once where it is true and once where it is false, and
`not` changes one question into the other until it reaches the leaves.

One difference is left: ES|QL compares a field that has **several** values to null, a leaf holds if **any** of
them satisfies it. What must be exact on arrays is for the pipeline's own evaluator.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeAlias, TypeGuard

from converter.elastic.dates import date_span
from converter.elastic.fuzzy import fuzzy_match, is_fuzzy
from converter.elastic.networks import in_network
from converter.elastic.queries import FieldType, Pattern, all_of, any_of, pattern_of
from converter.elastic.queries import match as match_query
from converter.elastic.types import NUMBER_TYPES
from converter.elastic.types import field_type as ecs_type
from converter.ir import (
    FALSE,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Predicate,
    Regex,
    Scalar,
    Script,
    Wild,
)
from converter.ir.value import Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.late import late

Truth: TypeAlias = bool
"""Which of the two questions: whether the condition is true, or whether it is false."""

MAX_BRANCHES = 20
"""A `case` with more branches stays a script: each branch repeats the conditions before it."""

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE: dict[str, Literal["<", "<=", ">", ">="]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ODD_RANGE = late(r"(?<!\\)\[[^\]]*?(?![0-9]-[0-9]|[a-z]-[a-z])[^\\\[]-[^\]][^\]]*\]")
_ESCAPED = late(r"\\.", re.DOTALL)


def to_predicate(condition: Value, field_type: FieldType = ecs_type) -> Predicate:
    """The predicate that holds where the condition is true (not where it is false or null).

    A comparison of a field with a constant becomes a leaf, also through `to_lower`, `to_upper`, conversions
    to the type that the field has, `coalesce` with a constant, and `case`; all else becomes a `Script`.
    """
    return _Condition(field_type).holds(condition, True)


class _Condition:
    def __init__(self, field_type: FieldType) -> None:
        self.field_type = field_type

    def holds(self, value: Value, truth: Truth) -> Predicate:
        """Where the condition is true, or where it is false."""
        match value:
            case Literal_(constant):
                return Constant(constant is truth)
            case Logic("not", (item,)):
                return self.holds(item, not truth)
            case Logic(op, items):
                join = all_of if (op == "and") == truth else any_of
                return join([self.holds(item, truth) for item in items], value.pos)
            case FieldValue(name):
                return Equals(name, truth, pos=value.pos)
            case IsNull(item):
                return self.is_null(value, item, truth)
            case Comparison():
                return self.comparison(value, truth)
            case Call():
                return self.call(value, truth)
            case _:
                return _script(value, truth)

    def is_null(self, value: IsNull, item: Value, truth: Truth) -> Predicate:
        if (field := self.field(item)) is not None:
            present = Exists(field, pos=value.pos)
            return Not(present, pos=value.pos) if truth else present
        if isinstance(item, Literal_):
            return Constant((item.value is None) is truth)
        if _is_case(item):
            return self.branches(item, lambda branch: self.holds(IsNull(branch, pos=value.pos), truth), truth)
        return _script(value, truth)

    def comparison(self, value: Comparison, truth: Truth) -> Predicate:
        left, right, op = value.left, value.right, value.op
        if isinstance(left, Literal_) and not isinstance(right, Literal_) and op in _FLIPPED:
            flipped = Comparison(_FLIPPED[op], right, left, pos=value.pos)  # type: ignore[arg-type]
            return self.comparison(flipped, truth)
        if not isinstance(right, Literal_):
            return _script(value, truth)
        if right.value is None:
            return FALSE
        if op == "!=":
            return self.comparison(Comparison("==", left, right, pos=value.pos), not truth)
        if _is_case(left):

            def branch_test(branch: Value) -> Predicate:
                return self.holds(Comparison(op, branch, right, pos=value.pos), truth)

            return self.branches(left, branch_test, None)
        if isinstance(left, Call) and left.function == "coalesce":
            return self.coalesced(value, left, right, truth)
        if isinstance(left, Literal_):
            return _script(value, truth) if op != "==" else Constant((left.value == right.value) is truth)
        return self.leaf(value, left, right.value, truth)

    def leaf(self, value: Comparison, left: Value, constant: Scalar, truth: Truth) -> Predicate:
        """A field, or its text in one case, compared with a constant."""
        case, field = None, self.field(left)
        if isinstance(left, Call) and left.function in ("to_lower", "to_upper") and len(left.arguments) == 1:
            case, field = left.function, self.field(left.arguments[0])
        if field is None or (
            case and (not isinstance(constant, str) or value.op not in ("==", "like", "rlike"))
        ):
            return _script(value, truth)
        if value.op in ("<", "<=", ">", ">="):
            op = value.op if truth else _OPPOSITE[value.op]
            return Compare(field, op, self.constant(field, constant), pos=value.pos)
        if value.op == "==":
            if case and constant != _in_case(str(constant), case):
                test: Predicate = FALSE
            else:
                test = Equals(field, self.constant(field, constant), bool(case), pos=value.pos)
        elif value.op == "like":
            pattern = pattern_of(str(constant))
            changed = any(isinstance(part, str) and case and part != _in_case(part, case) for part in pattern)
            test = FALSE if changed else Like(field, pattern, bool(case), pos=value.pos)
        elif case and not _is_caseless(str(constant), case):
            return _script(value, truth)
        else:
            test = Regex(field, str(constant), "lucene", bool(case), pos=value.pos)
        return _present_and(field, test, truth)

    def constant(self, field: str, constant: Scalar) -> Scalar:
        """A date is an instant here: its missing parts are their first, whatever the operator."""
        if isinstance(constant, str) and self.field_type(field) in ("date", "date_nanos"):
            span = date_span(constant)
            return span[0] if span else constant
        return constant

    def field(self, value: Value) -> str | None:
        """The field that the value is, also through a conversion that changes nothing."""
        if isinstance(value, FieldValue):
            return value.name
        if isinstance(value, Call) and len(value.arguments) == 1:
            name = self.field(value.arguments[0])
            if name is not None and self.field_type(name) in _SAME_TYPE.get(value.function, ()):
                return name
        return None

    def branches(self, case: Call, test: Callable[[Value], Predicate], missing: bool | None) -> Predicate:
        """Each branch where its condition is the first true one; `missing` is the answer for no branch."""
        *pairs, last = case.arguments if len(case.arguments) % 2 else (*case.arguments, None)
        earlier: list[Predicate] = []
        found: list[Predicate] = []
        for condition, branch in zip(pairs[::2], pairs[1::2], strict=True):
            assert condition is not None and branch is not None
            holds = self.holds(condition, True)
            found.append(all_of([*earlier, holds, test(branch)], case.pos))
            earlier.append(Not(holds, pos=case.pos))
        otherwise = Constant(bool(missing)) if last is None else test(last)
        found.append(all_of([*earlier, otherwise], case.pos))
        return any_of(found, case.pos)

    def coalesced(self, value: Comparison, left: Call, right: Literal_, truth: Truth) -> Predicate:
        """`coalesce(f, "x") == "y"`: the field where it is present, else the constant."""
        first, *others = left.arguments
        inner = first
        if isinstance(first, Call) and first.function in ("to_lower", "to_upper"):
            inner = first.arguments[0]
        field = self.field(inner)
        if field is None or len(others) != 1 or not isinstance(others[0], Literal_):
            return _script(value, truth)
        otherwise = self.comparison(Comparison(value.op, others[0], right, pos=value.pos), truth)
        if isinstance(otherwise, Script):
            return _script(value, truth)
        present = self.comparison(Comparison(value.op, first, right, pos=value.pos), truth)
        absent = Not(Exists(field, pos=value.pos), pos=value.pos)
        return any_of([present, all_of([absent, otherwise], value.pos)], value.pos)

    def query(self, function: str, text: str) -> Predicate:
        """A query of another language, whose reader is loaded for it."""
        if function == "kql":
            from converter.elastic.kuery import parse_kuery

            return parse_kuery(text, field_type=self.field_type)
        from converter.elastic.lucene import parse_lucene

        return parse_lucene(text, field_type=self.field_type)

    def call(self, value: Call, truth: Truth) -> Predicate:
        first = value.arguments[0] if value.arguments else None
        texts = [item.value for item in value.arguments if isinstance(item, Literal_)]
        if _is_case(value):
            return self.branches(value, lambda branch: self.holds(branch, truth), None)
        if value.function in ("kql", "qstr") and len(texts) == len(value.arguments) == 1:
            return _complement(self.query(value.function, str(texts[0])), truth, value)
        field = None if first is None else self.field(first)
        if field is not None and is_fuzzy(value):
            fuzzy = fuzzy_match(field, self.field_type(field), value, value.pos)
            return _script(value, truth) if fuzzy is None else _complement(fuzzy, truth, value)
        if (
            field is None
            or len(texts) != len(value.arguments) - 1
            or not all(isinstance(t, str) for t in texts)
        ):
            return _script(value, truth)
        if value.function in ("match", "match_phrase") and len(texts) == 1:
            phrase = value.function == "match_phrase"
            test = match_query(field, self.field_type(field), str(texts[0]), value.pos, phrase=phrase)
            return _complement(test, truth, value)
        if value.function == "cidr_match" and texts:
            networks = [in_network(field, str(text), value.pos) for text in texts]
            return _present_and(field, any_of(networks, value.pos), truth)
        if value.function in _AFFIXES and len(texts) == 1:
            before, after = _AFFIXES[value.function]
            pattern: Pattern = (*before, str(texts[0]), *after) if texts[0] else (Wild.ANY,)
            return _present_and(field, Like(field, pattern, pos=value.pos), truth)
        return _script(value, truth)


_AFFIXES: dict[str, tuple[tuple[Wild, ...], tuple[Wild, ...]]] = {
    "starts_with": ((), (Wild.ANY,)),
    "ends_with": ((Wild.ANY,), ()),
    "contains": ((Wild.ANY,), (Wild.ANY,)),
}

_STRINGS = frozenset({"keyword", "wildcard", "constant_keyword", "text", "match_only_text", "flattened"})
_SAME_TYPE: dict[str, frozenset[str]] = {
    "to_string": _STRINGS,
    "to_ip": frozenset({"ip"}),
    "to_boolean": frozenset({"boolean"}),
    "to_datetime": frozenset({"date"}),
    "to_long": frozenset({"long", "integer", "short", "byte"}),
    "to_double": NUMBER_TYPES - {"long", "integer", "short", "byte", "unsigned_long"},
}
"""Conversions, with the types that they leave as they are."""


def _is_case(value: Value) -> TypeGuard[Call]:
    """Whether a value is a `case` of few enough branches to be written out."""
    if not isinstance(value, Call) or value.function != "case":
        return False
    return 2 <= len(value.arguments) <= 2 * MAX_BRANCHES


def _present_and(field: str, test: Predicate, truth: Truth) -> Predicate:
    """A comparison is true where it holds, false where the field is there and it does not hold."""
    if truth:
        return test
    present = Exists(field, pos=test.pos)
    if isinstance(test, Constant):
        return FALSE if test.value else present
    return all_of([present, Not(test, pos=test.pos)], test.pos)


def _complement(test: Predicate, truth: Truth, value: Value) -> Predicate:
    """A full-text query is never null: it is false where it does not hold."""
    return test if truth else Not(test, pos=value.pos)


def _script(value: Value, truth: Truth) -> Predicate:
    return Script(value if truth else Logic("not", (value,), pos=value.pos), pos=value.pos)


def _in_case(text: str, case: str) -> str:
    return text.lower() if case == "to_lower" else text.upper()


def _is_caseless(pattern: str, case: str) -> bool:
    """Whether a pattern over text in one case finds the same as the pattern with the case ignored.

    It does where no letter of the pattern is in the other case, and no range of a class holds a part of one.
    """
    letters = _ESCAPED.sub("", pattern)
    return letters == _in_case(letters, case) and _ODD_RANGE.search(pattern) is None
