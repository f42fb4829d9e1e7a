"""One record's predicate over ECS fields -> over one profile's fields, with what was given up.

What can't be said becomes FALSE where it stands: under a `not` an exclusion falls away (wider), elsewhere
an alternative does (narrower). Where nothing is left, the translation is refused with all the reasons.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from converter.elastic.esql.filter import to_predicate
from converter.elastic.types import parent_field
from converter.ir.predicate import (
    FALSE,
    TRUE,
    And,
    AnyField,
    Between,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Nested,
    Not,
    Or,
    Predicate,
    Regex,
    Script,
    Wild,
)
from converter.ir.rewrite import conjunction, decided, disjunction, leaf_fields, leaves, negation
from converter.ir.value import Call, Comparison, FieldValue, Holds, IsNull, Literal_, Logic, Value
from converter.lowering.assumed import of_key, of_leaf
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.java_text import MESSAGE, in_json
from converter.lowering.conversions.objects import objects
from converter.lowering.conversions.pieces import escape
from converter.lowering.conversions.registry import CONVERSIONS
from converter.lowering.conversions.values import named_account
from converter.lowering.esql_columns import Column
from converter.lowering.fidelity import Assumption, Fidelity, Reason, flip
from converter.lowering.kinds import kind_of
from converter.lowering.pattern_scripts import for_sigma, with_text
from converter.lowering.recognise import holds, in_record
from converter.lowering.scripts import common, in_target, is_never_true, map_children, map_fields
from converter.lowering.settle import settle
from converter.taxonomy.model import OPEN, Cell, Profile, Record, Taxonomy

FieldType = Callable[[str], str]
_NO_SCRIPT = "an expression over fields, which Sigma cannot say: the condition is left out"
_NEARLY = {
    "before": "of which it is only a part",
    "after": "of which it is only a part",
    "until": "of which it is only a part",
    "beyond": "of which it is only a part",
    "filled": "which is a dash where there is none",
    "encoded": "which is encoded, and a dash where there is none",
    "java_map": "which writes the same object in the order of its keys",
    "other_database": "which is from the log's own database of networks",
    "one_or_items": "where an array is one value",
}
"""Conversions whose field groups nearly alike, and how it differs."""


@dataclass
class FieldLowering:
    """Lowers predicates of one record into one profile, and collects the reasons; `lost` are those of leaves
    that could not be said at all, `assumed` what is taken for granted.

    `elsewhere`: fields that other records of the same detection have; an event of this record never
    has them, so that a leaf on one is false without loss.
    """

    record: Record
    profile: Profile
    taxonomy: Taxonomy
    field_type: FieldType
    elsewhere: frozenset[str] = frozenset()
    reasons: list[Reason] = field(default_factory=list)
    lost: list[Reason] = field(default_factory=list)
    assumed: list[Assumption] = field(default_factory=list)

    def predicate(self, predicate: Predicate, negated: bool = False) -> Predicate:
        """The predicate over the profile's fields; FALSE where nothing of it can be said."""
        if isinstance(predicate, And):
            return conjunction(self._items(predicate.items, negated, FALSE), predicate)
        if isinstance(predicate, Or):
            return disjunction(self._items(predicate.items, negated, TRUE), predicate)
        if isinstance(predicate, Not):
            return negation(self.predicate(predicate.item, not negated), predicate)
        if isinstance(predicate, Constant):
            return predicate
        if isinstance(predicate, Exists) and "*" in predicate.field and (names := self._named(predicate)):
            return disjunction([self.predicate(Exists(name, pos=predicate.pos), negated) for name in names])
        if isinstance(predicate, Script) and not negated:
            predicate = with_text(predicate)
        if isinstance(predicate, Script) and self.profile.target == "sigma":
            said = for_sigma(predicate, negated, self.record.lists)
            if said is None:
                self._note("sigma-script", _NO_SCRIPT, Fidelity.WIDER, predicate)
                return Constant(not negated)
            predicate, more = said
            if more is not None:
                self._note("sigma-script", more, Fidelity.WIDER, predicate)
        try:
            return self._leaf(predicate, negated)
        except Lost as lost:
            self._note(lost.code, lost.message, Fidelity.NARROWER, predicate, negated)
            self.lost.append(self.reasons[-1])
            return FALSE

    def _items(self, items: Sequence[Predicate], negated: bool, deciding: Constant) -> list[Predicate]:
        """The items of a node that this constant decides: where one is it, what the others gave up is without
        effect, and all of it where one is so without loss."""
        start, start_lost = len(self.reasons), len(self.lost)
        lowered: list[Predicate] = []
        noted: list[list[Reason]] = []
        for item in items:
            before = len(self.reasons)
            lowered.append(self.predicate(item, negated))
            noted.append(self.reasons[before:])
        settling = [reasons for one, reasons in zip(lowered, noted, strict=True) if one == deciding]
        if settling:
            kept = [reason for reasons in settling for reason in reasons] if all(settling) else []
            lost = [reason for reason in self.lost[start_lost:] if reason in kept]
            self.reasons[start:], self.lost[start_lost:] = kept, lost
        return lowered

    def _named(self, leaf: Exists) -> list[str]:
        """The record's fields that a field name with a wildcard stands for (`process.hash.*`)."""
        names = (name for name in self.record.cells if OPEN not in name)
        return [name for name in names if fnmatch.fnmatchcase(name, leaf.field)]

    def called(self, ecs: str) -> tuple[str, None]:
        """The name of a field for a reader: that of the key, or its own where the profile has none."""
        found = dataclasses.replace(self, reasons=[], lost=[], assumed=[]).key(ecs)
        return (ecs if found is None else found[0]), None

    def key(self, ecs: str, present: bool = False) -> tuple[str, Cell | None] | None:
        """The name of a join or group-by field, with its cell where it must be computed from another field.

        None where the profile has none that tells the same apart. `present`: every event that counts has it.
        """
        cell = self._cell(ecs)
        if ecs in self.record.when and ecs not in self.record.cells:
            return None  # what tells the kind of event is in no log under that name
        if cell is None or cell.conversion == "values" or self.record.cell(ecs, self.profile.name) is None:
            account = self._account(ecs, cell)
            if account is not None or cell is None or cell.conversion == "values":
                return account
        self.assumed.extend(of_key(ecs, cell))
        if cell.conversion in ("same", "key", "renamed", "holding", "hive", "hexadecimal", "lowered"):
            return cell.field, None
        if (why := _NEARLY.get(cell.conversion)) is not None:
            for direction in (Fidelity.NARROWER, Fidelity.WIDER):
                self._note("similar-key", f"grouped by {cell.field}, {why}", direction, None)
            return cell.field, None
        if cell.conversion == "items":
            single = f"{cell.field}{cell.argument}First"
            if single not in self.record.shapes[self.profile.name].extend:
                return None
            for direction in (Fidelity.NARROWER, Fidelity.WIDER):
                self._note("first-items", f"grouped by the first item of {ecs} alone", direction, None)
            return single, None
        if cell.conversion == "address":
            if not present:
                message = f"{cell.field} can be a name instead of an address, where {ecs} is missing"
                self._note("name-or-address", message, Fidelity.WIDER, None)
            return cell.field, None
        if cell.conversion == "either":
            if self.profile.target == "sigma":
                message = f"grouped by {cell.field} alone, and not by {cell.argument}"
                self._note("sigma-key", message, Fidelity.NARROWER, None)
                return cell.field, None
            return f"{cell.field}_either".replace(".", "_"), cell
        if cell.conversion == "joined":
            message = (
                f"{ecs} is told by {cell.field} and {cell.argument}, which a later process can have again"
            )
            self._note("process-id-reuse", message, Fidelity.WIDER, None)
            return f"{cell.field}_{cell.argument}".replace(".", "_"), cell
        if self.profile.target == "sigma":
            message = f"grouped by {cell.field}, of which {ecs} is only a part"
            self._note("sigma-key", message, Fidelity.NARROWER, None)
            return cell.field, None
        if cell.conversion != "file_name":
            return None
        return f"{cell.field.replace('.', '_')}_name", cell

    def _account(self, ecs: str, cell: Cell | None) -> tuple[str, None] | None:
        """The name of the account that the field tells by its id, which groups nearly alike."""
        account = self._cell(named_account(ecs))
        if account is None or account == cell or account.conversion not in ("same", "file_name", "before"):
            return None
        for direction in (Fidelity.NARROWER, Fidelity.WIDER):
            message = f"grouped by {account.field}, the name of the account that {ecs} tells"
            self._note("similar-key", message, direction, None)
        return account.field, None

    def _leaf(self, leaf: Predicate, negated: bool) -> Predicate:
        if isinstance(leaf, Script):
            expression = self.value(leaf.expression)
            return FALSE if is_never_true(expression) else dataclasses.replace(leaf, expression=expression)
        if isinstance(leaf, AnyField):
            if self.profile.target != "sigma":
                raise Lost("bare-value", "a value searched in all fields")
            for direction in (Fidelity.WIDER, Fidelity.NARROWER):
                self._note("bare-value", _KEYWORD, direction, leaf, negated)
            return leaf
        if isinstance(leaf, Nested):
            cell = self.record.cell(leaf.path, self.profile.name)
            if cell is None or cell.conversion != "objects":
                raise Lost("nested", f"one object of {leaf.path} must satisfy several conditions")
            return objects(leaf, Context(self.record, cell, self.taxonomy.maps, "keyword"))
        if isinstance(leaf, Between):
            low, high = (
                Compare(leaf.field, leaf.low_op, leaf.low),
                Compare(leaf.field, leaf.high_op, leaf.high),
            )
            return self.predicate(And((low, high)), negated)
        if isinstance(leaf, Like):
            leaf = _plain(leaf)
        name = next(iter(leaf_fields(leaf)))
        cell = self._cell(name)
        if cell is None:
            if self._absent(name):
                return FALSE
            raise Lost("unmapped-field", self._unmapped(name))
        leaf = self._cased(leaf, cell, negated)
        context = Context(self.record, cell, self.taxonomy.maps, self.field_type(name))
        lowered = CONVERSIONS[cell.conversion](leaf, context)
        if isinstance(lowered, Approximation):
            if negated and lowered.direction is Fidelity.WIDER and _loose(lowered, cell):
                self._note(lowered.code, lowered.message, lowered.direction, leaf)
                return FALSE
            self._note(lowered.code, lowered.message, lowered.direction, leaf, negated)
            if lowered.predicate == FALSE and lowered.direction is Fidelity.NARROWER:
                self.lost.append(self.reasons[-1])
            if lowered.both:
                self._note(lowered.code, lowered.message, flip(lowered.direction), leaf, negated)
            lowered = lowered.predicate
        else:
            self.assumed.extend(of_leaf(leaf, name, cell, self.record))
        if self.profile.target == "kql" and any(map(_takes_empty, leaves(lowered))):
            message = f"a missing {name} is an empty one here, which the condition takes"
            self._note("empty-or-missing", message, Fidelity.WIDER, leaf, negated)
        return lowered

    def _cased(self, leaf: Predicate, cell: Cell, negated: bool) -> Predicate:
        """The leaf as far as the log tells the case of letters, of which Elastic ignores that of ASCII."""
        if not isinstance(leaf, Equals | Like | Regex):
            return leaf
        if not leaf.ignore_case:
            if cell.field not in self.record.shapes[self.profile.name].lower or not _letters(leaf):
                return leaf
            message = f"the log writes {cell.field} in lower case"
            self._note("letter-case", message, Fidelity.WIDER, leaf, negated)
            return dataclasses.replace(leaf, ignore_case=True)
        if _letters(leaf).isascii():
            return leaf
        if cell.conversion == "same" and not isinstance(leaf, Regex):
            return _in_either_case(leaf)
        message = "Elastic ignores the case of ASCII letters alone"
        self._note("letter-case", message, Fidelity.WIDER, leaf, negated)
        return leaf

    def _cell(self, ecs: str) -> Cell | None:
        cell = self.record.cell(ecs, self.profile.name)
        if cell is None and self.profile.target == "sigma" and "*" not in ecs and not self._absent(ecs):
            return Cell(ecs)
        return cell

    def _absent(self, ecs: str) -> bool:
        return ecs in self.elsewhere and ecs not in self.record.cells

    def _unmapped(self, ecs: str) -> str:
        return f"{ecs} has no counterpart in {self.profile.title}, {self.record.title}"

    def column(self, column: Column) -> Value:
        """A pipeline's column over the profile's fields. Raises Lost where it can't be said."""
        if column.identity and isinstance(column.value, FieldValue):
            cell = self._cell(column.value.name)
            if cell is not None and cell.conversion in ("key", "joined"):
                self.key(column.value.name)
                held = FieldValue(cell.field, pos=column.value.pos)
                if cell.conversion == "key":
                    return held
                parts = (held, Literal_("/"), FieldValue(cell.argument))
                return Call("concat", parts, pos=column.value.pos, language="esql")
        return self._branch(common(column.value))

    def value(self, value: Value) -> Value:
        """An expression over the profile's fields. Raises Lost where it can't be said."""
        if self.profile.target == "sigma":
            return map_fields(value, self._script_field)
        return self._over_target(common(value))

    def _over_target(self, value: Value) -> Value:
        """Field by field, but the conditions of a `case` as predicates, which say more."""
        if isinstance(value, FieldValue):
            return self._script_field(value)
        if isinstance(value, Call) and value.function == "case":
            whole = len(value.arguments) - len(value.arguments) % 2
            arguments = tuple(
                self._condition(item) if place < whole and place % 2 == 0 else self._branch(item)
                for place, item in enumerate(value.arguments)
            )
            return dataclasses.replace(value, arguments=arguments)
        if isinstance(value, Call) and value.function == "$capture":
            return self._capture(value)
        return map_children(value, self._over_target)

    def _capture(self, value: Call) -> Value:
        """A part of a text; in an object's text, what its JSON has in its place."""
        source, pattern = value.arguments
        cell = self._cell(source.name) if isinstance(source, FieldValue) else None
        if cell is None or cell.conversion != "java_map":
            return map_children(value, self._over_target)
        assert isinstance(pattern, Literal_) and isinstance(source, FieldValue)
        for direction in (Fidelity.WIDER, Fidelity.NARROWER):
            self.reasons.append(Reason("object-text", MESSAGE, direction, source.name, value.pos))
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
        asked = in_record(to_predicate(condition, self.field_type), self.record, self.taxonomy.selectors)
        settled, assumed = settle(asked, self.record, self.profile.name, self.taxonomy)
        inner = dataclasses.replace(self, reasons=list(assumed), lost=[])
        predicate = inner.predicate(settled)
        if inner.lost:
            raise Lost(inner.lost[0].code, inner.lost[0].message)
        for reason in inner.reasons:
            self.reasons += [reason, dataclasses.replace(reason, direction=flip(reason.direction))]
        return Holds(predicate, pos=condition.pos)

    def _script_field(self, value: FieldValue) -> Value:
        if value.name == "@timestamp" and self.profile.target != "sigma":
            return Call("to_datetime", (FieldValue(self._time(), pos=value.pos),), language="esql")
        cell = self._cell(value.name)
        if cell is None:
            constants = self.record.when.get(value.name, ())
            if len(constants) == 1:
                return Literal_(constants[0], pos=value.pos)
            if self._absent(value.name):
                return Literal_(None, pos=value.pos)
            if (whole := parent_field(value.name)) is not None:
                return self._script_field(dataclasses.replace(value, name=whole))
            raise Lost("unmapped-field", self._unmapped(value.name))
        if self.profile.target == "sigma":
            if cell.conversion != "same":
                message = f"a function of {value.name}, of which the target holds only {cell}"
                raise Lost("derived-field", message)
            return dataclasses.replace(value, name=cell.field)
        if self.profile.target == "splunk" and self.field_type(value.name) in ("date", "date_nanos"):
            raise Lost("derived-field", f"{value.name} as a moment in time")
        if cell.conversion == "items" and not cell.argument:
            for direction in (Fidelity.WIDER, Fidelity.NARROWER):
                message = f"of the list {cell.field}, the first item is taken for {value.name}"
                self.reasons.append(Reason("list-first", message, direction, value.name, value.pos))
        return in_target(value, cell, self.record, self.taxonomy.maps, self.field_type(value.name))

    def _time(self) -> str:
        """The field of when it happened."""
        if self.profile.target == "splunk":
            return "_time"
        return self.record.shapes[self.profile.name].time or "TimeGenerated"

    def _note(
        self, code: str, message: str, direction: Fidelity, leaf: Predicate | None, negated: bool = False
    ) -> None:
        name = next(iter(leaf_fields(leaf)), None) if leaf is not None else None
        position = leaf.pos if leaf is not None else None
        self.reasons.append(Reason(code, message, flip(direction) if negated else direction, name, position))


