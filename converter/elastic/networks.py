"""Networks as rules write them: of `10.1.2.3/8` Elasticsearch ignores the bits of the host."""

from __future__ import annotations

import ipaddress

from converter.ir import Cidr
from converter.source import Position, QuerySyntaxError


def in_network(field: str, block: str, position: Position | None) -> Cidr:
    """The field's address lies in the network. Raises QuerySyntaxError for what is no network.

    addr, "10.1.2.3/8"  ->  addr in 10.0.0.0/8
    """
    network = without_host(block.strip())
    if network is None:
        raise QuerySyntaxError(f"'{block}' is not a CIDR block", position)
    return Cidr(field, network, pos=position)


def without_host(block: str) -> str | None:
    """The network without the bits of a host; None for what is none."""
    try:
        return str(ipaddress.ip_network(block, strict=False))
    except ValueError:
        return None
