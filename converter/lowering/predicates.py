"""One record's predicate over ECS fields -> over one profile's fields, with what was given up.

What can't be said becomes FALSE where it stands: under a `not` an exclusion falls away (wider), elsewhere
an alternative does (narrower). Where nothing is left, the translation is refused with all the reasons.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterator, Sequence

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
from converter.ir.rewrite import conjunction, disjunction, leaf_fields, leaves, negation
from converter.ir.value import Value
from converter.lowering.assumed import of_leaf
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.objects import objects
from converter.lowering.conversions.registry import CONVERSIONS
from converter.lowering.conversions.told import unheld
from converter.lowering.expressions import Expressions
from converter.lowering.fidelity import Fidelity, Reason, flip
from converter.lowering.letters import cased
from converter.lowering.nulls import compared_fields, is_never_true, is_strict
from converter.lowering.pattern_scripts import for_sigma, with_text
from converter.lowering.recognise import holds
from converter.lowering.record_fields import RecordFields
from converter.regex import parse_regex
from converter.regex.width import least
from converter.taxonomy.model import Cell
from converter.taxonomy.open_names import OPEN

_NO_SCRIPT = "an expression over fields, which Sigma cannot say: the condition is left out"
_KEYWORD = (
    "a value searched in all fields: a Sigma keyword is also found inside of longer words, in what Elastic"
    " has in no field, and not in what only Elastic adds"
)


def lower_predicate(fields: RecordFields, predicate: Predicate, negated: bool = False) -> Predicate:
    """The predicate over the profile's fields; FALSE where nothing of it can be said. `negated`: it stands
    under a `not`."""
    if isinstance(predicate, And):
        return conjunction(_items(fields, predicate.items, negated, FALSE), predicate)
    if isinstance(predicate, Or):
        return disjunction(_items(fields, predicate.items, negated, TRUE), predicate)
    if isinstance(predicate, Not):
        return negation(lower_predicate(fields, predicate.item, not negated), predicate)
    if isinstance(predicate, Exists) and "*" in predicate.field and (names := _named(fields, predicate)):
        return disjunction(
            [lower_predicate(fields, Exists(name, pos=predicate.pos), negated) for name in names]
        )
    if isinstance(predicate, Script):
        predicate = _said(fields, predicate, negated)
    if isinstance(predicate, Constant):
        return predicate
    try:
        return _leaf(fields, predicate, negated)
    except Lost as lost:
        fields.note(lost.code, lost.message, Fidelity.NARROWER, leaf=predicate, negated=negated)
        fields.lost.append(fields.reasons[-1])
        return FALSE


def _items(
    fields: RecordFields, items: Sequence[Predicate], negated: bool, deciding: Constant
) -> list[Predicate]:
    """The items of a node that this constant decides: where one is it, what the others gave up is without
    effect, and all of it where one is so without loss."""
    start, start_lost = len(fields.reasons), len(fields.lost)
    lowered: list[Predicate] = []
    noted: list[list[Reason]] = []
    for item in items:
        before = len(fields.reasons)
        lowered.append(lower_predicate(fields, item, negated))
        noted.append(fields.reasons[before:])
    settling = [
        reasons
        for one, reasons in zip(lowered, noted, strict=True)
        if isinstance(one, Constant) and one.value is deciding.value
    ]
    if settling:
        kept = [reason for reasons in settling for reason in reasons] if all(settling) else []
        lost = [reason for reason in fields.lost[start_lost:] if reason in kept]
        fields.reasons[start:], fields.lost[start_lost:] = kept, lost
    return lowered


def _named(fields: RecordFields, leaf: Exists) -> list[str]:
    """The record's fields that a field name with a wildcard stands for (`process.hash.*`)."""
    names = (name for name in fields.record.cells if OPEN not in name)
    return [name for name in names if fnmatch.fnmatchcase(name, leaf.field)]


def _said(fields: RecordFields, script: Script, negated: bool) -> Predicate:
    """The script, or what says the same without one; a constant where Sigma has nothing that does."""
    said: Predicate = script if negated else with_text(script)
    if not isinstance(said, Script) or fields.profile.target != "sigma":
        return said
    found = for_sigma(said, negated, fields.record.lists)
    if found is None:
        fields.note("sigma-script", _NO_SCRIPT, Fidelity.WIDER, leaf=said)
        return Constant(not negated)
    said, more = found
    if more is not None:
        fields.note("sigma-script", more, Fidelity.WIDER, leaf=said)
    return said


