r"""The Windows registry as targets write it.

registry.path : "HKLM\\Software\\*"  or  "\\REGISTRY\\MACHINE\\Software\\*"
    ->  TargetObject : "HKLM\\Software\\*"                          (`TargetObject|hive(short)`)
    ->  RegistryPath : "HKEY_LOCAL_MACHINE\\Software\\*"            (`RegistryPath|hive(long)`)
registry.data.strings : "1"  or  "0x00000001"
    ->  Details : "DWORD (0x00000001)"                              (`Details|number(dword)`)
    ->  RegistryValueData : "1"                                     (`RegistryValueData|number(decimal)`)
"""

from __future__ import annotations

import dataclasses
import re

from converter.ir.predicate import Equals, Like, Predicate, Regex, Wild
from converter.ir.rewrite import disjunction
from converter.late import late
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.same import same
from converter.lowering.fidelity import Fidelity
from converter.lowering.recognise import holds
from converter.regex import examples, parse_regex

_HIVES = {"machine": ("HKLM", "HKEY_LOCAL_MACHINE"), "user": ("HKU", "HKEY_USERS")}
_PREFIX = late(
    r"^(?:(?:\\registry\\)?(?P<kernel>machine|user)|(?P<machine>hklm|hkey_local_machine)"
    r"|(?P<user>hku|hkey_users))(?P<rest>\\.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = late(r"^(?:0x[0-9a-f]{8}|0|[1-9][0-9]{0,9})$", re.IGNORECASE)


def hive(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The path with its hive under the target's name. Raises Lost for expressions that name a hive."""
    style = context.cell.argument
    if isinstance(leaf, Equals) and isinstance(leaf.value, str):
        return same(dataclasses.replace(leaf, value=named(leaf.value, style)), context)
    if isinstance(leaf, Like) and isinstance(leaf.pattern[0], str):
        first = named(leaf.pattern[0], style)
        return same(dataclasses.replace(leaf, pattern=(first, *leaf.pattern[1:])), context)
    if isinstance(leaf, Like) and len(leaf.pattern) > 1 and (anywhere := _anywhere(leaf, style)) is not None:
        message = "behind a wildcard the name of a hive, which is the target's own as well as part of a path"
        found = disjunction(dataclasses.replace(one, field=context.cell.field) for one in (anywhere, leaf))
        return Approximation(found, Fidelity.WIDER, "registry-hive", message)
    if isinstance(leaf, Regex) and re.search(r"hk|hive|registry|machine", leaf.pattern, re.IGNORECASE):
        raise Lost("registry-hive", "a regular expression over the hive, which the target names otherwise")
    return same(leaf, context)


def _anywhere(leaf: Like, style: str) -> Like | None:
    r"""Of `*MACHINE\SOFTWARE\x`, where the wildcard is the start of a hive's name, the path with the hive as
    the target names it; None where no hive is named."""
    first, second, *rest = leaf.pattern
    if first is not Wild.ANY or not isinstance(second, str):
        return None
    path = second.removeprefix("\\")
    return dataclasses.replace(leaf, pattern=(named(path, style), *rest)) if _PREFIX.match(path) else None


def named(path: str, style: str) -> str:
    """The path with its hive as Sysmon (short) or Defender (long) names it; other paths as they are."""
    match = _PREFIX.match(path)
    if match is None:
        return path
    kind = (match["kernel"] or ("machine" if match["machine"] else "user")).lower()
    return _HIVES[kind][style == "long"] + match["rest"]


def number(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """A number as the target writes registry data; other texts as they are.

    An expression that takes some numbers as Elastic writes them may take others as the target does.
    """
    if isinstance(leaf, Equals):
        return same(dataclasses.replace(leaf, value=written(str(leaf.value), context.cell.argument)), context)
    found = same(leaf, context)
    if not isinstance(leaf, Like | Regex) or isinstance(found, Approximation):
        return found
    tried = _tried(leaf)
    asked = [[bool(holds(leaf, text)) for text in (str(value), f"0x{value:08x}")] for value in tried]
    told = [bool(holds(found, written(str(value), context.cell.argument))) for value in tried]
    missed = any(any(wanted) and not got for wanted, got in zip(asked, told, strict=True))
    taken = any(got and not all(wanted) for wanted, got in zip(asked, told, strict=True))
    if not missed and not taken:
        return found
    message = f"numbers in {context.cell.field}, which are written otherwise there"
    direction = Fidelity.NARROWER if missed else Fidelity.WIDER
    return Approximation(found, direction, "registry-number", message, both=missed and taken)


def _tried(leaf: Like | Regex) -> list[int]:
    """Numbers that are likely in the registry, and those that the expression spells."""
    if isinstance(leaf, Regex):
        texts = examples(parse_regex(leaf.pattern, leaf.dialect))
    else:
        fills = ({Wild.ANY: some, Wild.ONE: one} for some, one in (("", "0"), ("0", "1"), ("00", "1")))
        texts = [
            "".join(piece if isinstance(piece, str) else fill[piece] for piece in leaf.pattern)
            for fill in fills
        ]
    spelled = [int(text, 0) for text in texts if _NUMBER.match(text)]
    return [*range(17), 255, 1024, 0xFFFFFFFF, *(value for value in spelled if value <= 0xFFFFFFFF)]


def written(text: str, style: str) -> str:
    """A decimal or hexadecimal number in the style; other texts as they are."""
    if not _NUMBER.match(text):
        return text
    value = int(text, 16) if text.lower().startswith("0x") else int(text)
    if value > 0xFFFFFFFF:
        return text
    return f"DWORD (0x{value:08x})" if style == "dword" else str(value)
