"""One coherent machine for each operating system: what stands around the fields that a rule asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter.events.generate.groups import Group

HOSTS: Mapping[str, Mapping[str, Any]] = {
    "windows": {"host.name": "WKS-FIN-07", "host.os.family": "windows", "host.os.name": "Windows"},
    "linux": {"host.name": "srv-web-03", "host.os.family": "debian", "host.os.name": "Debian"},
    "macos": {"host.name": "mac-dsn-11", "host.os.family": "macos", "host.os.name": "macOS"},
}
COMMON: Mapping[str, Any] = {
    "agent.id": "6c1a0f57-2f0d-4c55-8f0e-0a1f2d4b7c90",
    "agent.type": "endpoint",
    "ecs.version": "8.10.0",
    "event.id": "NqX2dKp8sGr1Lw0b+++++41233",
    "host.id": "3f0c6e0a-5c1e-4a1b-9d6b-6f7a2f0f5b11",
    "host.ip": ["10.20.4.57"],
}
_PROCESS: Mapping[str, Any] = {
    "process.pid": 7316,
    "process.entity_id": "{7e2f1c40-d142-67c6-a50e-000000002d00}",
}
_PARENT: Mapping[str, Any] = {
    "process.parent.pid": 4120,
    "process.parent.entity_id": "{7e2f1c40-d124-67c6-9b0e-000000002d00}",
}
FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "process": {**_PROCESS, **_PARENT},
    "file": _PROCESS,
    "registry": {**_PROCESS, "registry.data.strings": ["contoso"], "registry.data.type": "REG_SZ"},
    "network": {
        **_PROCESS,
        "network.transport": "tcp",
        "network.type": "ipv4",
        "source.ip": "10.20.4.57",
        "source.port": 50123,
        "destination.ip": "203.0.113.9",
        "destination.port": 443,
    },
    "dns": {**_PROCESS, "dns.question.name": "www.example.org"},
    "library": _PROCESS,
}
GROUPS: Mapping[str, tuple[Group, ...]] = {
    "process": (Group("image", "process"), Group("image", "process.parent"), Group("account", "user")),
    "file": (Group("image", "process"), Group("path", "file"), Group("account", "user")),
    "registry": (Group("image", "process"), Group("path", "registry"), Group("account", "user")),
    "network": (Group("image", "process"), Group("account", "user")),
    "dns": (Group("image", "process"), Group("account", "user")),
    "library": (Group("image", "process"), Group("path", "dll"), Group("account", "user")),
}
ABROAD: Mapping[str, tuple[str, ...]] = {
    "host.os.type": ("linux", "windows", "macos"),
    "host.os.family": ("debian", "windows", "macos"),
    "event.category": ("session", "package"),
    "event.type": ("end", "access", "deletion", "info"),
    "event.kind": ("metric", "state"),
    "event.outcome": ("failure", "success"),
    "network.direction": ("internal", "ingress", "egress"),
}
