"""Walking and rewriting predicates; each function is pure and keeps positions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from converter.ir.predicate import (
    FALSE,
    TRUE,
    And,
    AnyField,
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
)
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, IsNull, Logic, Value

_COMPOUND = (And, Or, Not)
_LIST = (And, Or)
_WITHOUT_FIELD = (Constant, AnyField, And, Or, Not)
_ON_ONE_FIELD = (Equals, Like, Regex, Exists, Compare)


def leaves(predicate: Predicate) -> Iterator[Predicate]:
    """All leaves from left to right; a `Nested` is a leaf."""
    stack = [predicate]
    while stack:
        node = stack.pop()
        if isinstance(node, _LIST):
            stack.extend(reversed(node.items))
        elif isinstance(node, Not):
            stack.append(node.item)
        else:
            yield node


def conjuncts(predicate: Predicate) -> tuple[Predicate, ...]:
    """All of which must hold for the predicate to hold: the items of an AND, else the predicate itself."""
    return predicate.items if isinstance(predicate, And) else (predicate,)


def disjuncts(predicate: Predicate) -> tuple[Predicate, ...]:
    """One of which must hold: the items of an OR, else the predicate itself."""
    return predicate.items if isinstance(predicate, Or) else (predicate,)


def fields_of(predicate: Predicate) -> tuple[str, ...]:
    """The names of all fields that the predicate asks, each once, in order of appearance."""
    return tuple(dict.fromkeys(name for leaf in leaves(predicate) for name in leaf_fields(leaf)))


def leaf_fields(leaf: Predicate) -> Iterable[str]:
    """The fields that one leaf asks; none for a constant or a bare value."""
    if isinstance(leaf, _ON_ONE_FIELD):
        return (leaf.field,)
    if isinstance(leaf, Script):
        return value_fields(leaf.expression)
    if isinstance(leaf, Nested):
        return fields_of(leaf.item)
    if isinstance(leaf, _WITHOUT_FIELD):
        return ()
    return (leaf.field,)


def present_in(predicate: Predicate) -> frozenset[str]:
    """The fields that every event has which the predicate takes."""
    match predicate:
        case And(items=items):
            return frozenset().union(*map(present_in, items))
        case Or(items=items):
            return frozenset.intersection(*map(present_in, items))
        case Equals() | Like() | Regex() | Exists() | Compare():
            return frozenset({predicate.field})
    return frozenset()


def value_conjuncts(condition: Value) -> Iterator[Value]:
    """All of which must be true for the condition to be true, however the ANDs are nested."""
    if isinstance(condition, Logic) and condition.op == "and":
        for item in condition.items:
            yield from value_conjuncts(item)
    else:
        yield condition


def sub_values(value: Value) -> Iterator[Value]:
    """An expression and all that it is made of, each before its own parts, from left to right."""
    stack = [value]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Call):
            stack.extend(reversed(node.arguments))
        elif isinstance(node, Logic):
            stack.extend(reversed(node.items))
        elif isinstance(node, Arithmetic | Comparison):
            stack.extend((node.right, node.left))
        elif isinstance(node, IsNull):
            stack.append(node.item)


def value_fields(value: Value) -> Iterator[str]:
    """The fields that an expression reads, in order, repeated where it repeats them."""
    for node in sub_values(value):
        if isinstance(node, FieldValue):
            yield node.name
        elif isinstance(node, Holds):
            yield from fields_of(node.predicate)


def map_leaves(predicate: Predicate, change: Callable[[Predicate], Predicate]) -> Predicate:
    """The same tree with each leaf replaced; the result is simplified.

    >>> map_leaves(Not(Exists("a")), lambda leaf: FALSE)
    Constant(value=True)
    """
    if isinstance(predicate, And):
        return conjunction((map_leaves(item, change) for item in predicate.items), predicate)
    if isinstance(predicate, Or):
        return disjunction((map_leaves(item, change) for item in predicate.items), predicate)
    if isinstance(predicate, Not):
        return negation(map_leaves(predicate.item, change), predicate)
    return change(predicate)


def decided(predicate: Predicate, known: Callable[[Predicate], bool | None]) -> bool | None:
    """What the predicate comes to where `known` says what some leaves do; None where the others decide.

    >>> decided(And((Exists("a"), Exists("b"))), lambda leaf: False if leaf == Exists("a") else None)
    False
    """
    if isinstance(predicate, _LIST):
        absorbing = isinstance(predicate, Or)
        open_ = False
        for item in predicate.items:
            found = decided(item, known)
            if found is absorbing:
                return absorbing
            open_ = open_ or found is None
        return None if open_ else not absorbing
    if isinstance(predicate, Not):
        found = decided(predicate.item, known)
        return None if found is None else not found
    return predicate.value if isinstance(predicate, Constant) else known(predicate)


def conjunction(items: Iterable[Predicate], origin: And | None = None) -> Predicate:
    """`And` of the items, flattened, without duplicates and constants; TRUE where nothing is left."""
    kept = _flatten(items, And, absorbing=False)
    if kept is None:
        return FALSE
    if len(kept) < 2:
        return kept[0] if kept else TRUE
    return And(tuple(kept), pos=origin.pos if origin else None)


def disjunction(items: Iterable[Predicate], origin: Or | None = None) -> Predicate:
    """`Or` of the items, flattened, without duplicates and constants; FALSE where nothing is left."""
    kept = _flatten(items, Or, absorbing=True)
    if kept is None:
        return TRUE
    if len(kept) < 2:
        return kept[0] if kept else FALSE
    return Or(tuple(kept), pos=origin.pos if origin else None)


def negation(item: Predicate, origin: Not | None = None) -> Predicate:
    """The complement: constants turned over, a double negation taken away."""
    if isinstance(item, Constant):
        return dataclasses.replace(item, value=not item.value)
    if isinstance(item, Not):
        return item.item
    return Not(item, pos=origin.pos if origin else None)


def simplify(predicate: Predicate) -> Predicate:
    """The same predicate without constants, duplicates and needless nesting."""
    return map_leaves(predicate, lambda leaf: leaf)


def _flatten(
    items: Iterable[Predicate], kind: type[And] | type[Or], absorbing: bool
) -> list[Predicate] | None:
    """The items without neutral constants, duplicates and what another absorbs (`x or (x and y)` is `x`);
    None where an absorbing constant is among them, or an item and its complement."""
    kept: dict[Predicate, None] = {}
    for item in items:
        if isinstance(item, Constant):
            if item.value is absorbing:
                return None
        elif isinstance(item, kind):
            kept.update(dict.fromkeys(item.items))
        else:
            kept.setdefault(item)
    if not any(isinstance(item, _COMPOUND) for item in kept):
        return list(kept)
    denied = {item.item for item in kept if isinstance(item, Not)}
    if not denied.isdisjoint(kept):
        return None
    other: type[And] | type[Or] = And if kind is Or else Or
    parts = {id(item): frozenset(item.items) for item in kept if isinstance(item, other)}
    settled = [
        _without_complements(item, parts[id(item)], kept, denied) if isinstance(item, other) else item
        for item in kept
    ]
    if any(item is not before for item, before in zip(settled, kept, strict=True)):
        return _flatten(settled, kind, absorbing)
    return _unabsorbed(settled, parts)


def _without_complements(
    item: And | Or, parts: Set[Predicate], beside: Mapping[Predicate, None], denied: Set[Predicate]
) -> Predicate:
    """What is left of `not x and y` beside an alternative `x`: there `y` says as much. `parts` are its items;
    `denied`: what the alternatives deny."""
    needless = [part for part in item.items if isinstance(part, Not) and part.item in beside]
    if not needless and parts.isdisjoint(denied):
        return item
    left = [part for part in item.items if part not in (needless if isinstance(part, Not) else denied)]
    if len(left) == len(item.items):
        return item
    return conjunction(left, item) if isinstance(item, And) else disjunction(left, item)


def _unabsorbed(items: list[Predicate], parts: Mapping[int, frozenset[Predicate]]) -> list[Predicate]:
    """The items without those of the other kind, which have these `parts`, that hold all that another item
    does."""
    if not parts or len(items) < 2:
        return items
    single = frozenset(item for item in items if id(item) not in parts)
    return [
        item
        for item in items
        if (mine := parts.get(id(item))) is None
        or (mine.isdisjoint(single) and not any(theirs < mine for theirs in parts.values()))
    ]
