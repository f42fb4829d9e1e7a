"""Expressions over ECS fields (of a script, of a pipeline's columns) -> over one profile's fields.

A condition inside of an expression is lowered as a predicate, which says more than a value does: whoever
lowers predicates hands in how (`predicates.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

from converter.elastic.types import parent_field
from converter.frozen import dataclass
from converter.ir.predicate import Predicate
from converter.ir.value import Call, Comparison, FieldValue, Holds, IsNull, Literal_, Logic, Value
from converter.lowering.conversions.base import Lost
from converter.lowering.conversions.java_text import MESSAGE, in_json
from converter.lowering.esql_columns import Column
from converter.lowering.fidelity import Fidelity, Reason, flip
from converter.lowering.keys import key_field
from converter.lowering.kinds import kind_of
from converter.lowering.nulls import is_strict
from converter.lowering.recognise import in_record
from converter.lowering.record_fields import RecordFields
from converter.lowering.scripts import common, in_target, map_children, map_fields
from converter.lowering.settle import settle

LowerPredicate: TypeAlias = Callable[[RecordFields, Predicate], Predicate]


@dataclass(frozen=True)
class Expressions:
    """Lowers expressions over the record's fields; `predicate` is how a condition among them is lowered,
    `first` how it shows that of a list the first item is taken; not so of the fields `single`, of which the
    original takes no event with several values."""

    fields: RecordFields
    predicate: LowerPredicate
    first: tuple[Fidelity, ...] = (Fidelity.WIDER, Fidelity.NARROWER)
    single: frozenset[str] = frozenset()

    def column(self, column: Column) -> Value:
        """A pipeline's column over the profile's fields. Raises Lost where it can't be said."""
        if column.identity and isinstance(column.value, FieldValue):
            cell = self.fields.cell(column.value.name)
            if cell is not None and cell.conversion in ("key", "joined"):
                key_field(self.fields, column.value.name)
                held = FieldValue(cell.field, pos=column.value.pos)
                if cell.conversion == "key":
                    return held
                parts = (held, Literal_("/"), FieldValue(cell.argument))
                return Call("concat", parts, pos=column.value.pos, language="esql")
        if column.identity and isinstance(column.value, FieldValue):  # values, and groups, less are left
            return dataclasses.replace(self, first=(Fidelity.NARROWER,))._field(column.value)
        return self._branch(common(column.value))

    def value(self, value: Value) -> Value:
        """An expression over the profile's fields, which a predicate holds with. Raises Lost where it can't
        be said."""
        if self.fields.profile.target == "sigma":
            return map_fields(value, self._field)
        inner = dataclasses.replace(self, first=(Fidelity.WIDER,)) if is_strict(value) else self
        return inner._over_target(common(value))

    def _over_target(self, value: Value) -> Value:
        """Field by field, but the conditions of a `case` as predicates, which say more."""
        if isinstance(value, FieldValue):
            return self._field(value)
        if isinstance(value, Call) and value.function == "case":
            whole = len(value.arguments) - len(value.arguments) % 2
            arguments = tuple(
                self._condition(item) if place < whole and place % 2 == 0 else self._branch(item)
                for place, item in enumerate(value.arguments)
            )
            return dataclasses.replace(value, arguments=arguments)
        if isinstance(value, Call) and value.function == "$capture":
            return self._capture(value)
        return map_children(value, self._over_target if _takes_lists(value) else self._operand)

    def _operand(self, value: Value) -> Value:
        """What is compared or computed with: of a field that the log has as a list, the first item. The list
        itself is nothing that Splunk compares."""
        found = self._over_target(value)
        if (
            not isinstance(value, FieldValue)
            or not isinstance(found, FieldValue)
            or self.fields.profile.target != "splunk"
        ):
            return found
        if value.name not in self.fields.record.lists:
            return found
        self._note_first(value, found.name)
        return Call("mv_first", (found,), pos=value.pos, language="esql")

    def _note_first(self, value: FieldValue, name: str) -> None:
        message = f"of the list {name}, the first item is taken for {value.name}"
        for direction in (Fidelity.WIDER,) if value.name in self.single else self.first:
            self.fields.reasons.append(Reason("list-first", message, direction, value.name, value.pos))

    def _capture(self, value: Call) -> Value:
        """A part of a text; in an object's text, what its JSON has in its place."""
        source, pattern = value.arguments
        cell = self.fields.cell(source.name) if isinstance(source, FieldValue) else None
        if cell is None or cell.conversion != "java_map":
            return map_children(value, self._over_target)
        assert isinstance(pattern, Literal_) and isinstance(source, FieldValue)
        for direction in (Fidelity.WIDER, Fidelity.NARROWER):
            self.fields.reasons.append(Reason("object-text", MESSAGE, direction, source.name, value.pos))
        arguments = (FieldValue(cell.field, pos=source.pos), Literal_(in_json(str(pattern.value), "pcre")))
        return dataclasses.replace(value, arguments=arguments)

    def _branch(self, value: Value) -> Value:
        """A value; a condition becomes the boolean that it gives."""
        tests = isinstance(value, Call) and value.function != "case" and kind_of(value, {}) == "boolean"
        if not tests and not isinstance(value, Comparison | Logic | IsNull):
            return self._over_target(value)
        yes, no = self._condition(value), self._condition(Logic("not", (value,), pos=value.pos))
        return Call("case", (yes, Literal_(True), no, Literal_(False)), pos=value.pos, language="esql")

    def _condition(self, condition: Value) -> Holds:
        """Where a condition is true. What it loses can count for an alert or against it."""
        from converter.elastic.esql.filter import to_predicate  # with the reader of ES|QL's conditions

        fields = self.fields
        asked = in_record(
            to_predicate(condition, fields.field_type), fields.record, fields.taxonomy.selectors
        )
        settled, assumed = settle(asked, fields.record, fields.profile.name, fields.taxonomy)
        inner = fields.apart(assumed)
        predicate = self.predicate(inner, settled)
        if inner.lost:
            raise Lost(inner.lost[0].code, inner.lost[0].message)
        for reason in inner.reasons:
            fields.reasons += [reason, dataclasses.replace(reason, direction=flip(reason.direction))]
        return Holds(predicate, pos=condition.pos)

    def _field(self, value: FieldValue) -> Value:
        """A field's value; a constant where every event of the record has the same, or none has one."""
        fields, target = self.fields, self.fields.profile.target
        if value.name == "@timestamp" and target != "sigma":
            return Call("to_datetime", (FieldValue(self._time(), pos=value.pos),), language="esql")
        cell = fields.cell(value.name)
        if cell is None:
            return self._unheld(value)
        if target == "sigma":
            if cell.conversion != "same":
                message = f"a function of {value.name}, of which the target holds only {cell}"
                raise Lost("derived-field", message)
            return dataclasses.replace(value, name=cell.field)
        kind = fields.field_type(value.name)
        if target == "splunk" and kind in ("date", "date_nanos"):
            raise Lost("derived-field", f"{value.name} as a moment in time")
        if cell.conversion == "items" and not cell.argument:
            self._note_first(value, cell.field)
        return in_target(value, cell, fields.record, fields.taxonomy.maps, kind)

    def _unheld(self, value: FieldValue) -> Value:
        """What stands for a field that the profile does not hold. Raises Lost where nothing does."""
        constants = self.fields.record.when.get(value.name, ())
        if len(constants) == 1:
            return Literal_(constants[0], pos=value.pos)
        if self.fields.lacks(value.name):
            return Literal_(None, pos=value.pos)
        if (whole := parent_field(value.name)) is not None:
            return self._field(dataclasses.replace(value, name=whole))
        raise self.fields.unmapped(value.name)

    def _time(self) -> str:
        """The field of when it happened."""
        if self.fields.profile.target == "splunk":
            return "_time"
        return self.fields.record.shapes[self.fields.profile.name].time or "TimeGenerated"


def _takes_lists(value: Value) -> bool:
    """Whether what stands in it may be a list: whether there is any value, and functions of several."""
    if isinstance(value, Call):
        return value.function.startswith("mv_") or value.function in ("coalesce", "case")
    return isinstance(value, IsNull | Logic)
