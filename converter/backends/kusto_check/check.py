"""Queries to Node and diagnostics back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from converter.backends.kusto_check.node import HERE, install, program, run
from converter.frozen import dataclass
from converter.source import Position

START_SECONDS = 120
QUERY_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the parser says of one query: a code ("KS142"), "Error" or "Warning", a sentence, the place."""

    code: str
    severity: str
    message: str
    position: Position

    def __str__(self) -> str:
        return f"{self.position}: {self.severity} {self.code}: {self.message}"


def check_queries(queries: Sequence[str], schemas: Mapping[str, Mapping[str, str]]) -> list[list[Diagnostic]]:
    """The diagnostics of each query against tables (name -> column -> Kusto type); none: the query is right.

    Names are compared with their case. ASIM's parsers are declared as functions without arguments, which a
    query may write with or without `()`. One process checks all queries; each different one is checked once.
    Raises SourceError where Node or the parser cannot be run.
    """
    different = list(dict.fromkeys(queries))
    if not different:
        return []
    data = json.dumps({"schemas": schemas, "queries": different})
    command = [*program("node"), str(HERE / "check.js"), str(install())]
    answers = json.loads(run(command, START_SECONDS + QUERY_SECONDS * len(different), data))
    found = dict(zip(different, answers, strict=True))
    return [[_diagnostic(item, query) for item in found[query]] for query in queries]


def _diagnostic(item: Mapping[str, str | int], query: str) -> Diagnostic:
    """The parser counts UTF-16 units from the start of the query."""
    before = query.encode("utf-16-le")[: 2 * int(item["start"])].decode("utf-16-le", "ignore")
    place = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
    return Diagnostic(str(item["code"]), str(item["severity"]), str(item["message"]), place)
