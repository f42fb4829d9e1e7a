"""Which fields depend on each other: what one fact of the world is written to.

A program's path, name, arguments and command line; a file's path and its parts; a registry path; an account.
An event whose group contradicts itself can't exist: a group is solved, changed and left out as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from converter.elastic.types import parent_field
from converter.ir import Nested, Predicate

Values = dict[str, Any]
_IMAGE = re.compile(
    r"^(?P<prefix>(?:.*\.)?process(?:\.\w+)*?)\.(?P<part>name|executable|args|command_line|args_count)$"
)
PATHS: Mapping[str, Mapping[str, str]] = {
    "file": {"name": "file.name", "extension": "file.extension", "directory": "file.directory"},
    "file.Ext.original": {"name": "file.Ext.original.name", "extension": "file.Ext.original.extension"},
    "dll": {"name": "dll.name"},
    "registry": {"hive": "registry.hive", "key": "registry.key", "value": "registry.value"},
}
WHOLES: Mapping[str, str] = {"image": "executable", "path": "path"}
"""By the kind of group, the part that is the whole path."""
_SAME = (("process.Ext.token.integrity_level_name", "winlog.event_data.IntegrityLevel"),)
"""Fields in which different products write the same fact."""
HOST = ("host.id", "host.name", "host.hostname", "agent.id", "winlog.computer_name")
"""Fields that say which machine it was."""
ARRAYS = frozenset(
    {
        "event.category",
        "event.type",
        "host.ip",
        "registry.data.strings",
        "related.user",
        "tags",
        "kibana.alert.rule.tags",
        "signal.rule.tags",
        "process.env_vars",
    }
)
"""Fields that hold several values."""
ONE_ELEMENT = frozenset({"registry.data.strings", "related.user"})
"""Arrays that hold one value but for events of their own: REG_MULTI_SZ, of which other logs keep no text; a
login as somebody else."""


class Group(NamedTuple):
    """A group of fields: its kind, and which one of that kind."""

    kind: str
    name: str


@lru_cache(maxsize=4096)
def base_field(name: str) -> str:
    """The field that holds the values: the parent of a multi-field."""
    return parent_field(name) or name


def field_of(leaf: Predicate) -> str | None:
    """The one field that a leaf asks, if it asks one; of the objects of an array, the array's."""
    name = leaf.path if isinstance(leaf, Nested) else getattr(leaf, "field", None)
    return base_field(name) if isinstance(name, str) else None


@lru_cache(maxsize=8192)
def group_of(field: str) -> Group:
    """The group of a field; a field that depends on no other is one by itself."""
    field = base_field(field)
    image = _IMAGE.match(field)
    if image is not None:
        return Group("image", image["prefix"])
    for prefix, parts in PATHS.items():
        if field == f"{prefix}.path" or field in parts.values():
            return Group("path", prefix)
    if field in ("user.name", "user.domain", "user.id"):
        return Group("account", "user")
    for same in _SAME:
        if field in same:
            return Group("same", same[0])
    return Group("field", field)


@lru_cache(maxsize=8192)
def fields_of_group(group: Group) -> tuple[str, ...]:
    """All fields that are set, or missing, together."""
    if group.kind == "image":
        return tuple(
            f"{group.name}.{part}" for part in ("name", "executable", "args", "command_line", "args_count")
        )
    if group.kind == "path":
        return (f"{group.name}.path", *PATHS[group.name].values())
    if group.kind == "account":
        return ("user.name", "user.domain", "user.id")
    if group.kind == "same":
        return next(same for same in _SAME if same[0] == group.name)
    return (group.name,)