_KEYWORD = (
    "a value searched in all fields: a Sigma keyword is also found inside of longer words, in what Elastic"
    " has in no field, and not in what only Elastic adds"
)


def _loose(lowered: Approximation, cell: Cell) -> bool:
    """Whether it takes so much more than the leaf that an exclusion of it would leave next to nothing."""
    return lowered.predicate == TRUE or cell.conversion == "values"


def _letters(leaf: Equals | Like | Regex) -> str:
    """The letters that have another case."""
    match leaf:
        case Equals(value=value):
            text = value if isinstance(value, str) else ""
        case Like(pattern=pattern):
            text = "".join(piece for piece in pattern if isinstance(piece, str))
        case Regex(pattern=expression):
            text = expression
    if text.isascii():
        return "".join(filter(str.isalpha, text))
    return "".join(char for char in text if char.swapcase() != char)


def _in_either_case(leaf: Equals | Like) -> Regex:
    """The leaf with both cases of each ASCII letter spelled out: in Elastic the others have but one."""
    pieces = list(leaf.pattern) if isinstance(leaf, Like) else [str(leaf.value)]
    start, end = ("" if pieces[at] is Wild.ANY else sign for at, sign in ((0, "^"), (-1, "$")))
    wild = {Wild.ANY: r"[\s\S]*", Wild.ONE: r"[\s\S]"}
    text = "".join(
        wild[piece] if isinstance(piece, Wild) else "".join(map(_either_case, piece))
        for piece in pieces[not start : len(pieces) - (not end)]
    )
    return Regex(leaf.field, f"{start}{text}{end}", "pcre", pos=leaf.pos)


