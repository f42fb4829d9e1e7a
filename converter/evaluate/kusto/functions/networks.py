"""IP addresses: parsing, masks, comparison, ranges, search in text.

Source: "IPv4/IPv6 functions" in the KQL reference. An address may carry a prefix (`/24`); comparisons use the
shortest prefix that either side or the call gives. IPv4 in IPv6 functions is `::ffff:a.b.c.d`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from converter.evaluate.kusto import values
from converter.evaluate.kusto.functions.registry import function
from converter.late import late

_QUAD = late(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:/(\d{1,2}))?")
Address = tuple[int, int]
"""The number of an address and the length of its prefix."""


@lru_cache(maxsize=4096)
def _ipv4(text: str) -> Address | None:
    match = _QUAD.fullmatch(text.strip())
    if match is None:
        return None
    octets = [int(part) for part in match.groups()[:4]]
    prefix = int(match[5]) if match[5] is not None else 32
    if max(octets) > 255 or prefix > 32:
        return None
    return int.from_bytes(bytes(octets), "big"), prefix


@lru_cache(maxsize=4096)
def _ipv6(text: str) -> Address | None:
    """An IPv6 address, or an IPv4 one mapped into IPv6 with its prefix counted from 96."""
    text = text.strip()
    quad = _ipv4(text)
    if quad is not None:
        return quad[0] | 0xFFFF << 32, quad[1] + 96
    head, slash, suffix = text.partition("/")
    try:
        address = int(ipaddress.IPv6Address(head.partition("%")[0]))
    except ValueError:
        return None
    if slash and not suffix.isdigit():
        return None
    prefix = int(suffix) if slash else 128
    if "." in head:
        address = address & 0xFFFFFFFF | 0xFFFF << 32
        prefix = prefix + 96 if slash and prefix <= 32 else prefix
    return (address, prefix) if prefix <= 128 else None


def _masked(address: int, prefix: int, bits: int) -> int:
    return address >> (bits - prefix) << (bits - prefix)


def _compare(one: Address | None, other: Address | None, prefix: int, bits: int) -> int | None:
    if one is None or other is None or not 0 <= prefix <= bits:
        return None
    shortest = min(one[1], other[1], prefix)
    left, right = _masked(one[0], shortest, bits), _masked(other[0], shortest, bits)
    return (left > right) - (left < right)


@function("ipv4_compare", "string, string, [long] -> long")
def ipv4_compare(one: str, other: str, prefix: int = 32) -> int | None:
    return _compare(_ipv4(one), _ipv4(other), prefix, 32)


@function("ipv4_is_match", "string, string, [long] -> bool")
def ipv4_is_match(one: str, other: str, prefix: int = 32) -> bool | None:
    order = ipv4_compare(one, other, prefix)
    return None if order is None else order == 0


@function("ipv6_compare", "string, string, [long] -> long")
def ipv6_compare(one: str, other: str, prefix: int = 128) -> int | None:
    left, right = _ipv6(one), _ipv6(other)
    if prefix <= 32 and _ipv4(one.strip()) and _ipv4(other.strip()):
        prefix += 96
    return _compare(left, right, prefix, 128)


@function("ipv6_is_match", "string, string, [long] -> bool")
def ipv6_is_match(one: str, other: str, prefix: int = 128) -> bool | None:
    order = ipv6_compare(one, other, prefix)
    return None if order is None else order == 0


def _in_range(one: Address | None, network: Address | None, bits: int) -> bool | None:
    if one is None or network is None:
        return None
    prefix = min(one[1], network[1])
    return _masked(one[0], prefix, bits) == _masked(network[0], prefix, bits)


class NetworkIndex:
    """Networks by the length of their prefix, to look up those that match an address, in order."""

    def __init__(self, networks: Sequence[str], version: int) -> None:
        self._read, self._bits = (_ipv4, 32) if version == 4 else (_ipv6, 128)
        self._networks = [self._read(network) for network in networks]
        self._places: dict[tuple[int, int], list[int]] = {}
        for place, network in enumerate(self._networks):
            if network is not None:
                key = (network[1], _masked(*network, self._bits))
                self._places.setdefault(key, []).append(place)
        self._prefixes = sorted({prefix for prefix, _ in self._places})

    def matches(self, text: str) -> list[int]:
        """The places of the networks that match an address, or a network, by the shorter of both prefixes."""
        address = self._read(text)
        if address is None:
            return []
        if address[1] < self._bits:
            return [n for n, network in enumerate(self._networks) if _in_range(address, network, self._bits)]
        found: list[int] = []
        for prefix in self._prefixes:
            found += self._places.get((prefix, _masked(address[0], prefix, self._bits)), ())
        return sorted(found)


@function("ipv4_is_in_range", "string, string -> bool")
def ipv4_is_in_range(one: str, network: str) -> bool | None:
    return _in_range(_ipv4(one), _ipv4(network), 32)


@function("ipv6_is_in_range", "string, string -> bool")
def ipv6_is_in_range(one: str, network: str) -> bool | None:
    return _in_range(_ipv6(one), _ipv6(network), 128)


def _texts(parts: tuple[Any, ...]) -> list[str]:
    """Arguments that are strings or arrays of strings, as one list."""
    flat: list[str] = []
    for part in parts:
        flat.extend(values.to_text(item) for item in (part if isinstance(part, list) else [part]))
    return flat


def _in_any(found: list[bool | None]) -> bool | None:
    return True if True in found else None if not found or None in found else False


@function("ipv4_is_in_any_range", "string, any... -> bool")
def ipv4_is_in_any_range(one: str, *networks: Any) -> bool | None:
    """True where any range holds the address; null where a range, or the address, is none."""
    return _in_any([ipv4_is_in_range(one, network) for network in _texts(networks)])


@function("ipv6_is_in_any_range", "string, any... -> bool")
def ipv6_is_in_any_range(one: str, *networks: Any) -> bool | None:
    return _in_any([ipv6_is_in_range(one, network) for network in _texts(networks)])


@function("ipv4_is_private", "string -> bool")
def ipv4_is_private(one: str) -> bool | None:
    return _in_any([ipv4_is_in_range(one, net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")])


@function("ipv4_netmask_suffix", "string -> long")
def ipv4_netmask_suffix(one: str) -> int | None:
    address = _ipv4(one)
    return None if address is None else address[1]


@function("ipv4_range_to_cidr_list", "string, string -> dynamic")
def ipv4_range_to_cidr_list(start: str, end: str) -> list[str] | None:
    first, last = _ipv4(start), _ipv4(end)
    if first is None or last is None or first[0] > last[0]:
        return None
    networks = ipaddress.summarize_address_range(
        ipaddress.IPv4Address(first[0]), ipaddress.IPv4Address(last[0])
    )
    return [str(network) for network in networks]


@function("parse_ipv4", "string -> long")
def parse_ipv4(one: str) -> int | None:
    address = _ipv4(one)
    return None if address is None else _masked(*address, 32)


@function("parse_ipv4_mask", "string, long -> long")
def parse_ipv4_mask(one: str, prefix: int) -> int | None:
    address = _ipv4(one)
    return (
        None if address is None or not 0 <= prefix <= 32 else _masked(address[0], min(address[1], prefix), 32)
    )


def _full(address: int) -> str:
    return ipaddress.IPv6Address(address).exploded


@function("parse_ipv6", "string -> string")
def parse_ipv6(one: str) -> str | None:
    address = _ipv6(one)
    return None if address is None else _full(_masked(*address, 128))


@function("parse_ipv6_mask", "string, long -> string")
def parse_ipv6_mask(one: str, prefix: int) -> str | None:
    address = _ipv6(one)
    if address is None or not 0 <= prefix <= 128:
        return None
    return _full(_masked(address[0], min(address[1], prefix), 128))


def _any_ipv4(value: Any) -> Address | None:
    if isinstance(value, int) and 0 <= value < 1 << 32:
        return value, 32
    return _ipv4(value) if isinstance(value, str) else None


@function("format_ipv4", "any, [long] -> string")
def format_ipv4(one: Any, prefix: int = 32) -> str | None:
    """An address, given as text or number, with its host bits cleared; empty where it is none."""
    address = _any_ipv4(one)
    if address is None or not 0 <= prefix <= 32:
        return None
    return str(ipaddress.IPv4Address(_masked(address[0], min(address[1], prefix), 32)))


@function("format_ipv4_mask", "any, [long] -> string")
def format_ipv4_mask(one: Any, prefix: int = 32) -> str | None:
    address = _any_ipv4(one)
    text = format_ipv4(one, prefix)
    return None if address is None or text is None else f"{text}/{min(address[1], prefix)}"


def _found(text: str, wanted: str, open_end: bool) -> bool:
    before = r"(?<![0-9A-Za-z])"
    after = "" if open_end else r"(?![0-9A-Za-z])"
    return re.search(before + re.escape(wanted) + after, text) is not None


@function("has_ipv4", "string, string -> bool")
def has_ipv4(text: str, wanted: str) -> bool:
    """Whether the address stands in the text, with no letter or digit on either side."""
    return _ipv4(wanted) is not None and _found(text, wanted, open_end=False)


@function("has_ipv4_prefix", "string, string -> bool")
def has_ipv4_prefix(text: str, wanted: str) -> bool:
    """Whether an address that begins so stands in the text; a prefix that is not whole ends with a dot."""
    if _ipv4(wanted) is not None:
        return has_ipv4(text, wanted)
    if not re.fullmatch(r"(\d{1,3}\.){1,3}", wanted):
        return False
    before = r"(?<![0-9A-Za-z])"
    quads: list[str] = re.findall(before + r"\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z])", text)
    return any(quad.startswith(wanted) and _ipv4(quad) is not None for quad in quads)


@function("has_any_ipv4", "string, any... -> bool")
def has_any_ipv4(text: str, *wanted: Any) -> bool:
    return any(has_ipv4(text, address) for address in _texts(wanted))


@function("has_any_ipv4_prefix", "string, any... -> bool")
def has_any_ipv4_prefix(text: str, *wanted: Any) -> bool:
    return any(has_ipv4_prefix(text, prefix) for prefix in _texts(wanted))
