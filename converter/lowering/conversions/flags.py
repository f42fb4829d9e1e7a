r"""`NewUacValue|flags(account_control)`: the log has a hexadecimal number, Elastic its bits' names.

    NewUACList : "USER_DONT_REQUIRE_PREAUTH"   ->  NewUacValue matches (?i)^0x[0-9a-f]*[13579bdf][0-9a-f]{4}$

The map has the bit of each name. Source: elastic/beats, winlogbeat's `security_standard.yml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converter.ir.predicate import Exists, Predicate, Regex
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Context, Lost
from converter.lowering.recognise import holds

_DIGIT = "[0-9a-f]"


def flags(leaf: Predicate, context: Context) -> Predicate:
    """That a bit is set whose name the leaf takes. Raises Lost where it takes no known name."""
    if isinstance(leaf, Exists):
        return Regex(context.cell.field, r"^0x0*[1-9a-f]", "pcre", ignore_case=True, pos=leaf.pos)
    bits = [bit for name, bit in context.maps[context.cell.argument].items() if holds(leaf, name)]
    if not bits:
        raise Lost("unmapped-value", f"{context.cell.field} has no bit of such a name")
    patterns = dict.fromkeys(set_in(int(bit, 16)) for bit in bits)
    name = context.cell.field
    return disjunction([Regex(name, one, "pcre", ignore_case=True, pos=leaf.pos) for one in patterns])


def set_in(bit: int) -> str:
    """The hexadecimal numbers in which the bit is set.

    >>> set_in(0x200)
    '^0x[0-9a-f]*[2367abef][0-9a-f]{2}$'
    """
    place, within = divmod(bit.bit_length() - 1, 4)
    digits = "".join(f"{digit:x}" for digit in range(16) if digit >> within & 1)
    rest = f"{_DIGIT}{{{place}}}" if place else ""
    return f"^0x{_DIGIT}*[{digits}]{rest}$"


def number_of(names: Iterable[str], bits: Mapping[str, str]) -> str:
    """The number in which just the bits of these names are set.

    >>> number_of(["a", "c"], {"a": "0x1", "b": "0x2", "c": "0x10"})
    '0x11'
    """
    return hex(sum({int(bits[name], 16) for name in names if name in bits}))
