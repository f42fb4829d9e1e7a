"""Predicates as Sigma detections: named selections and filters, and the condition over them.

    Image : "*\\\\a.exe" and not User : "x"      ->   selection: {Image|endswith: '\\a.exe'}
                                                    filter_main_user: {User: x}
                                                    condition: selection and not 1 of filter_main_*

What an AND of leaves or an OR of such ANDs can say becomes one selection; any other tree is spelled out in
the condition over named parts, so that nothing is ever distributed. The patterns `selection_*` and
`filter_main_*` take all blocks of that name: parts of the condition are called `part_*`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from converter.ir.predicate import And, Constant, Not, Or, Predicate
from converter.ir.rewrite import conjunction, disjunction, negation, simplify
from converter.lowering.fidelity import Refused
from converter.sigma.value import KEYWORDS, SigmaValue, entry
from converter.source import NotSupportedError

Map: TypeAlias = dict[str, Any]
Block: TypeAlias = Map | list[Any]

_SHORT = {
    "Image": "img",
    "ParentImage": "parent",
    "CommandLine": "cli",
    "ParentCommandLine": "parent_cli",
    "OriginalFileName": "original",
    "TargetFilename": "file",
    "TargetObject": "key",
    "ScriptBlockText": "script",
    "IntegrityLevel": "integrity",
    "LogonId": "account",
}
"""What SigmaHQ calls selections over these fields; over all others they are called after the field."""
MAX_DEPTH = 60
"""pySigma's parser of conditions calls itself for each parenthesis, and gives up somewhat deeper."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
_WRAPPERS = frozenset({"winlog", "event_data"})


def detection(predicate: Predicate) -> dict[str, Any]:
    """The `detection` section. Raises Refused or NotSupportedError for what Sigma cannot say."""
    simple = simplify(predicate)
    if isinstance(simple, Constant):
        raise NotSupportedError("a rule without a condition", simple.pos, code="sigma-no-condition")
    return _Writer().write(simple)


class _Writer:
    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}

    def write(self, predicate: Predicate) -> dict[str, Any]:
        items = _conjuncts(predicate)
        wanted = [item for item in items if not isinstance(item, Not)]
        excluded = [item.item for item in items if isinstance(item, Not)]
        conditions = [*self._selections(wanted), *self._filters(excluded)]
        condition = " and ".join(conditions)
        if len(conditions) == 1 and condition.startswith("("):
            condition = condition[1:-1]
        if _depth(condition) > MAX_DEPTH:
            raise Refused.because("sigma-nesting", f"a condition nested more than {MAX_DEPTH} deep")
        return {**self.blocks, "condition": condition}

    def _selections(self, items: Sequence[Predicate]) -> list[str]:
        if len(items) == 1 and (choice := _choice(items[0])):
            for block in choice:
                self._named("selection", block)
            return ["1 of selection_*"]
        blocks, others = _merged(items)
        if len(blocks) == 1 and not others:
            self.blocks["selection"] = blocks[0]
            return ["selection"]
        names = [self._named("selection", block) for block in blocks]
        parts = [self._part(item) for item in others]
        return [*(["all of selection_*"] if len(names) > 1 else names), *parts]

    def _filters(self, items: Sequence[Predicate]) -> list[str]:
        """Exclusions: what fits into a block is a filter; those of one field are one list."""
        names: list[str] = []
        others: list[Predicate] = []
        for item in _grouped(items):
            block = _block(item)
            if block is None:
                others.append(item)
            else:
                names.append(self._named("filter_main", block))
        return [
            *(["not 1 of filter_main_*"] if names else []),
            *(_negated(self._part(item)) for item in others),
        ]

    def _part(self, item: Predicate) -> str:
        """A part of the condition: a name, or names in parentheses."""
        block = _block(item)
        if block is not None:
            return self._named("part", block)
        if isinstance(item, Not):
            return _negated(self._part(item.item))
        assert isinstance(item, And | Or)
        words = self._all_of(item.items) if isinstance(item, And) else self._one_of(item.items)
        if len(words) == 1:
            return words[0]
        return "(" + (" and " if isinstance(item, And) else " or ").join(words) + ")"

    def _all_of(self, items: Sequence[Predicate]) -> list[str]:
        blocks, others = _merged([item for item in items if not isinstance(item, Not)])
        words = [self._named("part", block) for block in blocks] + [self._part(item) for item in others]
        return words + self._none(disjunction(item.item for item in items if isinstance(item, Not)))

    def _one_of(self, items: Sequence[Predicate]) -> list[str]:
        wanted = [item for item in items if not isinstance(item, Not)]
        maps = [item for item in wanted if isinstance(_block(item, maps=False), dict)]
        others = [item for item in wanted if item not in maps]
        words = [self._part(disjunction(maps))] if maps else []
        words += [self._part(item) for item in others]
        return words + self._none(conjunction(item.item for item in items if isinstance(item, Not)))

    def _none(self, item: Predicate) -> list[str]:
        """The negation of what several `not` were brought together to; of no `not` at all, nothing."""
        return [] if isinstance(item, Constant) else [_negated(self._part(item))]

    def _named(self, prefix: str, block: Block) -> str:
        name = f"{prefix}_{_label(block)}".rstrip("_")
        fresh, number = name, 2
        while fresh in self.blocks:
            fresh, number = f"{name}_{number}", number + 1
        self.blocks[fresh] = block
        return fresh


def _depth(condition: str) -> int:
    steps = {"(": 1, ")": -1}
    return max(itertools.accumulate(steps.get(char, 0) for char in condition))


