"""Predicates as Sigma detections: named selections and filters, and the condition over them.

    Image : "*\\\\a.exe" and not User : "x"      ->   selection: {Image|endswith: '\\a.exe'}
                                                    filter_main_user: {User: x}
                                                    condition: selection and not 1 of filter_main_*

What an AND of leaves or an OR of such ANDs can say becomes one selection; any other tree is spelled out in
the condition over named parts, so that nothing is ever distributed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from converter.ir.predicate import And, Constant, Not, Or, Predicate
from converter.sigma.value import KEYWORDS, SigmaValue, entry
from converter.source import NotSupportedError

Block: TypeAlias = dict[str, Any] | list[Any]

_SHORT = {
    "Image": "img",
    "ParentImage": "parent",
    "CommandLine": "cli",
    "ParentCommandLine": "parent_cli",
    "OriginalFileName": "original",
    "TargetFilename": "file",
    "TargetObject": "key",
    "Details": "details",
    "User": "user",
    "IntegrityLevel": "integrity",
    "LogonId": "account",
}


def detection(predicate: Predicate) -> dict[str, Any]:
    """The `detection` section. Raises Refused or NotSupportedError for what Sigma cannot say."""
    if isinstance(predicate, Constant):
        raise NotSupportedError("a rule without a condition", predicate.pos, code="sigma-no-condition")
    return _Writer().write(predicate)


class _Writer:
    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}

    def write(self, predicate: Predicate) -> dict[str, Any]:
        items = predicate.items if isinstance(predicate, And) else (predicate,)
        wanted = [item for item in items if not isinstance(item, Not)]
        excluded = [part for item in items if isinstance(item, Not) for part in _alternatives(item.item)]
        conditions = [self._selections(wanted)] if wanted else []
        conditions += self._filters(excluded)
        return {**self.blocks, "condition": " and ".join(filter(None, conditions))}

    def _selections(self, items: Sequence[Predicate]) -> str:
        blocks, others = _merged(items)
        parts = [self._part(item) for item in others]
        if len(blocks) == 1:
            name = "selection" if not others else f"selection_{_label(blocks[0])}"
            self.blocks = {self._fresh(name): blocks[0], **self.blocks}
            return " and ".join([name, *parts])
        for block in blocks:
            self.blocks[self._fresh(f"selection_{_label(block)}")] = block
        return " and ".join([*(["all of selection_*"] if blocks else []), *parts])

    def _filters(self, items: Sequence[Predicate]) -> list[str]:
        conditions: list[str] = []
        named = False
        for block, item in ((_block(item), item) for item in items):
            if block is None:
                conditions.append(f"not {self._part(item)}")
                continue
            self.blocks[self._fresh(f"filter_main_{_label(block)}")] = block
            named = True
        return [*(["not 1 of filter_main_*"] if named else []), *conditions]

    def _part(self, item: Predicate) -> str:
        """A part of the condition: a name, or names in parentheses."""
        block = _block(item)
        if block is not None:
            name = self._fresh(f"part_{_label(block)}")
            self.blocks[name] = block
            return name
        if isinstance(item, Not):
            return f"not {self._part(item.item)}"
        assert isinstance(item, And | Or)
        word = " and " if isinstance(item, And) else " or "
        return "(" + word.join(self._part(part) for part in _grouped(item)) + ")"

    def _fresh(self, name: str) -> str:
        fresh, number = name, 2
        while fresh in self.blocks:
            fresh, number = f"{name}_{number}", number + 1
        return fresh


def _alternatives(item: Predicate) -> tuple[Predicate, ...]:
    """Each alternative of an exclusion is a filter of its own, but a list over one field is one."""
    if isinstance(item, Or) and _block(item, maps=False) is None:
        return _grouped(item)
    return (item,)


def _grouped(item: And | Or) -> tuple[Predicate, ...]:
    """The items, those leaves of an Or brought together that are one list over one field."""
    if isinstance(item, And):
        return item.items
    lists: dict[str, list[Predicate]] = {}
    others: list[Predicate] = []
    for part in item.items:
        if isinstance(part, And | Or | Not):
            others.append(part)
        else:
            lists.setdefault(entry(part)[0], []).append(part)
    grouped: list[Predicate] = [
        leaves[0] if len(leaves) == 1 else Or(tuple(leaves)) for leaves in lists.values()
    ]
    return (*grouped, *others)


def _merged(items: Iterable[Predicate]) -> tuple[list[Block], list[Predicate]]:
    """Items as blocks: single fields share one map as long as their keys differ; the rest is returned."""
    shared: dict[str, Any] = {}
    blocks: list[Block] = []
    others: list[Predicate] = []
    for item in items:
        block = _block(item)
        if block is None:
            others.append(item)
        elif isinstance(block, dict) and not set(block) & set(shared):
            shared.update(block)
        else:
            blocks.append(block)
    return ([shared] if shared else []) + blocks, others


def _block(item: Predicate, maps: bool = True) -> Block | None:
    """The item as one selection: a map, a list of keywords, or (`maps`) a list of maps; None if neither."""
    if isinstance(item, Not | Constant):
        return None
    if isinstance(item, And):
        return _map(item.items)
    if not isinstance(item, Or):
        key, value = entry(item)
        return [value] if key == KEYWORDS else {key: value}
    parts = _grouped(item)
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
    entries = [entry(leaf) for leaf in leaves if not isinstance(leaf, And | Or | Not)]
    if len(entries) < len(leaves) or len({key for key, _ in entries}) > 1:
        return None
    values: list[SigmaValue] = [value for _, value in entries]
    key = entries[0][0]
    return values if key == KEYWORDS else {key: values}


def _map(items: Sequence[Predicate]) -> Block | None:
    """Items with different keys as one map; equal keys with single `contains`-like values become `|all`."""
    found: dict[str, Any] = {}
    for item in items:
        block = _block(item, maps=False)
        if not isinstance(block, dict):
            return None
        for key, value in block.items():
            if key not in found:
                found[key] = value
                continue
            if isinstance(value, list) or "|contains" not in key:
                return None
            if isinstance(found[key], list) and not isinstance(found[key], _All):
                return None
            earlier = found[key] if isinstance(found[key], _All) else [found[key]]
            found[key] = _All([*earlier, value])
    return {(f"{key}|all" if isinstance(value, _All) else key): _plain(value) for key, value in found.items()}


class _All(list[Any]):
    """Values that must all hold."""


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, _All) else value


def _label(block: Block) -> str:
    """What a selection is called after: the short name of its first field."""
    first = block[0] if isinstance(block, list) and block else block
    if not isinstance(first, dict):
        return "keywords"
    name = next(iter(first)).partition("|")[0]
    return _SHORT.get(name) or "".join(char if char.isalnum() else "_" for char in name).strip("_").lower()
