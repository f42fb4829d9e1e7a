"""Values that the target writes otherwise.

    user.id : "S-1-5-18"             ->  LogonId : "0x3e7"       (`LogonId|values(well_known_logon)`)
    network.direction : "ingress"    ->  Initiated : "false"     (`Initiated|enum(initiated)`)
    process.hash.sha256 : "ab..."    ->  Hashes : "*SHA256=ab...*"   (`Hashes|hash(SHA256)`)
    process.hash.sha256 : *          ->  sha256 : *                  (`Hashes|hash(SHA256:sha256)`)

`values` has a map with some of the field's values, `enum` one with all of them.
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import FALSE, Equals, Exists, Like, Predicate, Regex, Wild
from converter.ir.rewrite import disjunction, leaf_fields, negation
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.pieces import escape, pattern_of
from converter.lowering.fidelity import Fidelity
from converter.lowering.recognise import holds

_DIGITS = {"MD5": 32, "SHA1": 40, "SHA256": 64, "IMPHASH": 32}


def values(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """An equality by the map; a pattern by all the map's values that match, which may be fewer.

    A pattern that takes none of the map's values takes others: all others, as far as is known. So does the
    other one of two truth values. Raises Lost for a value that the map does not have.
    """
    if isinstance(leaf, Exists):
        return Exists(context.cell.field, pos=leaf.pos)
    found = _mapped(leaf, context)
    if found is FALSE and (not isinstance(leaf, Equals) or str(leaf.value).lower() in ("true", "false")):
        return _others(leaf, context)
    if isinstance(leaf, Equals):
        if found is FALSE:
            raise Lost("unmapped-value", f"{context.cell.field} has no value for {leaf.value!r}")
        return found
    return Approximation(
        found,
        Fidelity.NARROWER,
        "unmapped-value",
        f"only the values that {context.cell.field} is known to have for {leaf_text(leaf)}",
    )


def enum(leaf: Predicate, context: Context) -> Predicate:
    """By the map; a value that the map does not have is none that the field can take."""
    if isinstance(leaf, Exists):
        return Exists(context.cell.field, pos=leaf.pos)
    return _mapped(leaf, context)


def digest(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """One algorithm's value in Sysmon's `Hashes` ("MD5=...,SHA256=..."), in whole or by its beginning.

    `Hashes|hash(SHA256:sha256)`: a log that has the value in a field of its own too, which is asked for
    anything but a whole digest. Raises Lost for an expression over `Hashes`.
    """
    name = context.cell.field
    algorithm, _, own = context.cell.argument.partition(":")
    if own and not (isinstance(leaf, Equals) and len(str(leaf.value)) == _DIGITS[algorithm]):
        return _own(leaf, own)
    first, *rest = (Wild.ANY,) if isinstance(leaf, Exists) else pattern_of(leaf)
    if first is Wild.ANY and not rest:
        first, rest = "", [Wild.ANY]
    if not isinstance(first, str) or rest not in ([], [Wild.ANY]):
        raise Lost("derived-field", "a hash by its middle or its end, in a list of hashes")
    if not rest and len(first) != _DIGITS[algorithm]:
        whole = f"(?:^|,){algorithm}={escape(first)}(?:,|$)"
        return Regex(name, whole, dialect="pcre", ignore_case=True, pos=leaf.pos)
    found = Like(name, (Wild.ANY, f"{algorithm}={first}", Wild.ANY), ignore_case=True, pos=leaf.pos)
    if isinstance(leaf, Equals) and not leaf.ignore_case and first != first.lower():
        message = f"a digest in capitals, in {name} in either case; Elastic's are in lower case"
        return Approximation(found, Fidelity.WIDER, "letter-case", message)
    return found


def _own(leaf: Predicate, name: str) -> Predicate:
    """The leaf on a field that holds the digest alone, in either case of letters. Raises Lost for order."""
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    if isinstance(leaf, Equals | Like | Regex):
        return dataclasses.replace(leaf, field=name, ignore_case=True)
    raise Lost("derived-field", f"{type(leaf).__name__.lower()} on a digest")


def _others(leaf: Predicate, context: Context) -> Approximation:
    """None of the values that the map knows, since the leaf takes none of them."""
    name = context.cell.field
    known = dict.fromkeys(context.maps[context.cell.argument].values())
    return Approximation(
        negation(disjunction(_word(leaf, target, context) for target in known)),
        Fidelity.WIDER,
        "unmapped-value",
        f"any value that {name} is not known to have for others than {leaf_text(leaf)}",
    )


def named_account(ecs: str) -> str:
    """The field with the name of the account that the field has by its id; the field itself, if none.

    >>> named_account("process.parent.user.id")
    'process.parent.user.name'
    """
    return f"{ecs.removesuffix('id')}name" if ecs.endswith("user.id") else ecs


def leaf_text(leaf: Predicate) -> str:
    """The value or pattern of a leaf, to show in a message."""
    if isinstance(leaf, Regex):
        return repr(leaf.pattern)
    return repr("".join(piece.value if isinstance(piece, Wild) else piece for piece in pattern_of(leaf)))


def _mapped(leaf: Predicate, context: Context) -> Predicate:
    table = context.maps[context.cell.argument]
    found = dict.fromkeys(target for source, target in table.items() if holds(leaf, source))
    if not isinstance(leaf, Equals | Like | Regex):
        raise Lost(
            "derived-field", f"{type(leaf).__name__.lower()} on values that the target writes otherwise"
        )
    return disjunction(_word(leaf, target, context) for target in found)


def _word(leaf: Predicate, text: str, context: Context) -> Equals:
    """The log's word, of which the log alone chooses the case; but names of accounts differ by their case,
    where the system is not Windows."""
    names = {named_account(ecs) for ecs in leaf_fields(leaf)}
    free = context.record.os != "windows" and names.isdisjoint(leaf_fields(leaf))
    return Equals(context.cell.field, text, ignore_case=not free, pos=leaf.pos)
