"""Events per second for each language's evaluator: one rule of each kind over 100,000 process events."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from converter.evaluate.languages import compile_query

EVENTS = 100_000
SIGMA = """
title: Benchmark
logsource: {category: process_creation, product: windows}
detection:
    selection:
        Image|endswith: ['\\whoami.exe', '\\net.exe', '\\cmd.exe']
        CommandLine|contains: ['/priv', ' user ']
    condition: selection
"""
SEQUENCE = """
title: First
id: 8e9d3c0e-0f4c-4d51-9d55-21b1fa9d6c01
name: first
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\net.exe'}, condition: selection}
---
title: Second
id: 8e9d3c0e-0f4c-4d51-9d55-21b1fa9d6c02
name: second
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
---
title: Both
id: 8e9d3c0e-0f4c-4d51-9d55-21b1fa9d6c03
correlation: {type: temporal_ordered, rules: [first, second], group-by: [Computer], timespan: 5s}
"""
_CONDITION = '(process.name : ("whoami.exe", "net.exe") and process.command_line : "*/priv*")'
QUERIES = {
    "EQL event": ("eql", f"process where {_CONDITION}"),
    "EQL sequence": (
        "eql",
        'sequence by host.id with maxspan=5s [process where process.name : "net.exe"]'
        ' [process where process.name : "whoami.exe"]',
    ),
    "kuery": ("kuery", 'process.name: ("whoami.exe" or "net.exe") and process.command_line: *priv*'),
    "Sigma rule": ("sigma", SIGMA),
    "Sigma correlation": ("sigma", SEQUENCE),
    "SPL search": (
        "spl",
        'EventCode=1 Image IN ("*\\\\whoami.exe", "*\\\\net.exe") CommandLine IN ("*/priv*", "* user *")',
    ),
    "SPL stats": ("spl", "EventCode=1 | stats count by Image | where count > 10"),
    "KQL where": (
        "kql",
        'T | where Image endswith @"\\whoami.exe" or Image endswith @"\\net.exe"'
        ' | where CommandLine contains "/priv"',
    ),
    "KQL summarize": ("kql", "T | summarize n = count() by Image | where n > 10"),
}


def events() -> list[dict[str, Any]]:
    """Process starts with the fields of ECS and of Sysmon, one in fifty of interest."""
    names = ["svchost.exe", "chrome.exe", "explorer.exe", "net.exe", "whoami.exe"]
    made = []
    for number in range(EVENTS):
        name = names[3 + number % 2] if number % 50 == 0 else names[number % 3]
        path = f"C:\\Windows\\System32\\{name}"
        line = f'"{path}" /priv {number}' if number % 100 == 0 else f'"{path}" -k {number}'
        made.append(
            {
                "@timestamp": 1_700_000_000_000 + number * 100,
                "_time": 1_700_000_000 + number / 10,
                "event.category": "process",
                "host.id": f"h{number % 20}",
                "process.name": name,
                "process.command_line": line,
                "EventCode": "1",
                "Computer": f"h{number % 20}",
                "Image": path,
                "CommandLine": line,
            }
        )
    return made


def measure(language: str, text: str, data: Sequence[dict[str, Any]]) -> float:
    """Events a second, best of three runs of one compiled query."""
    query = compile_query(language, text)
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        query.run(data)
        best = max(best, len(data) / (time.perf_counter() - start))
    return best


def main() -> None:
    """Prints a line for each query."""
    data = events()
    for name, (language, text) in QUERIES.items():
        print(f"{name:20} {measure(language, text, data):12,.0f} events/s")


if __name__ == "__main__":
    main()