def _leaf(fields: RecordFields, leaf: Predicate, negated: bool) -> Predicate:
    """One leaf over the profile's fields. Raises Lost where it can't be said."""
    match leaf:
        case Script(expression=expression):
            value = Expressions(fields, lower_predicate).value(expression)
            if is_never_true(value):
                return FALSE
            return conjunction((*_there(fields, expression), dataclasses.replace(leaf, expression=value)))
        case AnyField():
            if fields.profile.target != "sigma":
                raise Lost("bare-value", "a value searched in all fields")
            directions = Fidelity.WIDER, Fidelity.NARROWER
            fields.note("bare-value", _KEYWORD, *directions, leaf=leaf, negated=negated)
            return leaf
        case Nested(path=path):
            cell = fields.record.cell(path, fields.profile.name)
            if cell is None or cell.conversion != "objects":
                raise Lost("nested", f"one object of {path} must satisfy several conditions")
            return objects(leaf, Context(fields.record, cell, fields.taxonomy.maps, "keyword"))
        case Between(field=name):
            ends = Compare(name, leaf.low_op, leaf.low), Compare(name, leaf.high_op, leaf.high)
            return lower_predicate(fields, And(ends), negated)
        case Like():
            leaf = _plain(leaf)
    return _on_one_field(fields, leaf, negated)


def _there(fields: RecordFields, expression: Value) -> Iterator[Predicate]:
    """That a field is there, of which the log has something else where it is not (a word for an address): an
    expression of ES|QL is null then, and not so one over what the log has."""
    for name in dict.fromkeys(compared_fields(expression)) if is_strict(expression) else ():
        cell = fields.cell(name)
        if cell is not None:
            found = CONVERSIONS[cell.conversion](Exists(name), _context(fields, name, cell))
            if not isinstance(found, Exists | Constant | Approximation):
                yield found


def _context(fields: RecordFields, name: str, cell: Cell) -> Context:
    return Context(fields.record, cell, fields.taxonomy.maps, fields.field_type(name))


def _on_one_field(fields: RecordFields, leaf: Predicate, negated: bool) -> Predicate:
    """A leaf about one field, as the field's conversion says. Raises Lost where it can't be said."""
    name = next(iter(leaf_fields(leaf)))
    cell = fields.cell(name)
    if cell is None:
        if fields.lacks(name):
            return FALSE
        raise fields.unmapped(name)
    leaf = cased(fields, leaf, cell, negated)
    context = _context(fields, name, cell)
    found = CONVERSIONS[cell.conversion](leaf, context)
    if cell.conversion == "told" and unheld(leaf, context, negated):
        message = f"{cell.field} tells not all of the values that are asked"
        fields.note("unmapped-value", message, Fidelity.NARROWER, leaf=leaf)
        if found == FALSE and not negated:
            fields.lost.append(fields.reasons[-1])
    if not isinstance(found, Approximation):
        fields.assumed.extend(of_leaf(leaf, name, cell, fields.record))
        lowered = found if negated else _among_constants(fields, found, name)
    elif negated and found.direction is Fidelity.WIDER and _loose(found, cell):
        fields.note(found.code, found.message, found.direction, leaf=leaf)
        return FALSE
    else:
        lowered = _nearly(fields, found, leaf, negated)
    if fields.profile.target == "kql" and any(map(_takes_empty, leaves(lowered))):
        message = f"a missing {name} is an empty one here, which the condition takes"
        fields.note("empty-or-missing", message, Fidelity.WIDER, leaf=leaf, negated=negated)
    return lowered


def _among_constants(fields: RecordFields, leaf: Predicate, name: str) -> Predicate:
    """The leaf; FALSE where it is on a field by which the profile knows the record, and takes none of the
    values that the field has there. Raises Lost where no record like this has such a value."""
    if not isinstance(leaf, Equals | Like | Regex):
        return leaf
    own, profile = fields.record, fields.profile.name
    constants = own.shapes[profile].where.get(leaf.field, ())
    if not constants or any(holds(leaf, value) for value in constants):
        return leaf
    kin = (one.shapes.get(profile) for one in fields.taxonomy.records if one.family == own.family)
    if any(holds(leaf, value) for shape in kin if shape for value in shape.where.get(leaf.field, ())):
        return FALSE
    raise Lost("unmapped-value", f"{leaf.field}, by which {name} is told, has no such value in {own.title}")


def _nearly(fields: RecordFields, nearly: Approximation, leaf: Predicate, negated: bool) -> Predicate:
    """What is nearly the leaf, and noted as such."""
    fields.note(nearly.code, nearly.message, nearly.direction, leaf=leaf, negated=negated)
    if nearly.predicate == FALSE and nearly.direction is Fidelity.NARROWER:
        fields.lost.append(fields.reasons[-1])
    if nearly.both:
        fields.note(nearly.code, nearly.message, flip(nearly.direction), leaf=leaf, negated=negated)
    return nearly.predicate


def _loose(nearly: Approximation, cell: Cell) -> bool:
    """Whether it takes so much more than the leaf that an exclusion of it would leave next to nothing."""
    return nearly.predicate == TRUE or cell.conversion == "values"


def _takes_empty(leaf: Predicate) -> bool:
    match leaf:
        case Equals(value=value):
            return value == ""
        case Like(pattern=pattern):
            return all(piece is Wild.ANY or piece == "" for piece in pattern)
        case Regex(pattern=expression, dialect=dialect):
            return least(parse_regex(expression, dialect)) == 0 and bool(holds(leaf, ""))
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