def _negated(condition: str) -> str:
    """Of one word of a condition: a name, a name's negation, or what is in parentheses."""
    return condition.removeprefix("not ") if condition.startswith("not ") else f"not {condition}"


def _conjuncts(predicate: Predicate) -> list[Predicate]:
    """What all must hold; exclusions of several alternatives taken apart, so that none is an Or."""
    found: list[Predicate] = []
    waiting = [predicate]
    while waiting:
        item = waiting.pop()
        if isinstance(item, And):
            waiting.extend(reversed(item.items))
        elif isinstance(item, Not) and isinstance(item.item, Or):
            waiting.extend(negation(part) for part in reversed(item.item.items))
        else:
            found.append(item)
    return found


def _choice(item: Predicate) -> list[Map] | None:
    """The alternatives as selections of their own: maps of which at least one has several fields."""
    block = _block(item)
    if isinstance(block, list) and all(isinstance(part, dict) for part in block):
        return block if max(map(len, block)) > 1 else None
    return None


def _grouped(items: Sequence[Predicate]) -> tuple[Predicate, ...]:
    """Alternatives, those leaves brought together that are one list over one field."""
    lists: dict[str | int, list[Predicate]] = {}
    for number, item in enumerate(items):
        key = number if isinstance(item, And | Or | Not) else entry(item)[0]
        lists.setdefault(key, []).append(item)
    return tuple(leaves[0] if len(leaves) == 1 else Or(tuple(leaves)) for leaves in lists.values())


def _merged(items: Iterable[Predicate]) -> tuple[list[Block], list[Predicate]]:
    """Items as blocks: fields share one map as far as their keys go together; the rest is returned."""
    shared: Map = {}
    blocks: list[Block] = []
    others: list[Predicate] = []
    for item in items:
        block = _block(item)
        if block is None:
            others.append(item)
        elif not (isinstance(block, dict) and _add(shared, block)):
            blocks.append(block)
    return ([_spelled(shared)] if shared else []) + blocks, others


def _block(item: Predicate, maps: bool = True) -> Block | None:
    """The item as one selection: a map, a list of keywords, or (`maps`) a list of maps; None if neither."""
    if isinstance(item, Not | Constant):
        return None
    if isinstance(item, And):
        return _map(item.items)
    if not isinstance(item, Or):
        key, value = entry(item)
        return [value] if key == KEYWORDS else {key: value}
    parts = _grouped(item.items)
    if len(parts) == 1:
        return _list(item.items)
    if not maps:
        return None
    found = [_list(part.items) if isinstance(part, Or) else _block(part, maps=False) for part in parts]
    if any(block is None or isinstance(block, list) for block in found):
        return None
    return found


def _list(leaves: Sequence[Predicate]) -> Block | None:
    """Leaves over one key as a list of values."""
    if any(isinstance(leaf, And | Or | Not | Constant) for leaf in leaves):
        return None
    entries = [entry(leaf) for leaf in leaves]
    key = entries[0][0]
    if any(other != key for other, _ in entries):
        return None
    values = _distinct(key, [value for _, value in entries])
    if key == KEYWORDS:
        return values
    return {key: values if len(values) > 1 else values[0]}


def _distinct(key: str, values: Sequence[SigmaValue]) -> list[SigmaValue]:
    """Each once. Where the key ignores case, values in two cases are one; only ASCII is sure to have case."""
    keeps_case = {"re", "cased"} & set(key.split("|")[1:])
    kept: dict[Any, SigmaValue] = {}
    for value in values:
        same = value.lower() if isinstance(value, str) and value.isascii() and not keeps_case else value
        kept.setdefault((type(value), same), value)
    return list(kept.values())


def _map(items: Sequence[Predicate]) -> Map | None:
    """Items as one map; None where they do not go together."""
    shared: Map = {}
    for item in items:
        block = _block(item, maps=False)
        if not (isinstance(block, dict) and _add(shared, block)):
            return None
    return _spelled(shared)


class _All(list[Any]):
    """Values that must all hold."""


def _add(shared: Map, block: Map) -> bool:
    """Add the block to the map. False, and nothing added, where both have a key that can't take both values.

    Only `contains` takes several that must all hold (`|all`): the validators want it nowhere else.
    """
    for key, value in block.items():
        if key in shared:
            alone = isinstance(shared[key], _All) or not isinstance(shared[key], list)
            if "contains" not in key.split("|")[1:] or isinstance(value, list) or not alone:
                return False
    for key, value in block.items():
        if key in shared:
            earlier = shared[key] if isinstance(shared[key], _All) else [shared[key]]
            shared[key] = _All(_distinct(key, [*earlier, value]))
        else:
            shared[key] = value
    return True


def _spelled(shared: Map) -> Map:
    spelled: Map = {}
    for key, value in shared.items():
        if not isinstance(value, _All):
            spelled[key] = value
        elif len(value) == 1:
            spelled[key] = value[0]
        else:
            spelled[f"{key}|all"] = list(value)
    return spelled


def _label(block: Block) -> str:
    """What a selection is called after: its first field that has a short name, else its first field."""
    first = block[0] if isinstance(block, list) and block else block
    if not isinstance(first, dict):
        return "keywords"
    names = [key.partition("|")[0] for key in first]
    return next((_SHORT[name] for name in names if name in _SHORT), None) or _snake(names[0])


def _snake(name: str) -> str:
    """`SubjectUserName`, `winlog.event_data.SubjectUserName` -> `subject_user_name`; two steps of a path."""
    steps = [step for step in name.split(".") if step not in _WRAPPERS][-2:]
    words = _NO_NAME.split(_CAMEL.sub("_", "_".join(steps)))
    return "_".join(word.lower() for word in words if word)
