r"""`NewUacValue|flags(account_control)`: the log has a hexadecimal number, Elastic its bits' names.

    NewUACList : "USER_DONT_REQUIRE_PREAUTH"   ->  NewUacValue matches (?i)^0x[0-9a-f]*[13579bdf][0-9a-f]{4}$

The map has the bit of each name; a name of several bits is that of a number in which all of them are set.
Source: elastic/beats, winlogbeat's `security_standard.yml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from converter.ir.predicate import Equals, Exists, Like, Predicate, Regex
from converter.ir.rewrite import conjunction, disjunction
from converter.lowering.conversions.base import Context, Lost
from converter.lowering.recognise import holds

_DIGIT = "[0-9a-f]"


def flags(leaf: Predicate, context: Context) -> Predicate:
    """That a bit is set whose name the leaf takes; Elastic writes no name but the map's. Raises Lost for
    comparisons by order."""
    if isinstance(leaf, Exists):
        return Regex(context.cell.field, r"^0x0*[1-9a-f]", "pcre", ignore_case=True, pos=leaf.pos)
    found = [bits for name, bits in context.maps[context.cell.argument].items() if holds(leaf, name)]
    if not found and not isinstance(leaf, Equals | Like | Regex):
        raise Lost("derived-field", f"a comparison of the names of {context.cell.field}'s bits by order")
    return disjunction(_all_set(int(bits, 16), leaf, context) for bits in dict.fromkeys(found))


def _all_set(bits: int, leaf: Predicate, context: Context) -> Predicate:
    """That each of the bits is set."""
    single = (1 << place for place in range(bits.bit_length()) if bits >> place & 1)
    return conjunction(
        Regex(context.cell.field, set_in(bit), "pcre", ignore_case=True, pos=leaf.pos) for bit in single
    )


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

    >>> number_of(["a", "c", "ac"], {"a": "0x1", "b": "0x2", "c": "0x10", "ac": "0x11"})
    '0x11'
    """
    return hex(reduce(or_, (int(bits[name], 16) for name in names if name in bits), 0))