def _either_case(char: str) -> str:
    return f"[{char.lower()}{char.upper()}]" if char.isascii() and char.isalpha() else escape(char)


def _takes_empty(leaf: Predicate) -> bool:
    match leaf:
        case Equals(value=value):
            return value == ""
        case Like(pattern=pattern):
            return all(piece is Wild.ANY or piece == "" for piece in pattern)
        case Regex():
            return bool(holds(leaf, ""))
    return False


def _plain(leaf: Like) -> Predicate:
    """`**` is `*`, and a pattern of nothing else asks for presence."""
    pieces: list[str | Wild] = []
    for piece in leaf.pattern:
        if piece != "" and not (piece is Wild.ANY and pieces[-1:] == [Wild.ANY]):
            pieces.append(piece)
    if pieces == [Wild.ANY]:
        return Exists(leaf.field, pos=leaf.pos)
    if all(isinstance(piece, str) for piece in pieces):
        return Equals(leaf.field, "".join(map(str, pieces)), leaf.ignore_case, pos=leaf.pos)
    return dataclasses.replace(leaf, pattern=tuple(pieces))


def elsewhere(record: Record, records: Mapping[str, Record] | tuple[Record, ...]) -> frozenset[str]:
    """The fields that the other records have and this one lacks."""
    others = tuple(records.values()) if isinstance(records, Mapping) else records
    return _elsewhere(record, others)


@lru_cache(maxsize=2048)
def _elsewhere(record: Record, others: tuple[Record, ...]) -> frozenset[str]:
    return frozenset().union(*(other.cells for other in others)).difference(record.cells)


def held(
    spoken: Sequence[tuple[Record, Predicate]], needed: frozenset[str] = frozenset()
) -> list[tuple[Record, Predicate]]:
    """Without the records that have not a field that the rule needs (as its `needed` keys), though others
    have it."""
    records = tuple(record for record, _ in spoken)
    absent = {record.name: elsewhere(record, records) for record in records}
    able = [(record, rest) for record, rest in spoken if possible(rest, absent[record.name])] or list(spoken)
    return [(record, rest) for record, rest in able if needed.isdisjoint(absent[record.name])] or able


def possible(predicate: Predicate, absent: frozenset[str]) -> bool:
    """Whether an event can satisfy it that has none of these fields."""
    return not absent or (
        decided(predicate, lambda leaf: False if _asks_one_of(leaf, absent) else None) is not False
    )


def _asks_one_of(leaf: Predicate, names: frozenset[str]) -> bool:
    return not isinstance(leaf, Script) and not names.isdisjoint(leaf_fields(leaf))
